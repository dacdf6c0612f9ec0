"""What a person may read at this moment: person, principals, clauses, scopes.

One set-based statement from the person's accounts to the scopes, the same on SQLite and
PostgreSQL. The work grows with what the person reaches (their groups, the grants to those, the
scopes of these), not with the corpus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    cast,
    func,
    literal,
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

_HELD, _SCOPES, _UNTIL = range(3)
"""The lists that a resolve reads."""


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

    It tells of three things, each a list in one text: the principals held, for each clause that
    is admitted the scopes that have it with how many they have, and moments until which something
    holds. As rows they would be thousands, and Python's collector of garbage would stop for them.
    A scope is reached where as many of its clauses are admitted as it has; they are counted here,
    since for thousands of groups of two or three rows SQLite takes several times as long.
    """
    held = _held(stands.principals, person, policy, now)
    admitted = _admitted(held, policy, now)
    has = cast(scope_clause.c.scope_id, String) + ":" + cast(scope_clause.c.size, String)
    rows = connection.execute(
        union_all(
            _listed(_HELD, cast(held.c.id, String)),
            _listed(_SCOPES, has).join(admitted, admitted.c.clause_id == scope_clause.c.clause_id),
            select(literal(_UNTIL), cast(func.min(admitted.c.until), String)),
            *_moments(held, policy, now),
        )
    )
    told: dict[int, list[str]] = {_HELD: [], _SCOPES: [], _UNTIL: []}
    for sort, text in rows:
        told[sort] += text.split(",") if text else ()
    admitting = Counter(told[_SCOPES])
    scopes = (each.split(":") for each, count in admitting.items() if each.endswith(f":{count}"))
    ends = [(stands.until - EPOCH) // MICROSECOND, *map(int, told[_UNTIL])]
    return Entitlements(
        person,
        frozenset(map(int, told[_HELD])),
        frozenset(int(scope) for scope, _ in scopes),
        at,
        EPOCH + min(ends) * MICROSECOND,
    )


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


def _listed(sort: int, told: ColumnElement[str]) -> Select[Any]:
    """All of one sort in one row, parted by commas."""
    return select(literal(sort), func.aggregate_strings(told, ","))


def _moments(held: CTE, policy: AccessPolicy, now: datetime) -> Iterator[Select[Any]]:
    """When the first grant expires, and when the first group's members are known no longer."""
    yield (
        select(
            literal(_UNTIL),
            cast(func.min(type_coerce(clause_grant.c.expires_at, BigInteger)), String),
        )
        .join(held, held.c.id == clause_grant.c.principal_id)
        .where(clause_grant.c.expires_at > now)
    )
    yield (
        select(
            literal(_UNTIL),
            cast(func.min(until(principal.c.source, group_feed.c.synced_at, policy)), String),
        )
        .select_from(held)
        .join(principal, principal.c.id == held.c.id)
        .join(group_feed, group_feed.c.group_id == principal.c.id)
        .where(group_feed.c.known, fresh(principal.c.source, group_feed.c.synced_at, policy, now))
    )
