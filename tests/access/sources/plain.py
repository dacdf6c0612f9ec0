"""What the state machine asks of a source: a small world, edits, and a plain reading of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from hypothesis import strategies as st

from access import AccessControl, Clause, Grant, Principal, PrincipalKind, Source
from simulator.people import Group, Person
from simulator.verbs import VendorState
from simulator.world import World

Groups = dict[Principal, frozenset[Principal]]


@dataclass(frozen=True)
class Found:
    """A document of a world."""

    id: str
    container: str
    body: str
    """Changes when the text does."""
    access: AccessControl


class PlainSource:
    """One vendor. The oracle is not asked here: it is what the answers are held against."""

    source: ClassVar[Source]
    vendor: ClassVar[str]

    def world(self) -> World:
        """A small world to begin with; every time the same."""
        raise NotImplementedError

    def edits(self) -> st.SearchStrategy[Any]:
        """Edits that `edit` can make, whatever has become of the world."""
        raise NotImplementedError

    def edit(self, world: World, step: Any) -> None:
        """Make one edit.

        Raises:
            VerbError: the vendor refuses it.
        """
        name, args = step
        world.do(name, **args)

    def documents(self, world: World, asked: datetime) -> Iterator[Found]:
        """Every document that is there, with clauses synced at `asked`."""
        raise NotImplementedError

    def groups(self, world: World) -> Groups:
        """Every group with its direct members."""
        return self.directory_groups(world)

    def accounts(self, person: Person) -> list[str]:
        """Ids of the accounts that are a person's."""
        return [person.id]

    def put_members(self, state: Any, told: VendorState) -> None:
        """Give `state` those members of groups that `told` has: the vendor's own groups."""

    def without_members(self, state: Any, people: dict[str, Person]) -> None:
        """Empty the vendor's own groups, and whatever else a list of members decides."""

    def user(self, person: Person) -> Principal:
        """The account by which permissions name a person."""
        return Principal(self.source, PrincipalKind.USER, self.accounts(person)[0])

    def group(self, name: str) -> Principal:
        return Principal(self.source, PrincipalKind.GROUP, name)

    @property
    def anyone(self) -> Principal:
        return Principal(self.source, PrincipalKind.ANYONE, "discoverable")

    @property
    def tenant(self) -> Principal:
        return Principal(self.source, PrincipalKind.TENANT, "tenant")

    def named(self, world: World, kind: str, subject: str) -> Principal:
        """A user, a group or everybody, as most permissions name them."""
        if kind == "user":
            return self.user(world.directory.people[subject])
        return self.group(subject) if kind == "group" else self.anyone

    def clause(self, key: str, readers: Iterable[Principal | Grant], asked: datetime) -> Clause:
        grants = (each if isinstance(each, Grant) else Grant(each) for each in readers)
        return Clause(self.source, key, frozenset(grants), asked)

    def directory_groups(self, world: World) -> Groups:
        people = world.directory.people
        return {
            self.group(each.id): frozenset(
                [*(self.user(people[who]) for who in each.members), *map(self.group, each.groups)]
            )
            for each in world.directory.groups.values()
        }


def call(name: str, /, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A verb with its arguments."""
    return st.tuples(st.just(name), st.fixed_dictionaries(given))


def directory(people: Iterable[str], groups: Iterable[str]) -> st.SearchStrategy[Any]:
    """What happens to people and groups, and time that passes."""
    person, group = st.sampled_from(sorted(people)), st.sampled_from(sorted(groups))
    return st.one_of(
        call("directory.add_member", group=group, person=person),
        call("directory.add_member", group=group, person=person),
        call("directory.remove_member", group=group, person=person),
        call("directory.remove_member", group=group, person=person),
        call("directory.nest", group=group, child=group),
        call("directory.unnest", group=group, child=group),
        whereabouts(people),
        whereabouts(people),
        whereabouts(people),
        st.one_of(whereabouts(people), call("directory.delete_group", group=group)),
    )


def whereabouts(people: Iterable[str]) -> st.SearchStrategy[Any]:
    """People who come, go and are called something else, and time that passes."""
    person = st.sampled_from(sorted(people))
    named = st.builds(
        lambda who, n: ("directory.rename_person", _new_name(who, n)), person, st.integers(0, 9)
    )
    # A day and more is rare: while all that is known is too old, nothing else can go wrong.
    hours = st.sampled_from([*[1] * 6, *[2] * 4, *[4] * 3, 26]).map(lambda n: n * 3600)
    rare = st.one_of(named, named, call("directory.delete_person", person=person))
    return st.one_of(
        call("directory.deactivate", person=person),
        call("directory.reactivate", person=person),
        rare,
        call("clock.advance", seconds=hours),
    )


def _new_name(who: str, number: int) -> dict[str, str]:
    return {"person": who, "name": "New", "email": f"{who}.{number}@saltmarsh.example"}


def emptied(groups: dict[str, Group]) -> dict[str, Group]:
    """The groups of a directory with nobody in them."""
    return {name: replace(each, members={}, groups=[]) for name, each in groups.items()}
