"""Thousands of random edits, synced late, by halves and out of order, against the oracle.

Edits happen in a world of the simulator. Now and then somebody looks at it, and what they saw is
written into the catalog, perhaps after what was seen later. Whatever is asked of the catalog at
any moment, it answers as the vendor would in the state that was looked at last: nobody reads more,
nobody less, and what was looked at too long ago is worth nothing.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from catalog import documents, orphans, people
from catalog.database import Catalog
from catalog.entitlements import resolve
from catalog.policy import AccessPolicy
from retrieval.audience import audience
from retrieval.explain import explain
from retrieval.gate import Gate
from simulator.verbs import VerbError
from tests.access.follower import Follower, Reading, person
from tests.access.indexing import LaggingIndex
from tests.access.knowledge import Knowledge, Pair, Told
from tests.access.sources import PLAIN, PlainSource
from tests.catalog.worlds import empty
from tests.conftest import ACCESS_PAIRS

STEPS = 20
"""Rules in one run of the machine."""
EDITS = 12
"""At most so many edits are tried before anything is synced."""
DOORS = 6
"""Between syncs, the slower questions are asked at every so many checks."""
SHARE = 33
"""One run for so many examples of the profile: a run takes as long as many of them."""


class Following(RuleBasedStateMachine):
    """One vendor's world, and a catalog that follows it."""

    def __init__(self, catalog: Catalog, plain: PlainSource, counts: Counter[str]) -> None:
        super().__init__()
        self.counts = counts
        self._ticks = count()
        self._stack = ExitStack()
        folder = self._stack.enter_context(TemporaryDirectory())
        with catalog.writing() as connection:
            empty(connection)
        self.catalog = catalog
        self.plain = plain
        self.edits = st.lists(plain.edits(), min_size=3, max_size=EDITS)
        self.world = plain.world()
        self.known = Knowledge(self.world, plain)
        self.follower = Follower(catalog, plain, self.clock)
        self.policy = AccessPolicy(anyone=frozenset([plain.source]))
        self.gate = Gate(catalog, self.policy, self.clock)
        self.index = LaggingIndex(catalog, Path(folder))
        self._stack.callback(self.index.close)
        self.waiting: list[tuple[Reading, Told]] = []
        self.renamed: set[str] = set()
        self._sync()

    def clock(self) -> datetime:
        """The world's time, which stands still between verbs, and a microsecond for each look."""
        return self.world.now() + timedelta(microseconds=next(self._ticks))

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """People edit, and nothing is synced yet."""
        self._edit(data)
        self.check("edit")

    @rule(data=st.data())
    def edit_and_sync(self, data: st.DataObject) -> None:
        """Everything is read and written at once."""
        self._edit(data)
        self._sync()

    @rule(data=st.data())
    def sync_permissions(self, data: st.DataObject) -> None:
        """The permission feed alone."""
        self._edit(data)
        reading, told = self._look()
        self.follower.write_permissions(reading)
        self.known.permissions = told
        self.check("permissions")

    @rule(data=st.data())
    def sync_members(self, data: st.DataObject) -> None:
        """The membership feed alone."""
        self._edit(data)
        reading, told = self._look()
        self.follower.write_members(reading)
        self.known.members = told
        self.check("members")

    @rule(data=st.data())
    def meet(self, data: st.DataObject) -> None:
        """The directory file alone: who works here, and whose the accounts are."""
        self._edit(data)
        self._meet()
        self.check("people")

    @rule(data=st.data())
    def look_and_wait(self, data: st.DataObject) -> None:
        """Somebody reads the source, and is slow to write what they saw."""
        self._edit(data)
        self.waiting.append(self._look())

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def write_late(self, data: st.DataObject) -> None:
        """What was seen earlier is written now; what was seen since then stays."""
        self._edit(data)
        self._write_late()

    @rule(data=st.data())
    def overtake(self, data: st.DataObject) -> None:
        """Somebody reads, and before they write, somebody else reads again and is done first."""
        self._edit(data)
        self.waiting.append(self._look())
        self._edit(data)
        self._meet()
        reading, told = self._look()
        self.follower.write_members(reading)
        self.follower.write_permissions(reading)
        self.known.members = self.known.permissions = told
        self._write_late()

    @rule(data=st.data(), chosen=st.integers(1, 2**16))
    def write_some_to_the_index(self, data: st.DataObject, chosen: int) -> None:
        """The indexer comes to some documents, to others not, and soon it lags again."""
        rows = sorted(self.follower.rows().values())
        some = [row for place, row in enumerate(rows) if chosen >> (place % 16) & 1]
        self.index.write(some, self.clock())
        self.check("index")
        self._edit(data)
        self._sync()

    @rule(data=st.data())
    def sweep(self, data: st.DataObject) -> None:
        """What nothing refers to goes."""
        self._edit(data)
        with self.catalog.writing() as connection:
            orphans.sweep(connection, self.policy, self.clock())
        self.check("sweep")

    def _edit(self, data: st.DataObject) -> None:
        before = self._accounts()
        for step in data.draw(self.edits, label="edits"):
            try:
                self.plain.edit(self.world, step)
            except VerbError:  # the vendor's word: it changed nothing
                self.counts["refused"] += 1
            else:
                self.counts["edits"] += 1
        self.renamed |= {who for who, each in self._accounts().items() if each != before[who]}

    def _accounts(self) -> dict[str, list[str]]:
        people = self.world.directory.people
        return {who: self.plain.accounts(each) for who, each in people.items()}

    def _write_late(self) -> None:
        for reading, told in self.waiting:
            self.follower.write_members(reading)
            self.follower.write_permissions(reading)
            self.known.members = _later(self.known.members, told)
            self.known.permissions = _later(self.known.permissions, told)
        self.waiting.clear()
        self.check("late")

    def _sync(self) -> None:
        self._meet()
        reading, told = self._look()
        self.follower.write_members(reading)
        self.follower.write_documents(reading)
        self.known.members = self.known.permissions = told
        self.renamed.clear()
        self.check("sync", whole=reading)

    def check(self, after: str, whole: Reading | None = None) -> None:
        """Every person and document: the catalog's word is the oracle's, by whatever door."""
        expected = self.known.readable(self.clock())
        rows = self.follower.rows()
        names = {row: name for name, row in rows.items()}
        if whole is not None:
            assert {name for _, name in expected} <= whole.found.keys() <= rows.keys()
        expected = {pair for pair in expected if pair[1] in rows}
        everybody = sorted(self.known.people)
        admitted = {
            (who, names[row])
            for who in everybody
            for row in self.gate.admit(person(who), rows.values())
        }
        self.counts["pairs"] += len(everybody) * len(rows)
        self.counts["admitted"] += len(admitted)
        self.counts["nobody reads"] += not admitted
        self.counts["checks"] += 1
        self._compare(after, admitted, expected)
        if whole is not None or self.counts["checks"] % DOORS == 0:
            self._other_doors(rows, names, everybody, admitted)
        self._search(names, expected, coarse=bool(self.counts["checks"] % 2))

    def _search(self, names: dict[int, str], expected: set[Pair], *, coarse: bool) -> None:
        """However far the index lags: nothing is found that may not be read.

        Nor is anything missed that the index holds as it is now.
        """
        current = {names[row] for row in self.index.up_to_date()}
        for who in sorted(self.known.people):
            may = {name for each, name in expected if each == who}
            rows = self.index.found(self.gate, person(who), coarse=coarse)
            scopes = self.gate.entitlements(person(who)).scopes
            assert not self.index.of_earlier(rows, scopes)
            found = {names[row] for row in rows}
            wanted = {(who, name) for name in may & (current | found)}
            self._compare("search", {(who, name) for name in found}, wanted)

    def _other_doors(
        self, rows: dict[str, int], names: dict[int, str], everybody: list[str], admitted: set[Pair]
    ) -> None:
        """What operators ask agrees with what search acts on."""
        now = self.clock()
        readers = {
            (each.person.subject, name)
            for name, row in rows.items()
            for each in audience(self.catalog, self.policy, row, lambda: now)
        }
        assert readers == admitted, "who-can-read"
        with self.catalog.reading() as connection:
            for who in everybody:
                known = people.get(connection, person(who))
                fresh = resolve(connection, known, self.policy, now)
                listed = documents.guarded_by(connection, fresh.scopes)
                mine = {name for each, name in admitted if each == who}
                assert {each.native_id for each in listed} == mine, "what-can-read"
                assert self.gate.entitlements(person(who)).scopes == fresh.scopes, "entitlements"
        row = sorted(names)[self.counts["checks"] % len(names)]
        for who in everybody:
            told = explain(self.catalog, self.policy, person(who), row, lambda: now)
            assert told.readable == ((who, names[row]) in admitted), "explain"
            agreed = told.clauses and all(each.admits for each in told.clauses) and not told.reason
            assert bool(agreed) == told.readable, "explain, clause by clause"

    def _compare(self, after: str, admitted: set[Pair], expected: set[Pair]) -> None:
        leaks = admitted - expected
        # An address is how Drive names a person. Until both sides have heard of a new one, the
        # person may be refused; that is all the knowledge there is.
        missing = {pair for pair in expected - admitted if pair[0] not in self.renamed}
        self.counts["leaks"] += len(leaks)
        self.counts["missing"] += len(missing)
        assert not leaks, f"after {after}"
        assert not missing, f"after {after}"

    def _meet(self) -> None:
        asked = self.clock()
        self.follower.write_people(self.world, asked)
        self.known.meet(asked)

    def _look(self) -> tuple[Reading, Told]:
        reading = self.follower.read(self.world)
        return reading, self.known.look(reading.asked)

    def teardown(self) -> None:
        self._stack.close()


def _later(one: Told | None, other: Told) -> Told:
    return other if one is None or one.asked < other.asked else one


@pytest.mark.parametrize("vendor", sorted(PLAIN))
def test_whoever_reads_is_whom_the_vendor_lets_read(
    catalog: Catalog, vendor: str, record_property: Any
) -> None:
    counts: Counter[str] = Counter()
    plain = PLAIN[vendor]()
    try:
        run_state_machine_as_test(
            lambda: Following(catalog, plain, counts),
            settings=settings(
                max_examples=max(1, settings().max_examples // SHARE),
                stateful_step_count=STEPS,
                deadline=None,
                phases=set(Phase) - {Phase.explain},
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        record_property(ACCESS_PAIRS, dict(counts))
    assert counts["edits"]
    assert (counts["leaks"], counts["missing"]) == (0, 0)
