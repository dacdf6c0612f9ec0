"""A loss that shows bite by bite is weighed as one, over comparisons, restarts and hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import deletions, documents
from corpus import Upsert
from sync import removal
from sync.reconcile import DeletionGuard
from tests.sync.parted import BOX, SOURCE
from tests.sync.parted_bench import HISTORIES, Installation, installed, site_of

PARTS = ("a", "b", "c", "d")
HALF_A_DAY = DeletionGuard().within


@pytest.fixture
def ours(tmp_path, catalog) -> Iterator[Installation]:
    """Four parts of ten documents each: no part is by itself more than may go unasked."""
    made = Installation(site_of(**dict.fromkeys(PARTS, 10)), catalog, tmp_path)
    made.guard = DeletionGuard()
    assert made.sync() is None
    return made


def _lose(ours: Installation, part: str, count: int = 10) -> None:
    for name in sorted(ours.site.parts[part])[:count]:
        ours.site.lose(part, name)


def _accept(ours: Installation) -> int:
    with ours.catalog.writing() as connection:
        return removal.accept(connection, SOURCE, BOX.id, ours.clock())


def test_a_container_that_is_lost_part_by_part_waits_for_a_person(ours) -> None:
    for part in PARTS:
        _lose(ours, part)
        ours.site.refuses = dict.fromkeys(set(PARTS) - {part}, 403)
        ours.sync()
    assert set(ours.stored().values()) == {"b", "c", "d"}
    assert len(ours.held()) == 30
    assert _accept(ours) == 30
    assert not ours.stored()


def test_what_is_found_over_several_pages_of_one_sync_is_weighed_together(
    ours, monkeypatch
) -> None:
    real = ours.connector.changes

    def one_by_one(container, since, known):
        for page in real(container, since, known):
            if not page.compare:
                yield page
            for part in sorted(page.compare):
                yield replace(page, compare=frozenset({part}))

    for part in ("a", "b", "c"):
        _lose(ours, part, 8)
    monkeypatch.setattr(ours.connector, "changes", one_by_one)
    report = ours.report()
    assert ours.site.listed["a"] == ours.site.listed["b"] == 2
    assert (report.removed, report.held) == (8, 16)


def test_two_nights_are_weighed_apart(ours) -> None:
    for part in ("a", "b"):
        _lose(ours, part, 8)
        ours.site.log.clear()
        assert ours.reconcile().removed == 8
        ours.clock.now += timedelta(hours=23)


def test_what_waits_does_not_go_by_itself_when_time_has_passed(ours) -> None:
    for part in ("a", "b"):
        _lose(ours, part, 8)
        ours.sync()
    assert len(ours.held()) == 8
    for _ in range(3):
        ours.clock.now += 2 * HALF_A_DAY
        assert ours.reconcile().held == 8
        ours.sync()
    assert _accept(ours) == 8


def test_once_a_person_has_looked_what_went_before_is_weighed_no_more(ours) -> None:
    for part in ("a", "b"):
        _lose(ours, part, 8)
        ours.sync()
    assert _accept(ours) == 8
    _lose(ours, "c", 6)
    ours.sync()
    assert ours.stored() == ours.site.there()


def test_what_comes_back_is_weighed_no_more(ours) -> None:
    for _ in range(3):
        _lose(ours, "a", 8)
        ours.sync()
        assert ours.stored() == ours.site.there()
        for n in range(8):
            ours.site.put("a", f"a{n}")
        ours.sync()
        assert ours.stored() == ours.site.there()


@pytest.mark.parametrize("with_bodies", [True, False])
def test_an_older_look_that_brings_nothing_back_is_weighed_on(ours, with_bodies) -> None:
    asked = ours.clock()
    names = sorted(ours.site.parts["a"])
    pages = ours.connector.changes(BOX, None, lambda ids: {})
    found = [c.document for c in next(pages).changes if isinstance(c, Upsert)]
    assert [each.id for each in found] == names
    _lose(ours, "a")
    ours.sync()
    with ours.catalog.writing() as connection:
        if with_bodies:
            bodies = [(each, None) for each in found]
            documents.store(connection, ours.number(), False, bodies, ours.clock(), asked)
        else:
            access = dict.fromkeys(names, ours.connector._access())
            documents.set_access(connection, SOURCE, access, ours.clock(), asked)
    _lose(ours, "b", 5)
    ours.sync()
    assert len(ours.held()) == 5


def test_what_the_source_said_is_gone_is_not_weighed(ours) -> None:
    with ours.catalog.writing() as connection:
        names = ours.site.parts.pop("a")
        removal.remove(connection, SOURCE, ours.number(), names, ours.clock())
    _lose(ours, "b", 8)
    ours.sync()
    assert ours.stored() == ours.site.there()


def test_a_bite_and_the_note_of_it_are_one(ours, monkeypatch) -> None:
    _lose(ours, "a")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deletions, "believe", killed)
        with pytest.raises(KeyboardInterrupt):
            ours.sync()
    assert len(ours.stored()) == 40
    ours.sync()
    _lose(ours, "b", 5)
    ours.sync()
    assert len(ours.stored()) == 30


ROUNDS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(PARTS), st.integers(1, 6), max_size=3),
        st.frozensets(st.sampled_from(PARTS), max_size=3),
        st.sampled_from([0, 1, 5, 13]),
        st.sampled_from(["sync", "sync", "night", "back", "accept"]),
    ),
    min_size=1,
    max_size=10,
)
GUARD = DeletionGuard(0.2, 3)


@HISTORIES
@given(ROUNDS)
def test_in_no_half_day_does_more_go_unasked_than_may_go_at_once(rounds) -> None:
    with installed(**dict.fromkeys(PARTS, 6)) as ours:
        ours.guard = GUARD
        ours.sync()
        unasked: dict[str, datetime] = {}
        for losses, refuses, hours, act in rounds:
            _one_round(ours, losses, refuses, act, unasked)
            ours.clock.now += timedelta(hours=hours)
        ours.site.refuses = {}
        ours.sync()
        ours.reconcile()
        _accept(ours)
        assert ours.stored() == ours.site.there()


def _one_round(ours: Installation, losses, refuses, act, unasked) -> None:
    ours.site.refuses = dict.fromkeys(refuses, 403)
    for part, count in losses.items():
        _lose(ours, part, count)
    if act == "back":
        for part in PARTS:
            ours.site.put(part, f"{part}0")
    before, on_hold = ours.stored().keys(), set(ours.held())
    if act == "accept":
        _accept(ours)
        assert ours.stored().keys() == before - on_hold
        unasked.clear()
        return
    ours.reconcile() if act == "night" else ours.sync()
    stored, there = ours.stored(), ours.site.there()
    gone = before - stored.keys()
    assert not gone & there.keys()
    assert set(ours.held()) <= stored.keys()
    if act != "night":  # which, of a part that refuses, still finds nothing
        waiting = {name for name, part in stored.items() if part not in refuses} - there.keys()
        assert waiting <= set(ours.held())
    unasked.update(dict.fromkeys(gone, ours.clock()))
    lately = [
        name
        for name, at in unasked.items()
        if name not in stored and ours.clock() - at < HALF_A_DAY - timedelta(minutes=30)
    ]
    if gone:
        assert not GUARD.holds(len(lately), len(lately) + len(stored))
