"""What a sync costs follows what changed and what carries permissions, not what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.sharepoint_requests import measured
from connectors.sharepoint import permissions
from connectors.sharepoint.drives import Drive, DrivePage
from corpus import Reacl
from tests.connectors.sharepoint.there import There, changes, settled


@pytest.fixture(scope="module")
def sizes() -> list[dict]:
    """The benchmark's figures of a small site and of one with several times as much."""
    return [measured(files) for files in (240, 1100)]


def test_most_costs_the_same_in_a_larger_site(sizes: list[dict]) -> None:
    for name in ("nothing changed", "one list item changed", "a member joined a site group"):
        assert sizes[0][name]["by_kind"] == sizes[1][name]["by_kind"]
    assert sizes[1]["nothing changed"]["requests"] == 2 + 3  # the site, and each part


def test_a_changed_file_costs_by_the_folders_above_it(sizes: list[dict]) -> None:
    for found in sizes:
        bound = found["nothing changed"]["requests"] + 6 + 2 * found["folders above the file"]
        assert found["one file changed"]["requests"] <= bound
        # One more to ask whose the library's permissions are, and one folder fewer: the root.
        assert found["one file, root named again"]["requests"] <= bound
        assert found["one file changed"]["bodies"] == 1


def test_a_folder_costs_what_carries_permissions_beneath_and_a_listing(sizes: list[dict]) -> None:
    beneath = []
    for found in sizes:
        held, links = found["of them with permissions"], found["of those with links"]
        cost = found["a folder was shared"]
        listed = -(-(1 + found["files"] * 41 // 40) // 1000) + 1  # delta's pages, and REST's
        quiet = found["nothing changed"]["requests"]
        assert cost["requests"] == quiet + listed + 1 + held + links
        assert cost["documents"] == found["files beneath the folder"]
        assert cost["bodies"] == 0
        beneath.append(held)
    assert 0 < beneath[0] < beneath[1]


def _among_late_folders(there: There, folders: int) -> list[str]:
    """Files in new folders, which Graph lists after them."""
    state, library = there.state, there.made["library"]
    names = [f"{folders}-{n}" for n in range(folders)]
    files = [
        state.create_file(parent=library, name=f"{name}.txt", author="ana", text=name)
        for name in names
    ]
    for name, file in zip(names, files, strict=True):
        parent = state.create_folder(parent=there.made["folder"], name=name, author="ana")
        state.move(item=file, parent=parent)
    return files


def test_a_folder_that_is_listed_after_its_files_is_not_asked_for(there: There) -> None:
    costs = []
    there.state.break_inheritance(target=there.made["folder"], copy=False)
    for folders in (2, 9):
        files = _among_late_folders(there, folders)
        connector = there.connector()
        cursor = settled(there.read(connector))
        role = ("Read", "Contribute")[folders > 2]
        there.state.grant(target=there.made["folder"], principal="user:ben", role=role)
        there.state.limit_pages(1)
        found = changes(there.read(connector, cursor))
        there.state.limit_pages(0)
        key = f"item/{there.state.listing(there.made['library']).id}/1"
        told = {
            each.document_id: [clause.key for clause in each.access.clauses]
            for each in found
            if isinstance(each, Reacl)
        }
        assert {file: told.get(file) for file in files} == {file: [key] for file in files}
        costs.append(there.asked())
    assert not costs[0]["items.get"] + costs[1]["items.get"]
    assert costs[0]["rest.item.roles"] == costs[1]["rest.item.roles"] == 1


@pytest.mark.parametrize("seen", [True, False])
def test_a_folder_that_is_never_listed_is_asked_for(
    there: There, monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    """What lies in it waits for the end of the listing, and is not told by what is above."""
    there.state.break_inheritance(target=there.made["inner"], copy=False)
    there.state.grant(target=there.made["inner"], principal="user:gus")
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.share_with(item=there.made["folder"], principal="user:ben")
    pages = Drive.pages

    def silent(drive: Drive, link: str, page_size: int) -> Iterator[DrivePage]:
        for page in pages(drive, link, page_size):
            kept = tuple(item for item in page.items if item.id != there.made["inner"])
            yield replace(page, items=kept)

    monkeypatch.setattr(Drive, "pages", silent)
    if not seen:
        there.fault("forbidden", endpoint="items.get", match=there.made["inner"], times=None)
    found = changes(there.read(connector, cursor))
    (costs,) = [
        each.access
        for each in found
        if isinstance(each, Reacl) and each.document_id == there.made["costs.xlsx"]
    ]
    number = there.state.items[there.made["inner"]].number
    library = there.state.listing(there.made["library"]).id
    assert costs.known is seen
    if seen:
        assert [clause.key for clause in costs.clauses] == [f"item/{library}/{number}"]


def test_a_file_that_waits_for_its_folder_is_where_it_is_told_last(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be moved out of there, to where fewer may read it, while the library is listed."""
    inner, file = there.made["inner"], there.made["costs.xlsx"]
    there.state.break_inheritance(target=inner, copy=False)
    open_ = there.state.create_folder(parent=there.made["folder"], name="Open", author="ana")
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.share_with(item=there.made["folder"], principal="user:ben")
    pages = Drive.pages

    def moving(drive: Drive, link: str, page_size: int) -> Iterator[DrivePage]:
        for page in pages(drive, link, page_size):
            moved = [replace(item, parent=open_) for item in page.items if item.id == file]
            if moved:
                yield replace(page, items=tuple(moved), next="next", delta="")
            yield page

    monkeypatch.setattr(Drive, "pages", moving)
    found = changes(there.read(connector, cursor))
    told = [c.access for c in found if isinstance(c, Reacl) and c.document_id == file]
    library = there.state.listing(there.made["library"]).id
    key = f"item/{library}/{there.state.items[inner].number}"
    assert [[clause.key for clause in each.clauses] for each in told] == [[key]]


def test_documents_of_their_own_do_not_push_out_what_folders_have(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of them may lie among those that inherit."""
    monkeypatch.setattr(permissions, "_KEPT", 3)
    state, own = there.state, 0
    for number in range(12):
        made = [
            state.create_file(parent=there.made[name], name=f"{number}.txt", author="ana", text="t")
            for name in ("folder", "other")
        ]
        made.append(state.create_item(list=there.made["list"], author="ana", fields={}))
        if number % 4:  # more in a row than are remembered
            for each in made:
                state.share_with(item=each, principal="user:gus")
                own += 1
    state.share_with(item=there.made["folder"], principal="user:ben")
    connector = there.connector(concurrency=1)
    container = there.container(connector)
    there.running.world.requests.clear()
    pages = list(connector.permissions(container, None))
    assert sum(len(page.changes) for page in pages) == 36 + 7
    asked = there.asked()
    assert asked["rest.item.roles"] == own + 1
    assert asked["rest.list.roles"] == 4
