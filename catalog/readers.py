"""Which of some people a scope admits: asked of all at once, from the scope downwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, literal, or_, select

from catalog import standing
from catalog.nesting import counts
from catalog.people import KnownPerson
from catalog.policy import AccessPolicy, fresh
from catalog.tables import (
    clause,
    clause_grant,
    membership,
    scope_clause,
)


def admitted(
    connection: Connection,
    people: Sequence[KnownPerson],
    scope: int,
    policy: AccessPolicy,
    now: datetime,
) -> list[KnownPerson]:
    """Those of some people whom a scope admits, in their order.

    As `entitlements.resolve` would say of each of them, but without what else they may read: what
    people are before any group comes from the same place, and a step between a member and a group
    counts by the same rule.

    Args:
        connection: one transaction, so that every step sees the same moment.
        people: who is asked about.
        scope: row number of the scope.
        policy: the installation's declarations.
        now: the instant of asking, time zone aware.
    """
    stands = standing.of_people(connection, people, policy, now)
    passing: set[int] = set()
    for guest in sorted({each.guest for each in people}):
        doors = _doors(connection, scope, policy, now, guest=guest)
        if doors is None:
            continue
        passing |= {
            each.id
            for each in people
            if each.guest is guest
            and all(not stands[each.id].principals.isdisjoint(door) for door in doors)
        }
    return [each for each in people if each.id in passing]


def _doors(
    connection: Connection, scope: int, policy: AccessPolicy, now: datetime, *, guest: bool
) -> list[set[int]] | None:
    """For each clause of a scope, every principal that it admits, through groups or not.

    None where a clause admits nobody, or the scope has lost one.
    """
    below = (
        select(clause_grant.c.clause_id, clause_grant.c.principal_id.label("id"))
        .join(clause, clause.c.id == clause_grant.c.clause_id)
        .join(scope_clause, scope_clause.c.clause_id == clause.c.id)
        .where(
            scope_clause.c.scope_id == scope,
            clause.c.known,
            fresh(clause.c.source, clause.c.synced_at, policy, now),
            or_(clause_grant.c.expires_at.is_(None), clause_grant.c.expires_at > now),
        )
        .cte("below", recursive=True)
    )
    below = below.union(
        select(below.c.clause_id, membership.c.member_id)
        .join(below, below.c.id == membership.c.group_id)
        .where(counts(policy, now, guest=guest))
    )
    found: dict[int, set[int]] = {}
    for row in connection.execute(select(below.c.clause_id, below.c.id)):
        found.setdefault(row.clause_id, set()).add(row.id)
    size = connection.execute(
        select(scope_clause.c.size).where(scope_clause.c.scope_id == scope).limit(literal(1))
    ).scalar()
    return list(found.values()) if size is not None and len(found) == size else None
