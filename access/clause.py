"""A clause: the readers that one permission-bearing object admits."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.clock import is_young
from access.errors import InvalidClauseKey
from access.principal import Principal
from access.source import Source


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One reader admitted by a clause, perhaps for a limited time."""

    principal: Principal
    """Who is admitted."""
    expires_at: datetime | None = None
    """The instant (time zone aware) from which the grant no longer holds; None is for good."""

    def holds(self, now: datetime) -> bool:
        """Whether the grant is in force at `now` (time zone aware)."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Clause:
    """The readers that one permission-bearing object admits, or the fact that we can't tell.

    A clause belongs to the object that carries the permission (a drive, a folder, a space, a
    repository), so one edit there is one edit here, whatever lies beneath.
    """

    source: Source
    """The system that the object is in."""
    key: str
    """The object's stable key within the source, such as ``repository/2051067``."""
    grants: frozenset[Grant] | None
    """Who is admitted. None says *unknown*; the empty set says *known, and nobody*. Neither
    admits anyone, and they are not the same: only the first is a gap in what we know."""
    synced_at: datetime
    """When the source last confirmed this (time zone aware)."""
    reason: str = ""
    """Why the clause is unknown, in words for an operator; empty when known."""

    def __post_init__(self) -> None:
        """Refuse keys that could not be told apart on a screen.

        Raises:
            InvalidClauseKey: the key is empty or holds a control or invisible character.
        """
        if not self.key or any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in self.key):
            raise InvalidClauseKey(
                f"empty key, or control or invisible character, in a clause of {self.source}"
            )

    @classmethod
    def of(
        cls, source: Source, key: str, principals: Iterable[Principal], synced_at: datetime
    ) -> Clause:
        """A known clause that admits `principals` without time limit."""
        return cls(source, key, frozenset(Grant(p) for p in principals), synced_at)

    @classmethod
    def unknown(cls, source: Source, key: str, reason: str, synced_at: datetime) -> Clause:
        """A clause whose readers could not be established, and `reason` why."""
        return cls(source, key, None, synced_at, reason)

    @property
    def known(self) -> bool:
        """Whether the source told who is admitted."""
        return self.grants is not None

    def admits(self, principals: Set[Principal], now: datetime, max_age: timedelta) -> bool:
        """Whether a reader who is `principals` passes this clause at `now`.

        Unknown, empty, older than `max_age`, and dated in the future all answer no.
        """
        if self.grants is None or not is_young(self.synced_at, now, max_age):
            return False
        return any(g.principal in principals and g.holds(now) for g in self.grants)
