"""410 to a question about one object: it is gone, and the place in the feed is not."""

from __future__ import annotations

import pytest

from access import Principal
from connectors.interface import PartUnavailable, SourceUnavailable
from connectors.sharepoint.principals import group
from corpus import Failed, Page, Reacl
from simulator.sharepoint.ids import object_id
from tests.connectors.sharepoint.there import There, changes, documents, settled


def _gone(there: There, endpoint: str, match: str = "") -> None:
    there.fault("server_error", endpoint=endpoint, match=match, status=410, times=None)


def _locked(there: There, name: str) -> str:
    """A document with role assignments of its own; what asks for them has this in its path."""
    there.state.break_inheritance(target=there.made[name], copy=True)
    return f"items/{there.state.items[there.made[name]].number}/roleassignments"


def _unknown(pages: list[Page]) -> set[str]:
    told = {c.document_id: c.access for c in changes(pages) if isinstance(c, Reacl)}
    told |= {id: document.access for id, document in documents(pages).items()}
    return {id for id, access in told.items() if not access.known}


@pytest.mark.parametrize("name", ["notes.md", "risk"])
def test_role_assignments_that_are_gone_are_unknown(there: There, name: str) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    path = _locked(there, name)
    if name == "risk":
        there.state.edit(item=there.made["risk"], fields={"Title": "Flood again"})
    _gone(there, "rest.item.roles", path)
    pages = there.read(connector, cursor)
    assert _unknown(pages) == {there.made[name]}
    assert not pages[-1].compare
    assert len(changes(pages)) == 1
    assert there.running.world.faults.struck("server_error")
    pages = list(connector.permissions(there.container(connector), None))
    told = {c.document_id: c.access for p in pages for c in p.changes if isinstance(c, Reacl)}
    assert [id for id, access in told.items() if not access.known] == [there.made[name]]
    assert len(told) == 7


def test_role_assignments_of_a_library_that_are_gone_lose_no_place(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.break_inheritance(target=there.made["library"], copy=True)
    _gone(there, "rest.list.roles", there.made["library"])
    pages = there.read(connector, cursor)
    assert not pages[-1].compare
    assert not documents(pages)
    key = f"list/{there.made['library']}"
    told = {clause.key: clause for page in pages for clause in page.clauses}
    assert not told[key].known
    # Who reads its files is told when it is known again.
    there.running.world.faults.clear()
    pages = there.read(connector, settled(pages))
    there.state.edit(item=there.made["notes.md"], text="more")
    pages = there.read(connector, settled(pages))
    assert not _unknown(pages)


def test_a_body_that_is_gone_is_one_that_failed(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.edit(item=there.made["notes.md"], text="more")
    there.state.edit(item=there.made["plan.docx"], text="more")
    _gone(there, "items.content", there.made["notes.md"])
    pages = there.read(connector, cursor)
    failed = {c.document_id for c in changes(pages) if isinstance(c, Failed)}
    assert failed == {there.made["notes.md"]}
    assert documents(pages).keys() == {there.made["plan.docx"]}
    assert not pages[-1].compare


def test_rows_that_are_gone_are_a_part_that_refuses(there: There) -> None:
    """Its change log told of them, and its place stays before that."""
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.edit(item=there.made["risk"], fields={"Title": "Flood again"})
    _gone(there, "rest.items", there.made["list"])
    read: list[Page] = []
    with pytest.raises(PartUnavailable, match="HTTP 410"):
        for page in connector.changes(there.container(connector), cursor, there.known):
            read.append(page)
    assert not read[-1].compare
    assert not read[-1].cursor.doubted
    there.running.world.faults.clear()
    assert documents(there.read(connector, settled(read))).keys() == {there.made["risk"]}


def test_a_site_that_is_gone_loses_no_place(there: There) -> None:
    connector = there.connector()
    container = there.container(connector)
    cursor = settled(there.read(connector))
    _gone(there, "rest.lists")
    with pytest.raises(SourceUnavailable, match="a site can't be read"):
        list(connector.changes(container, cursor, there.known))


def test_a_group_that_is_gone_is_unknown(there: There) -> None:
    inner = group(object_id("group", "inner"))
    connector = there.connector()

    def told() -> dict[Principal, frozenset[Principal] | None]:
        return {
            name: held for page in connector.memberships() for name, held in page.groups.items()
        }

    before = told()
    assert before[inner]
    _gone(there, "groups.members", object_id("group", "inner"))
    assert told() == before | {inner: None}
