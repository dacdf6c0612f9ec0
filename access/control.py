"""Access control: the clauses that must all admit a reader."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.clause import Clause
from access.principal import Principal


@dataclass(frozen=True, slots=True)
class AccessControl:
    """The conjunction of clauses that guards a document.

    A union of readers lives inside one clause; an intersection is several clauses. An access
    control without clauses says that nothing is known, and admits nobody.
    """

    clauses: frozenset[Clause]
    """Every clause must admit the reader."""

    @classmethod
    def all_of(cls, *clauses: Clause) -> AccessControl:
        """The access control that requires every one of `clauses`."""
        return cls(frozenset(clauses))

    @property
    def known(self) -> bool:
        """Whether there is at least one clause and every clause is known."""
        return bool(self.clauses) and all(clause.known for clause in self.clauses)

    def admits(self, principals: Set[Principal], now: datetime, max_age: timedelta) -> bool:
        """Whether a reader who is `principals` may read, at `now`.

        Args:
            principals: every principal that the reader is, groups already expanded.
            now: the instant of asking, time zone aware.
            max_age: how old a clause's `synced_at` may be before it admits nobody.
        """
        return bool(self.clauses) and all(
            clause.admits(principals, now, max_age) for clause in self.clauses
        )
