"""What a person may read at this moment: person, principals, clauses, scopes.

One set-based query a step, the same on SQLite and PostgreSQL. The work grows with what the
person reaches (their groups, the grants to those, the scopes of these), not with the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Connection,
    Select,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from catalog import epoch, standing
from catalog.nesting import counts
from catalog.people import KnownPerson
from catalog.policy import AccessPolicy, fresh, until
from catalog.standing import Standing
from catalog.tables import (
    EPOCH,
    MICROSECOND,
    clause,
    clause_grant,
    group_feed,
    membership,
    principal,
    scope_clause,
)

_HELD, _SCOPE, _UNTIL = range(3)
"""The sorts of row that a resolve reads."""


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What one person may read, as of one access epoch."""

    person: KnownPerson
    principals: frozenset[int]
    """Rows of every principal that the person is, groups expanded."""
    scopes: frozenset[int]
    """Rows of every scope that admits the person."""
    epoch: int
    valid_until: datetime
    """When time alone may change the answer: a grant expires or knowledge grows too old."""

    def current(self, connection: Connection, now: datetime) -> bool:
        """Whether this still is the answer, as this transaction sees the catalog."""
        return now < self.valid_until and epoch.current(connection) == self.epoch


def resolve(
    connection: Connection, person: KnownPerson, policy: AccessPolicy, now: datetime
) -> Entitlements:
    """Work out what `person` may read at `now`.

    Args:
        connection: one transaction, so that every step sees the same moment.
        person: who asks; someone inactive may read nothing.
        policy: the installation's declarations.
        now: the instant of asking, time zone aware.
    """
    at = epoch.current(connection)
    stands = standing.of_people(connection, [person], policy, now)[person.id]
    if not person.active:
        return Entitlements(person, frozenset(), frozenset(), at, stands.until)
    return _reached(connection, stands, person, policy, now, at)


def _held(seeds: frozenset[int], person: KnownPerson, policy: AccessPolicy, now: datetime) -> CTE:
    """Every principal that the person is: UNION ends cycles, and depth has no bound."""
    start = select(principal.c.id).where(principal.c.id.in_(sorted(seeds)))
    held = start.cte("held", recursive=True)
    step = (
        select(membership.c.group_id)
        .join(held, held.c.id == membership.c.member_id)
        .where(counts(policy, now, guest=person.guest))
    )
    return held.union(step)


def _reached(
    connection: Connection,
    stands: Standing,
    person: KnownPerson,
    policy: AccessPolicy,
    now: datetime,
    at: int,
) -> Entitlements:
    """One statement from the seeds to the scopes, so that no step is worked out twice.

    Its rows are of three sorts: a principal held, a clause of a scope admitted, a moment until
    which something holds. A scope is reached where as many of its clauses are admitted as it
    has; they are counted here, since for thousands of groups of two or three rows SQLite takes
    several times as long.
    """
    held = _held(stands.principals, person, policy, now)
    admitted = _admitted(held, policy, now)
    rows = connection.execute(
        union_all(
            select(literal(_HELD), held.c.id, null()),
            select(literal(_SCOPE), scope_clause.c.scope_id, scope_clause.c.size).join(
                admitted, admitted.c.clause_id == scope_clause.c.clause_id
            ),
            select(literal(_UNTIL), func.min(admitted.c.until), null()),
            *_moments(held, policy, now),
        )
    ).all()
    found: list[int] = []
    missing: dict[int, int] = {}
    end = (stands.until - EPOCH) // MICROSECOND
    for sort, number, size in rows:
        if sort == _SCOPE:
            missing[number] = missing.get(number, size) - 1
        elif sort == _HELD:
            found.append(number)
        elif number is not None and number < end:
            end = number
    scopes = frozenset(number for number, clauses in missing.items() if clauses == 0)
    return Entitlements(person, frozenset(found), scopes, at, EPOCH + end * MICROSECOND)


def _admitted(held: CTE, policy: AccessPolicy, now: datetime) -> CTE:
    """Every clause that admits one of the principals held, once, and until when it is fresh."""
    return (
        select(
            clause_grant.c.clause_id,
            until(clause.c.source, clause.c.synced_at, policy).label("until"),
        )
        .distinct()
        .join(held, held.c.id == clause_grant.c.principal_id)
        .join(clause, clause.c.id == clause_grant.c.clause_id)
        .where(
            clause.c.known,
            fresh(clause.c.source, clause.c.synced_at, policy, now),
            or_(clause_grant.c.expires_at.is_(None), clause_grant.c.expires_at > now),
        )
        .cte("admitted")
    )


def _moments(held: CTE, policy: AccessPolicy, now: datetime) -> Iterator[Select[Any]]:
    """When the first grant expires, and when the first group's members are known no longer."""
    yield (
        select(
            literal(_UNTIL), func.min(type_coerce(clause_grant.c.expires_at, BigInteger)), null()
        )
        .join(held, held.c.id == clause_grant.c.principal_id)
        .where(clause_grant.c.expires_at > now)
    )
    yield (
        select(
            literal(_UNTIL),
            func.min(until(principal.c.source, group_feed.c.synced_at, policy)),
            null(),
        )
        .select_from(held)
        .join(principal, principal.c.id == held.c.id)
        .join(group_feed, group_feed.c.group_id == principal.c.id)
        .where(group_feed.c.known, fresh(principal.c.source, group_feed.c.synced_at, policy, now))
    )
