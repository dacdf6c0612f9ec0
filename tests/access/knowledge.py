"""What a follower of a world has been told so far, and who may read by that: the oracle's word.

Content and permissions, memberships, and people are told at different times, so what is known may
be a mixture that the world never was. The oracle is asked about exactly that mixture.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from simulator import oracle
from simulator.people import Group, Person
from simulator.verbs import VendorState
from simulator.world import World
from tests.access.sources.plain import PlainSource, emptied

LIMIT = timedelta(days=1)
"""How old knowledge may be before it admits nobody."""
_NOBODY = Person("nobody", "Nobody", "nobody@nowhere.invalid", guest=True)

Pair = tuple[str, str]
"""A person, and a document's native id."""


@dataclass(frozen=True)
class Told:
    """A copy of some part of a world, and when it was looked at."""

    asked: datetime
    state: VendorState
    groups: dict[str, Group]


class Knowledge:
    """The newest look at each of the three parts."""

    def __init__(self, world: World, plain: PlainSource) -> None:
        self._world = world
        self._plain = plain
        self.permissions: Told | None = None
        self.members: Told | None = None
        self.people: dict[str, Person] = {}
        self.met_at: datetime | None = None
        self._mixed: tuple[object, Any] = (None, None)

    def look(self, asked: datetime) -> Told:
        """Copy the vendor's objects and the directory's groups as they are."""
        state = self._world.states[self._plain.vendor]
        copied = deepcopy(state, {id(self._world): self._world})
        return Told(asked, copied, deepcopy(self._world.directory.groups))

    def meet(self, asked: datetime) -> None:
        self.people = deepcopy(self._world.directory.people)
        self.met_at = asked

    def readable(self, now: datetime) -> set[Pair]:
        """Every pair that this knowledge, as old as it is now, lets pass."""
        if self.permissions is None or now - self.permissions.asked > LIMIT:
            return set()
        members_known = self.members is not None and now - self.members.asked <= LIMIT
        people_known = self.met_at is not None and now - self.met_at <= LIMIT
        state, groups, people = self._mixture(members_known)
        world, name = self._world, self._plain.vendor
        kept = world.states[name], world.directory.groups, world.directory.people
        world.states[name], world.directory.groups, world.directory.people = state, groups, people
        try:
            documents = [each.id for each in oracle.documents(world, name)]
            found = set()
            for who, person in people.items():
                # Whose accounts were confirmed too long ago has none: but they may still ask.
                asker = person if people_known else replace(_NOBODY, active=person.works)
                found |= {(who, each) for each in documents if _reads(world, asker, name, each)}
            return found
        finally:
            world.states[name], world.directory.groups, world.directory.people = kept

    def _mixture(self, members_known: bool) -> tuple[Any, dict[str, Group], dict[str, Person]]:
        assert self.permissions is not None
        told = self.members if members_known else None
        key = (self.permissions.asked, told and told.asked, self.met_at)
        if self._mixed[0] != key:
            state: Any = deepcopy(self.permissions.state, {id(self._world): self._world})
            people = dict(self.people)
            if told is None:
                groups = emptied(self._world.directory.groups)
                self._plain.without_members(state, people)
            else:
                groups = told.groups
                self._plain.put_members(state, told.state)
            self._mixed = (key, (state, groups, people))
        found: tuple[Any, dict[str, Group], dict[str, Person]] = self._mixed[1]
        return found


def _reads(world: World, person: Person, vendor: str, document: str) -> bool:
    return oracle.readable(world, person, oracle.Document(vendor, document, "", ""))
