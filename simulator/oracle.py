"""Who may read what, by each vendor's documented semantics.

Nothing here is shared with the vendors' views, which answer the same question once more from
the same pages. Reading means: the person, signed in, can open the document's content today
*through what the vendor lists or searches for them*. A right that only works with a secret
address in hand (a link) is told apart by the vendor's own oracle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.vendor import vendor_named, vendors

if TYPE_CHECKING:
    from simulator.people import Person
    from simulator.world import World


@dataclass(frozen=True, slots=True)
class Document:
    """Something that a person reads."""

    vendor: str
    id: str
    """The vendor's stable id, in the form that its API shows."""
    title: str
    container: str
    """The native id of the drive, site, space, project or repository."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a vendor's documentation."""

    name: str
    cites: str
    """The page, or the fact in ``knowledge/sources.md``."""
    holds: Callable[..., bool]


class Rules:
    """A book of rules: ``any`` of them admits, or ``all`` of them must hold.

    Each rule takes the same arguments and tells whether it holds.
    """

    def __init__(self, name: str, *, every: bool = False):
        """Begin empty; `every` asks all rules to hold instead of any."""
        self.name, self.every = name, every
        self.rules: dict[str, Rule] = {}
        self._removed: set[str] = set()

    def rule(self, cites: str) -> Callable[[Callable[..., bool]], Callable[..., bool]]:
        """Add the decorated function under its own name."""

        def keep(function: Callable[..., bool]) -> Callable[..., bool]:
            name = function.__name__
            self.rules[name] = Rule(name, cites, function)
            return function

        return keep

    def hold(self, *args: Any) -> bool:
        """Whether the book admits these arguments."""
        kept = (rule for name, rule in self.rules.items() if name not in self._removed)
        if self.every:
            return all(rule.holds(*args) for rule in kept)
        return any(rule.holds(*args) for rule in kept)

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Leave a rule out, to prove that a test would notice.

        Raises:
            KeyError: there is no such rule.
        """
        _ = self.rules[name]
        self._removed.add(name)
        try:
            yield
        finally:
            self._removed.discard(name)


def readable(world: World, person: Person | str, document: Document) -> bool:
    """Whether `person` (one account) may read `document` now."""
    if isinstance(person, str):
        person = world.directory.person(person)
    return vendor_named(document.vendor).readable(world, person, document.id)


def documents(world: World, vendor: str = "") -> Iterator[Document]:
    """Everything that someone could read, of one vendor or of all."""
    for found in vendors():
        if vendor in ("", found.name):
            yield from found.documents(world)


def people(world: World) -> Iterator[Person]:
    """Every account holder, those who can no longer sign in included."""
    yield from world.directory.people.values()


def groups_holding(world: World, person: str) -> set[str]:
    """Ids of the directory groups that hold `person`, directly or through nesting.

    Upwards from the person until nothing is added, so that cycles end. For oracles only.
    """
    groups = world.directory.groups
    found = {group.id for group in groups.values() if person in group.members}
    while True:
        above = {g.id for g in groups.values() if g.id not in found and found & set(g.groups)}
        if not above:
            return found
        found |= above
