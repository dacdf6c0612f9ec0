"""A Drive that fails in every way that the simulator knows: nobody is let in, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import Connection

from catalog.database import Catalog
from simulator.faults import LASTING_KINDS, FaultKind
from simulator.google.objects import FOLDER
from simulator.google.state import GoogleState
from tests.e2e.drive_world import DRIVE, TEXT, assert_same, existing, following, held, wrong
from tests.e2e.saltmarsh import Installation

LYING = {FaultKind.CUT_SHORT, FaultKind.ITEM_MOVES}
"""A listing that lacks what there is and says that it is complete: nobody can tell it from a
deletion. What went for it comes back with the next look; whoever loses many at once is asked."""
OTHERS_VENDORS = {FaultKind.TRUNCATED_TREE, FaultKind.SECONDARY_LIMIT}
KINDS = [kind for kind in FaultKind if kind not in OTHERS_VENDORS]


def days_work(state: GoogleState, drive: str) -> None:
    """One of everything that people do."""
    files = {f.name: f.id for f in state.files.values() if f.parent}
    state.share(file=files["low"], type="group", subject="crew")
    state.share(file=files["f4"], type="user", subject="cat")
    state.limit(folder=files["top"])
    state.edit(file=files["f0"], text="edited")
    state.trash(file=files["f1"])
    state.delete(file=files["f5"])
    state.move(file=files["f2"], parent=drive)
    inner = state.create(name="inner", owner="ada", mime=FOLDER, parent=drive)
    for n in range(6):
        state.create(name=f"n{n}", owner="ada", mime=TEXT, parent=inner, text=f"new {n}")
    state.world.directory.remove_member(group="inner", person="cat")


@contextmanager
def watched(ours: Installation, look: Callable[[], None]) -> Iterator[None]:
    """`look` after every transaction that wrote."""
    catalog = ours.catalog
    writing = catalog.writing

    @contextmanager
    def then_look() -> Iterator[Connection]:
        with writing() as connection:
            yield connection
        catalog.writing = writing  # type: ignore[method-assign] - looking may write too
        try:
            look()
        finally:
            catalog.writing = then_look  # type: ignore[method-assign]

    catalog.writing = then_look  # type: ignore[method-assign]
    try:
        yield
    finally:
        catalog.writing = writing  # type: ignore[method-assign]
    assert isinstance(catalog, Catalog)


def bad_day(
    ours: Installation, kind: FaultKind, probability: float, *, closely: bool = False
) -> None:
    """The first sync and, after a day's work, the next one, under one kind of fault.

    Looked at after each, or `closely`: after each transaction.
    """
    state = GoogleState.of(ours.world)
    (drive,) = state.drives
    faults = ours.world.faults
    times = None
    lasting = kind in LASTING_KINDS
    for n in range(2):
        if n == 1:
            days_work(state, drive)
            ours.meet()
        before, there = ours.admitted(), set(held(ours)) & set(existing(ours))

        def look(before: set[tuple[str, str]] = before, there: set[str] = there) -> None:
            leaks, _ = wrong(ours)
            assert leaks <= before, "nobody who was not let in before"
            if kind not in LYING:
                assert there <= set(held(ours)), "nothing goes that is still there"

        faults.add(
            kind,
            vendor="google",
            probability=1.0 if lasting else probability,
            times=times,
            seconds=0.01 if "slow" in kind else 1.0,
        )
        with watched(ours, look) if closely else nullcontext():
            ours.tolerant_sync(DRIVE)
        look()
        faults.clear()
    assert faults.struck(kind), "it struck, or this tests nothing"


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(
    "closely", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["", "closely"]
)
def test_in_the_end_all_is_as_without_a_fault(
    kind: FaultKind, closely: bool, tmp_path: Path
) -> None:
    with following(tmp_path, page_size=3) as (ours, _, _):
        bad_day(ours, kind, 0.25, closely=closely)
        if kind in LYING | {FaultKind.SEARCH_LAG, FaultKind.INCOMPLETE_SEARCH}:
            ours.reconcile(DRIVE)  # as every night: a feed that ended early never tells the rest
        ours.sync(DRIVE, sweep=kind in LYING)
        assert_same(ours)


@pytest.mark.parametrize("known", [False, True], ids=["new", "edited"])
def test_a_body_that_failed_once_comes_with_the_next_nights(known: bool, tmp_path: Path) -> None:
    """No change log tells of it again."""
    with following(tmp_path) as (ours, state, _):
        if known:
            ours.sync(DRIVE, sweep=False)
            file = next(f.id for f in state.files.values() if f.name == "f0")
            state.edit(file=file, text="edited")
        ours.world.faults.add("forbidden", vendor="google", endpoint="files.get", times=1)
        ours.tolerant_sync(DRIVE)
        assert ours.world.faults.struck()
        assert held(ours) != existing(ours)
        for _ in range(2):
            ours.world.time.advance(seconds=24 * 3600)
            ours.reconcile(DRIVE)
            ours.sync(DRIVE)
        assert_same(ours)


def test_a_body_that_never_can_be_read_costs_less_and_less(tmp_path: Path) -> None:
    with following(tmp_path) as (ours, _, _):
        file = next(f.id for f in GoogleState.of(ours.world).files.values() if f.name == "f0")
        ours.world.faults.add(
            "forbidden", vendor="google", endpoint="files.get", match=file, times=None
        )
        tries = []
        for _ in range(30):
            ours.world.faults.log.clear()
            ours.sync(DRIVE, sweep=False)
            tries.append(len(ours.world.faults.log))
            ours.world.time.advance(seconds=24 * 3600)
            ours.reconcile(DRIVE)
        assert set(tries) == {0, 1}
        assert tries[0] == 1
        assert 4 <= sum(tries) <= 8


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_all_kinds_at_once(seed: int, tmp_path: Path) -> None:
    with following(tmp_path, page_size=2) as (ours, state, drive):
        ours.world.faults._rng.seed(seed)
        ours.world.faults.bad_day(rate=0.1, vendor="google", seconds=0.01)
        for n in range(4):
            before = ours.admitted()
            ours.tolerant_sync(DRIVE)
            leaks, _ = wrong(ours)
            assert leaks <= before
            if n == 1:
                days_work(state, drive)
        ours.world.faults.clear()
        ours.reconcile(DRIVE)
        ours.sync(DRIVE)
        assert_same(ours)
