"""What no change log tells of: settings of a list, and whether its root was only named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from access import AccessControl, Grant
from connectors.sharepoint.principals import user
from corpus import Page, Reacl, Upsert
from simulator.sharepoint.ids import object_id
from tests.connectors.sharepoint.there import There, changes, documents, settled


def _names(access: AccessControl, person: str) -> bool:
    """Whether each clause names the person themselves."""
    grant = Grant(user(object_id("person", person)))
    return all(clause.grants is not None and grant in clause.grants for clause in access.clauses)


def _told(pages: Sequence[Page]) -> dict[str, AccessControl]:
    """What was told last of each document's readers."""
    told: dict[str, AccessControl] = {}
    for change in changes(pages):
        if isinstance(change, Reacl):
            told[change.document_id] = change.access
        elif isinstance(change, Upsert):
            told[change.document.id] = change.document.access
    return told


def test_a_root_that_is_named_with_every_change_costs_no_listing(there: There) -> None:
    costs = []
    for more in (0, 150):
        for number in range(more):
            there.state.create_file(
                parent=there.made["inner"], name=f"{number}.txt", author="ana", text="t"
            )
        there.state.name_above("root")
        connector = there.connector()
        cursor = there.read(connector)[-1].cursor
        for text in ("one", "two", "three"):
            there.state.edit(item=there.made["notes.md"], text=f"{text} {more}")
            pages = there.read(connector, cursor)
            cursor = pages[-1].cursor
            found = documents(pages)
        assert found.keys() == {there.made["notes.md"]}
        assert len(changes(pages)) == 1
        costs.append(there.asked())
    assert costs[0] == costs[1]
    assert costs[0]["items.delta"] == 2  # each library's changes, and no listing


def test_a_root_that_is_named_tells_its_clauses(there: There) -> None:
    there.state.name_above("root")
    there.state.set_up_list(list=there.made["library"], moderated=True, drafts=2)
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    there.state.edit(item=there.made["notes.md"], text="one")
    pages = there.read(connector, cursor)
    there.state.edit(item=there.made["notes.md"], text="two")
    pages = there.read(connector, pages[-1].cursor)
    list_id = there.state.listing(there.made["library"]).id
    told = {clause.key: clause for page in pages for clause in page.clauses}
    assert told.keys() == {f"list/{list_id}", f"list/{list_id}/approvers"}
    assert all(clause.known for clause in told.values())


def test_a_root_whose_permissions_can_not_be_read_is_never_as_it_was(there: There) -> None:
    there.state.name_above("root")
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    there.fault("forbidden", endpoint="rest.list.roles", times=None)
    for text in ("one", "two"):
        there.state.edit(item=there.made["notes.md"], text=text)
        pages = there.read(connector, cursor)
        cursor = pages[-1].cursor
        looked = {change.document_id for change in changes(pages) if isinstance(change, Reacl)}
        assert there.made["plan.docx"] in looked
        assert not any(clause.known for page in pages for clause in page.clauses)


@pytest.mark.parametrize("part", ["library", "list", "page"])
def test_another_setting_is_seen_at_the_next_sync(there: There, part: str) -> None:
    """Once: what was looked at by it is not looked at again. No body is read."""
    for person in ("ana", "ben"):
        there.state.grant(target=there.made["team"], principal=f"user:{person}")
    name = {"library": "notes.md", "list": "risk", "page": "page"}[part]
    where = there.state.items[there.made[name]].list_id
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    for own_only in (True, False):
        there.state.set_up_list(list=where, own_only=own_only)
        pages = there.read(connector, cursor)
        cursor = pages[-1].cursor
        assert {type(change) for change in changes(pages)} == {Reacl}
        told = _told(pages)
        assert _names(told[there.made[name]], "ana")
        assert _names(told[there.made[name]], "ben") is not own_only
        assert not there.asked()["items.content"]
        assert not changes(there.read(connector, cursor))


@pytest.mark.parametrize("part", ["library", "list"])
def test_what_waited_before_approval_was_needed_is_for_approvers(there: There, part: str) -> None:
    there.state.grant(target=there.made["team"], principal="user:ana")
    name = {"library": "notes.md", "list": "risk"}[part]
    there.state.moderate(item=there.made[name], status=2)
    connector = there.connector()
    first = there.read(connector)
    assert _names(_told(first)[there.made[name]], "ana")
    there.state.set_up_list(list=there.made[part], moderated=True, drafts=2)
    told = _told(there.read(connector, first[-1].cursor))
    assert not _names(told[there.made[name]], "ana")


@pytest.mark.parametrize("part", ["library", "list"])
def test_settings_that_are_not_told_let_in_the_fewest(there: There, part: str) -> None:
    there.state.grant(target=there.made["team"], principal="user:ben")
    name = {"library": "notes.md", "list": "risk"}[part]
    connector = there.connector()
    first = there.read(connector)
    assert _names(documents(first)[there.made[name]].access, "ben")
    there.state.moderate(item=there.made[name], status=2)
    there.state.withhold_settings(list=there.made[part])
    pages = there.read(connector, first[-1].cursor)
    access = _told(pages)[there.made[name]]
    keys = {clause.key.rpartition("/")[2] for clause in access.clauses}
    assert "approvers" in keys
    assert any("/author/" in clause.key for clause in access.clauses)
    assert not _names(access, "ben")


def test_a_setting_that_changed_while_a_part_was_read_holds_for_all_of_it(there: There) -> None:
    there.state.grant(target=there.made["team"], principal="user:ben")
    connector = there.connector(page_size=1)
    container = there.container(connector)
    seen: dict[str, AccessControl] = {}
    cursor = None
    for page in connector.changes(container, None, there.known):
        seen |= {id: found.access for id, found in documents([page]).items()}
        cursor = page.cursor
        if there.made["notes.md"] in seen:
            break
    assert _names(seen[there.made["notes.md"]], "ben")
    there.state.set_up_list(list=there.made["library"], own_only=True)
    pages = list(connector.changes(container, cursor, there.known))
    assert not _names(documents(pages)[there.made["notes.md"]].access, "ben")
    assert f"library/{there.made['library']}" in pages[-1].compare


def test_old_settings_that_come_back_while_all_is_looked_at_hold_for_all_of_it(
    there: There,
) -> None:
    """What was looked at by the new ones meanwhile is not as the old ones say."""
    there.state.grant(target=there.made["team"], principal="user:ben")
    there.state.set_up_list(list=there.made["library"], own_only=True)
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.limit_pages(1)
    there.state.set_up_list(list=there.made["library"], own_only=False)
    told: dict[str, AccessControl] = {}
    for page in connector.changes(there.container(connector), cursor, there.known):
        told |= _told([page])
        cursor = page.cursor
        if told:
            break
    assert all(_names(access, "ben") for access in told.values())
    there.state.set_up_list(list=there.made["library"], own_only=True)
    told |= _told(there.read(connector, cursor))
    assert not any(_names(access, "ben") for access in told.values())


@pytest.mark.parametrize("how", ["told", "not to be read", "place lost"])
def test_permissions_that_come_back_are_not_as_they_were(there: There, how: str) -> None:
    """Whatever was found of those between: the files may have had some of their own then."""
    state, made = there.state, there.made
    state.name_above("root")
    state.break_inheritance(target=made["library"], copy=False, by="ana")
    connector = there.connector()
    cursor = settled(there.read(connector))
    state.edit(item=made["plan.docx"], text="one")
    cursor = settled(there.read(connector, cursor))  # these permissions are remembered
    state.grant(target=made["library"], principal="user:gus")
    if how == "not to be read":
        there.fault("forbidden", endpoint="rest.list.roles", times=None)
    elif how == "place lost":
        drive = state.lists[made["library"]].drive
        there.fault("expired_cursor", endpoint="items.delta", match=drive)
    cursor = settled(there.read(connector, cursor))
    there.running.world.faults.clear()
    state.name_above("")
    state.break_inheritance(target=made["notes.md"])
    state.grant(target=made["notes.md"], principal="user:ben")
    pages = there.read(connector, cursor)
    assert _names(_told(pages)[made["notes.md"]], "ben")
    # The first ones again; that the file has none of its own any more, nothing tells.
    state.name_above("root")
    state.reset_inheritance(target=made["library"])
    state.break_inheritance(target=made["library"], copy=False, clear=True, by="ana")
    state.edit(item=made["plan.docx"], text="two")
    told = _told(there.read(connector, settled(pages)))
    assert made["notes.md"] in told
    assert not _names(told[made["notes.md"]], "ben")
