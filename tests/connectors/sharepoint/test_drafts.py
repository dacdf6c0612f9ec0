"""What not every reader of a list may see: others' items, drafts, and what waits for approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from access import AccessControl, Grant
from connectors.sharepoint.drives import Drive, DriveItem
from connectors.sharepoint.principals import user
from corpus import Failed
from simulator.sharepoint.ids import object_id
from tests.connectors.sharepoint.there import There, documents


def _admits(access: AccessControl, person: str) -> bool:
    """Whether each clause names the person themselves."""
    grant = Grant(user(object_id("person", person)))
    return all(clause.grants is not None and grant in clause.grants for clause in access.clauses)


def _open(there: There, *people: str) -> None:
    for person in people:
        there.state.grant(target=there.made["team"], principal=f"user:{person}")


@pytest.mark.parametrize("part", ["library", "list", "page"])
def test_where_people_see_their_own_alone_only_the_author_reads(there: There, part: str) -> None:
    """Of a library of files and of pages as well as of a list."""
    _open(there, "ana", "ben")
    name = {"library": "notes.md", "list": "risk", "page": "page"}[part]
    there.state.set_up_list(list=there.state.items[there.made[name]].list_id, own_only=True)
    access = documents(there.read(there.connector()))[there.made[name]].access
    assert _admits(access, "ana")
    assert not _admits(access, "ben")


@pytest.mark.parametrize("status", [1, 2, 3])
@pytest.mark.parametrize("part", ["library", "list"])
def test_what_is_not_approved_is_for_approvers(there: There, part: str, status: int) -> None:
    _open(there, "ana", "ben")
    there.state.grant(target=there.made["team"], principal="user:ben", role="Design")
    there.state.set_up_list(list=there.made[part], moderated=True, drafts=2)
    waits, approved = {"library": ("notes.md", "plan.docx"), "list": ("risk", "calm")}[part]
    there.state.moderate(item=there.made[waits], status=status)
    connector = there.connector()
    pages = there.read(connector)
    found = documents(pages)
    assert _admits(found[there.made[approved]].access, "ana")
    assert not _admits(found[there.made[waits]].access, "ana")
    assert _admits(found[there.made[waits]].access, "ben")
    there.state.moderate(item=there.made[waits], status=0)
    found = documents(there.read(connector, pages[-1].cursor))
    assert _admits(found[there.made[waits]].access, "ana")


def test_a_file_that_is_locked_and_filled_in_while_it_is_read(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text is that of a time at which nobody but the readers told may read it."""
    _open(there, "ana", "ben")
    notes = there.made["notes.md"]
    content = Drive.content
    done: list[str] = []

    def late(self: Drive, item: DriveItem, limit: int) -> bytes | None:
        if item.id == notes and not done:
            done.append(notes)
            there.state.break_inheritance(target=notes, copy=False)
            there.state.grant(target=notes, principal="user:ben")
            there.state.edit(item=notes, text="What only Ben may know.")
        return content(self, item, limit)

    monkeypatch.setattr(Drive, "content", late)
    connector = there.connector()
    pages = there.read(connector)
    found = documents(pages)[notes]
    assert b"only Ben" in (found.content.data or b"")
    assert _admits(found.access, "ben")
    assert not _admits(found.access, "ana")
    # And it is known by what was read: nothing is read again.
    assert notes not in documents(there.read(connector, pages[-1].cursor))


def test_a_file_that_is_never_twice_the_same_is_told_as_failed(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = there.made["notes.md"]
    content = Drive.content

    def restless(self: Drive, item: DriveItem, limit: int) -> bytes | None:
        if item.id == notes:
            there.state.edit(item=notes, text="More.")
        return content(self, item, limit)

    monkeypatch.setattr(Drive, "content", restless)
    pages = there.read(there.connector())
    assert notes not in documents(pages)
    (failed,) = [c for page in pages for c in page.changes if isinstance(c, Failed)]
    assert failed.document_id == notes
    assert "changes while it is read" in failed.reason


def test_a_page_that_became_a_draft_after_it_was_listed(there: There) -> None:
    """The application is given the draft's text: it is for those who may edit it."""
    _open(there, "ana")
    there.state.grant(target=there.made["team"], principal="user:ben", role="Edit")
    page = there.state.items[there.made["page"]]

    def known(ids: Sequence[str]) -> Mapping[str, str]:
        if page.id in ids:
            there.state.edit(item=page.id, text="Not yet for all.")
            page.published = False
        return {}

    connector = there.connector()
    pages = list(connector.changes(there.container(connector), None, known))
    found = documents(pages)[page.id]
    assert b"Not yet for all" in (found.content.data or b"")
    assert _admits(found.access, "ben")
    assert not _admits(found.access, "ana")
