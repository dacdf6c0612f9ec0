"""A deletion of which the log does not say what it was: the listing tells, once and for certain."""

from __future__ import annotations

import pytest

from simulator.google.objects import FOLDER, SHORTCUT
from sync.discovery import discover
from tests.e2e.drive_world import DRIVE, TEXT, assert_same, following, log_in_small_pages


@pytest.fixture
def works(tmp_path):
    """A shared drive that is synced, and its container."""
    with following(tmp_path) as (ours, state, drive):
        ours.sync(DRIVE, sweep=False)
        boxes = discover(ours.catalog, ours.connectors[DRIVE], ours.clock)
        yield ours, state, next(each for each in boxes if each.id == drive)


def named(state, name: str) -> str:
    return next(f.id for f in state.files.values() if f.name == name)


def held(ours, state) -> set[str]:
    return {state.files[id.partition(":")[2]].name for id in ours.rows()}


def test_it_is_remembered_until_a_listing_is_complete(works, monkeypatch) -> None:
    ours, state, box = works
    elsewhere = state.create_drive(name="Elsewhere", organizer="ada")
    state.move(file=named(state, "top"), parent=elsewhere)
    assert {"f1", "f2", "f3"} <= held(ours, state)
    state.create(name="last", owner="ada", mime=TEXT, parent=box.id, text="last")
    with log_in_small_pages(monkeypatch):
        ours.world.faults.add("incomplete_search", vendor="google", probability=1.0, times=None)
        ours.read(box)
        ours.world.faults.clear()
        assert {"f1", "f2", "f3"} <= held(ours, state), "not proven"
        ours.read(box)
    assert held(ours, state).isdisjoint({"f1", "f2", "f3"})


def test_it_outlives_a_process_that_is_killed_between_two_pages(works, monkeypatch) -> None:
    ours, state, box = works
    connector = ours.connectors[DRIVE]
    *_, crawled = connector.changes(box, None, lambda _: {})
    state.delete(file=named(state, "top"))
    for name in ("a", "b"):
        state.create(name=name, owner="ada", mime=TEXT, parent=box.id, text=name)
    with log_in_small_pages(monkeypatch):
        pages = list(connector.changes(box, crawled.cursor, lambda _: {}))
        assert [page.whole for page in pages] == [False] * (len(pages) - 1) + [True]
        for at, page in enumerate(pages[:-1]):
            rest = list(connector.changes(box, page.cursor, lambda _: {}))
            assert [each.whole for each in rest] == [each.whole for each in pages[at + 1 :]]
        assert not any(p.whole for p in connector.changes(box, pages[-1].cursor, lambda _: {}))


def listings(ours) -> int:
    return sum(each.endpoint == "files.list" for each in ours.world.requests)


def test_the_whole_drive_is_listed_once_however_many_are_gone(works, monkeypatch) -> None:
    ours, state, box = works
    for n in range(4):
        kind = (FOLDER, SHORTCUT, TEXT)[n % 3]
        more = {"target": named(state, "f0")} if kind == SHORTCUT else {}
        made = state.create(name=f"n{n}", owner="ada", mime=kind, parent=box.id, **more)
        state.delete(file=made)
    ours.world.requests.clear()
    with log_in_small_pages(monkeypatch):
        ours.read(box)
    assert listings(ours) == 1
    assert_same(ours)


def test_what_the_log_calls_a_file_is_no_folder(works, monkeypatch) -> None:
    ours, state, box = works
    made = state.create(name="brief", owner="ada", mime=TEXT, parent=box.id, text="x")
    state.create(name="after", owner="ada", mime=TEXT, parent=box.id, text="x")

    def gone() -> None:
        if made in state.files:
            state.delete(file=made)

    ours.world.requests.clear()
    with log_in_small_pages(monkeypatch, gone):
        ours.read(box)
    assert listings(ours) == 0
    assert_same(ours)
