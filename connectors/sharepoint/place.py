"""Where the connector is in a site, inside the token of a `Position`."""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import dataclass, field, replace
from typing import Any

from access import Source
from connectors.interface import CursorExpired
from connectors.position import Position
from corpus import Cursor

CRAWL = "crawl"
"""Reading everything, one library or list after the other."""
CHANGES = "changes"
"""Following what changed in each; what is new is read whole on the way."""
SWEEP = "sweep"
"""Reading every permission."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in one of the feeds of a site."""

    phase: str
    part: str = ""
    """The library or list that is being read whole."""
    link: str = ""
    """The page of it to read next; empty for the first."""
    mark: str = ""
    """Where its changes stood before; empty where its last page will tell."""
    marks: dict[str, str] = field(default_factory=dict)
    """Where to follow the changes of each part that was read."""
    doubted: frozenset[str] = frozenset()
    """Parts in which something is gone of which only their listing can tell what it was, or that
    are gone themselves; the empty key is for any that were not known of. They stay until a
    comparison clears them."""
    rules: dict[str, str] = field(default_factory=dict)
    """By what `Part.rules` all that is stored of each part was looked at; none where that is not
    known."""
    tops: dict[str, str] = field(default_factory=dict)
    """What `Happened.top` was told last of each part."""

    def cursor(self) -> Cursor:
        """This place, to be saved."""
        token = json.dumps([self.part, self.link, self.mark, self.marks, self.rules, self.tops])
        return replace(Position(self.phase, token).cursor(), doubted=self.doubted)

    def at(self, part: str, link: str, mark: str = "") -> Place:
        """The same, at a page of a part."""
        return replace(self, part=part, link=link, mark=mark)

    def after(self, part: str, mark: str) -> Place:
        """The same, with a part read whole, and up to `mark`."""
        return replace(self.followed(part, mark), part="", link="", mark="")

    def doubting(self, *parts: str) -> Place:
        """The same, with these parts to be compared."""
        return replace(self, doubted=self.doubted.union(parts))

    def among(self, there: Set[str]) -> Place:
        """The same, in a site that has these parts.

        Others are in doubt: they are gone, or were left out, and then what went of them meanwhile
        is told nowhere.
        """
        read = {*self.marks, *([self.part] if self.link else [])}
        held = self if self.part in there else self.at("", "")
        return held.within(there).doubting(*(read - there))

    def followed(self, part: str, mark: str, top: str | None = None) -> Place:
        """The same, with the changes of a part read up to `mark`, and what `top` was told there.

        A digest is of the permissions at the mark: where they changed to what can't be told (an
        empty one), the older one would call them unchanged if they ever come back.
        """
        tops = self.tops if top is None else {**_without(self.tops, part), **_known(part, top)}
        return replace(self, marks={**self.marks, part: mark}, tops=tops)

    def forgetting(self, part: str) -> Place:
        """The same, with a part to be read anew: what changes happened in it can't be told."""
        marks, tops = _without(self.marks, part), _without(self.tops, part)
        return replace(self, marks=marks, tops=tops).doubting(part)

    def ruled(self, part: str, rules: str) -> Place:
        """The same, with all of a part looked at by these rules."""
        return replace(self, rules={**self.rules, part: rules})

    def within(self, parts: Set[str]) -> Place:
        """The same, of these parts alone."""
        marks = {key: mark for key, mark in self.marks.items() if key in parts}
        rules = {key: each for key, each in self.rules.items() if key in parts}
        tops = {key: each for key, each in self.tops.items() if key in parts}
        return replace(self, marks=marks, rules=rules, tops=tops)

    @classmethod
    def saved(cls, since: Cursor | None, phases: tuple[str, ...]) -> Place | None:
        """The place that `since` saved; None at the beginning of a feed.

        Raises:
            CursorExpired: this connector, as it is now, did not write `since`.
        """
        if since is None:
            return None
        place = Position.start(Source.SHAREPOINT, since, phases)
        if not place.token:
            return None  # at its beginning, or after its end
        try:
            part, link, mark, *told = json.loads(place.token)
            marks, rules, tops = map(_strings, told)
        except (ValueError, TypeError, AttributeError):
            raise CursorExpired(
                Source.SHAREPOINT, "the saved place can't be read", "Reconcile from the start."
            ) from None
        return cls(place.phase, str(part), str(link), str(mark), marks, since.doubted, rules, tops)


def _without(told: dict[str, str], part: str) -> dict[str, str]:
    return {key: each for key, each in told.items() if key != part}


def _known(part: str, top: str) -> dict[str, str]:
    return {part: top} if top else {}


def _strings(told: dict[Any, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in told.items()}
