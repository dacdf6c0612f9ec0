"""What a sync reads after the first, and what that costs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from connectors.interface import SourceUnavailable
from connectors.sharepoint.drives import Drive, DrivePage
from corpus import Cursor, Delete, Reacl
from simulator.sharepoint.render import render
from tests.connectors.sharepoint.there import (
    There,
    changes,
    documents,
    settled,
)


def test_nothing_new_costs_two_requests_and_one_for_each_part(there: There) -> None:
    connector = there.connector()
    first = there.read(connector)
    pages = there.read(connector, settled(first))
    assert [(page.changes, page.compare) for page in pages] == [((), frozenset())]
    asked = there.asked()
    assert asked == {"rest.lists": 1, "sites.drives": 1, "items.delta": 2, "lists.delta": 2}


def test_a_changed_file_costs_the_same_in_a_large_library(there: There) -> None:
    costs = []
    for more in (0, 120):
        for number in range(more):
            there.state.create_file(
                parent=there.made["inner"], name=f"{number}.txt", author="ana", text="t"
            )
        connector = there.connector()
        cursor = settled(there.read(connector))
        there.state.edit(item=there.made["costs.xlsx"], text="other")
        there.running.world.time.advance(seconds=600)
        pages = there.read(connector, cursor)
        (document,) = documents(pages).values()
        assert document.content.data == render("costs.xlsx", "other")
        costs.append(there.asked())
    assert costs[0] == costs[1]
    assert sum(costs[0].values()) < 20


def test_sharing_a_folder_costs_what_carries_permissions_and_no_body(there: There) -> None:
    costs = []
    for more in (0, 150):
        for number in range(more):
            there.state.create_file(
                parent=there.made["inner"], name=f"{number}.txt", author="ana", text="t"
            )
        connector = there.connector()
        cursor = settled(there.read(connector))
        if not more:
            there.state.break_inheritance(target=there.made["folder"], copy=False)
        there.state.grant(target=there.made["folder"], principal="user:ben")
        found = changes(there.read(connector, cursor))
        assert {type(change) for change in found} == {Reacl}
        assert len(found) == 2 + more
        key = f"item/{there.state.listing(there.made['library']).id}/1"
        told = {c.key for each in found if isinstance(each, Reacl) for c in each.access.clauses}
        assert told == {key}
        costs.append(there.asked())
        there.state.revoke(target=there.made["folder"], principal="user:ben")
    assert costs[0] == costs[1]
    assert not costs[0]["items.content"]


def test_many_changed_folders_list_a_library_once(there: There) -> None:
    costs = []
    for folders in (1, 4):
        connector = there.connector()
        cursor = settled(there.read(connector))
        made = set()
        for number in range(folders):
            name = f"{folders}-{number}"
            folder = there.state.create_folder(
                parent=there.made["library"], name=name, author="ana"
            )
            made.add(there.state.create_file(parent=folder, name=name, author="ana", text=name))
        there.state.limit_pages(1)
        assert documents(there.read(connector, cursor)).keys() == made
        there.state.limit_pages(0)
        items = there.state.items.values()
        listed = 1 + sum(item.list_id == there.made["library"] for item in items)
        costs.append(there.asked()["items.delta"] - 2 * folders - listed)
    assert costs[0] == costs[1]


def test_who_is_killed_before_folders_are_looked_into_is_told_of_them_again(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.break_inheritance(target=there.made["folder"], copy=False)
    for name in ("notes.md", "photo.png"):
        there.state.edit(item=there.made[name], text="more")
    there.state.limit_pages(1)
    container = there.container(connector)
    pages = list(connector.changes(container, cursor, there.known))
    below = {there.made["plan.docx"], there.made["costs.xlsx"]}
    for cut in range(len(pages)):
        found = changes(pages[: cut + 1])
        found += changes(list(connector.changes(container, pages[cut].cursor, there.known)))
        assert below <= {each.document_id for each in found if isinstance(each, Reacl)}


def test_a_permission_alone_downloads_nothing(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.share(item=there.made["notes.md"], scope="users", people=["gus"])
    there.state.share_with(item=there.made["risk"], principal="user:gus")
    there.state.share_with(item=there.made["page"], principal="user:gus")
    found = changes(there.read(connector, cursor))
    assert {(type(c), c.document_id) for c in found if isinstance(c, Reacl)} == {
        (Reacl, there.made[name]) for name in ("notes.md", "risk", "page")
    }
    assert len(found) == 3
    asked = there.asked()
    assert not asked["items.content"] + asked["rest.attachment"] + asked["pages.get.cast"]


def test_a_new_name_reaches_the_reader_under_the_same_id(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.rename(item=there.made["notes.md"], name="minutes.md")
    there.state.rename(item=there.made["folder"], name="Plans")
    found = documents(there.read(connector, cursor))
    assert found[there.made["notes.md"]].title == "minutes.md"
    # What is in the folder was told nothing of, and has another address now.
    for name in ("plan.docx", "costs.xlsx"):
        assert "/Shared%20Documents/Plans/" in found[there.made[name]].url


def test_a_move_between_libraries_is_the_same_text_under_a_new_id(there: There) -> None:
    connector = there.connector()
    first = there.read(connector)
    before = documents(first)[there.made["plan.docx"]]
    new = there.state.move(item=there.made["plan.docx"], parent=there.made["other"])
    found = there.read(connector, settled(first))
    assert Delete(before.id) in changes(found)
    after = documents(found)[new]
    assert (after.id, after.content) == (new, before.content)
    assert before.id not in there.stored
    assert not found[-1].compare


def test_a_deleted_file_goes_by_its_tombstone_alone(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.delete(item=there.made["notes.md"])
    found = there.read(connector, cursor)
    assert changes(found) == [Delete(there.made["notes.md"])]
    assert not found[-1].compare


@pytest.mark.parametrize("what", ["folder", "risk", "list", "library"])
def test_what_went_untold_is_found_by_the_listing(there: There, what: str) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    below = {
        "folder": {"plan.docx", "costs.xlsx"},
        "risk": {"risk"},
        "list": {"risk", "calm"},
        "library": {"plan.docx", "costs.xlsx", "notes.md", "photo.png"},
    }[what]
    if what in ("list", "library"):
        there.state.delete_list(list=there.made[what])
    else:
        there.state.delete(item=there.made[what])
    pages = there.read(connector, cursor)
    assert not changes(pages)
    kind = "library" if what in ("folder", "library") else "list"
    assert pages[-1].compare == {f"{kind}/{there.made[kind]}"}
    listing = list(connector.listing(there.container(connector)))
    assert listing[-1].complete
    listed = {id for page in listing for id in page.versions}
    assert set(there.stored) - listed == {there.made[name] for name in below}
    # And only once: the next pass has nothing to compare.
    assert not there.read(connector, settled(pages))[-1].compare


def test_the_need_to_compare_outlives_a_reader_that_is_killed(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.delete(item=there.made["folder"])
    there.state.edit(item=there.made["notes.md"], text="more")
    container = there.container(connector)
    first = next(connector.changes(container, cursor, there.known))
    assert first.changes
    rest = list(connector.changes(container, first.cursor, there.known))
    assert rest[-1].compare == {f"library/{there.made['library']}"}


def test_a_new_library_and_a_new_list_are_read_on_the_way(there: There) -> None:
    connector = there.connector()
    cursor = settled(there.read(connector))
    library = there.state.create_library(site=there.made["team"], title="Contracts")
    new = there.state.create_file(parent=library, name="c.txt", author="ana", text="c")
    table = there.state.create_list(site=there.made["team"], title="Wishes")
    wish = there.state.create_item(list=table, author="ana", fields={"Title": "Rain"})
    pages = there.read(connector, cursor)
    assert documents(pages).keys() == {new, wish}
    assert not pages[-1].compare
    there.state.edit(item=new, text="d")
    assert documents(there.read(connector, settled(pages))).keys() == {new}


@pytest.mark.parametrize("how", ["too late", "another in between", "deleted"])
def test_a_new_library_whose_reading_was_left_keeps_nothing_that_went(
    there: There, how: str
) -> None:
    connector = there.connector(page_size=1)
    cursor = settled(there.read(connector))
    made = there.state.create_library(site=there.made["team"], title="Contracts")
    drive = there.state.lists[made].drive
    files = {
        there.state.create_file(parent=made, name=f"{n}.txt", author="ana", text="c")
        for n in range(3)
    }
    container = there.container(connector)
    there.fault("forbidden", endpoint="items.delta", match=drive, after=2, times=1)
    if how == "another in between":
        there.state.create_list(site=there.made["team"], title="Wishes")
    with pytest.raises(SourceUnavailable):
        for page in connector.changes(container, cursor, there.known):
            there.stored |= {id: d.version for id, d in documents([page]).items()}
            cursor = page.cursor
    (gone,) = files & there.stored.keys()
    if how == "deleted":
        there.state.delete_list(list=made)
    else:
        there.state.delete(item=gone)
    if how == "too late":
        there.fault("expired_cursor", endpoint="items.delta", match=drive, times=1)
    pages = list(connector.changes(container, cursor, there.known))
    assert pages[-1].compare == {f"library/{made}"}
    assert gone not in documents(pages)
    assert not list(connector.changes(container, settled(pages), there.known))[-1].compare


@pytest.mark.parametrize("what", ["library", "list"])
def test_a_place_that_is_refused_as_senseless_is_a_lost_one(there: There, what: str) -> None:
    """Graph may answer 400 to a token that it gave itself, and will for ever."""
    connector = there.connector()
    cursor = settled(there.read(connector))
    there.state.edit(item=there.made["notes.md"], text="in the gap")
    there.state.edit(item=there.made["risk"], fields={"Severity": "Low"})
    saved = json.loads(cursor.token)
    place = json.loads(saved["token"])
    marks = place[3]
    key = f"{what}/{there.made[what]}"
    marks[key] = re.sub("token=[^&]*", "token=c2Vuc2VsZXNz", marks[key])
    pages = there.read(connector, Cursor(json.dumps(saved | {"token": json.dumps(place)})))
    assert documents(pages).keys() == {there.made["notes.md"], there.made["risk"]}
    assert pages[-1].compare == {key}
    assert not there.read(connector, settled(pages))[-1].compare


@pytest.mark.parametrize("how", ["410", "504"])
def test_a_place_that_is_lost_loses_nothing(there: There, how: str) -> None:
    connector = there.connector(attempts=2)
    cursor = settled(there.read(connector))
    there.state.edit(item=there.made["notes.md"], text="in the gap")
    there.state.delete(item=there.made["plan.docx"])
    if how == "410":
        there.state.expire_tokens()
    else:
        there.fault("server_error", endpoint="items.delta", status=504, times=2, match="token=")
    pages = there.read(connector, cursor)
    assert documents(pages).keys() == {there.made["notes.md"]}
    assert f"library/{there.made['library']}" in pages[-1].compare
    listed = {id for p in connector.listing(there.container(connector)) for id in p.versions}
    assert set(there.stored) - listed == {there.made["plan.docx"]}
    assert there.asked()["items.content"] == 1


def test_clauses_are_as_old_as_the_word_on_where_a_file_lies(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may be moved while its page is read: a look that sees that must not seem older."""
    connector = there.connector()
    cursor = settled(there.read(connector))
    names = ("notes.md", "photo.png")
    for name in names:
        there.state.edit(item=there.made[name], text="more")
    there.running.world.time.advance(seconds=600)
    there.state.limit_pages(1)
    told: dict[str, datetime] = {}
    pages = Drive.pages

    def slow(drive: Drive, link: str, page_size: int) -> Iterator[DrivePage]:
        for page in pages(drive, link, page_size):
            told.update((item.id, there.running.world.now()) for item in page.items)
            there.running.world.time.advance(seconds=5)
            yield page

    monkeypatch.setattr(Drive, "pages", slow)
    found = documents(there.read(connector, cursor))
    assert found.keys() == {there.made[name] for name in names}
    for id, document in found.items():
        assert {clause.synced_at for clause in document.access.clauses} == {told[id]}


def test_a_draft_is_for_who_may_edit_it(there: There) -> None:
    draft = there.state.create_page(
        site=there.made["team"], title="Soon", author="ana", text="Later.", published=False
    )
    found = documents(there.read(there.connector()))
    keys = {clause.key.rpartition("/")[2] for clause in found[draft].access.clauses}
    assert "editors" in keys
    assert len(found[there.made["page"]].access.clauses) == 1
