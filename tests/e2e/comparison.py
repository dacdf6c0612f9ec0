"""What an installation lets people read, beside what the simulator's oracle says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from access import Source
from catalog import documents
from catalog.errors import UnknownPerson
from index.interface import Where
from simulator import oracle
from tests.e2e.saltmarsh import VENDORS, Installation, Pair, name_of, person, readable

SAMPLE = 150
"""Pairs that are also asked through a whole search; each takes some milliseconds."""


@dataclass(frozen=True)
class Comparison:
    """Every person x document of some sources."""

    people: list[str]
    """Every account holder."""
    titles: dict[str, str]
    """What the oracle calls each document, by our name for it."""
    truth: dict[str, set[str]]
    """Who may read each document."""
    rows: dict[str, int]
    """Our row of each document that is here."""
    admitted: set[Pair]

    @classmethod
    def of(cls, ours: Installation, *sources: Source) -> Comparison:
        names = [VENDORS[each] for each in sources]
        titles = {
            name_of(each): f"{each.container}: {each.title}"
            for name in names
            for each in oracle.documents(ours.world, name)
        }
        people = [each.id for each in oracle.people(ours.world)]
        return cls(people, titles, readable(ours.world, *names), ours.rows(), ours.admitted())

    @property
    def leaks(self) -> set[Pair]:
        return {(who, name) for who, name in self.admitted if who not in self.truth.get(name, ())}

    @property
    def missing(self) -> set[Pair]:
        """Of documents that are here; those that are not are `absent`."""
        return {
            (who, name)
            for name, readers in self.truth.items()
            if name in self.rows
            for who in readers
            if (who, name) not in self.admitted
        }

    def absent(self, left_out: Callable[[str], str]) -> dict[str, str]:
        """Documents that are not here, with the rule that leaves each out; empty for none."""
        return {name: left_out(name) for name in self.truth.keys() - self.rows.keys()}

    def printed(self, absent: dict[str, str]) -> None:
        print(
            f"\nthe company: {len(self.people)} accounts, {len(self.truth)} documents,"
            f" {len(self.people) * len(self.truth)} pairs, {len(self.admitted)} admitted:"
            f" leaks {len(self.leaks)}, missing {len(self.missing)}"
        )
        for why, count in sorted(Counter(absent.values()).items()):
            print(f"  left out: {count} documents, {why or 'WITHOUT A RULE'}")
        for kind, found in (("leak", self.leaks), ("missing", self.missing)):
            for name, count in Counter(name for _, name in found).most_common(30):
                print(f"  {kind} x{count}: {name} {self.titles.get(name)}")

    def agrees(self, absent: dict[str, str]) -> None:
        """Fail where a pair differs, or a document is here or missing without a rule."""
        assert self.rows.keys() <= self.truth.keys()
        assert [self.titles[name] for name, why in absent.items() if not why] == []
        assert not self.leaks
        assert not self.missing


def asked_through_a_search(ours: Installation, compared: Comparison) -> None:
    """Some pairs once more, through the whole of a search; who has left may not ask at all."""
    rows = compared.rows
    gone = [each.id for each in oracle.people(ours.world) if not each.works]
    assert gone
    for who in gone:
        with pytest.raises(UnknownPerson):
            ours.gate.admit(person(who), rows.values())
    with ours.catalog.reading() as connection:
        stored = documents.load(connection, sorted(rows.values()))
    indexed = [name for name in rows if rows[name] in ours.index.documents()]
    works = [each.id for each in oracle.people(ours.world) if each.works]
    for who, name in _drawn(works, indexed):
        found = ours.retrieval.search(
            stored[rows[name]].title, person(who), 5, Where(documents=(rows[name],))
        )
        assert {each.document for each in found} <= {name}
        assert bool(found) == (who in compared.truth[name]), (who, compared.titles[name])


def _drawn(people: Sequence[str], names: Sequence[str]) -> list[Pair]:
    chance = random.Random(7)
    return [(chance.choice(people), chance.choice(names)) for _ in range(SAMPLE)]
