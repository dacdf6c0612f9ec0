"""How long ago each container was looked at with success, and what that hides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, and_, case, false, func, not_, or_, select

from access import Source
from catalog.policy import AccessPolicy, fresh
from catalog.tables import (
    clause,
    container,
    document,
    group_feed,
    identity_link,
    principal,
    scope_clause,
)

SOON = timedelta(hours=6)
"""How far ahead an operator is warned."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a container is."""

    source: Source
    container: str
    """Native id."""
    name: str
    attempted_at: datetime | None
    """When a pass over its documents last began; None: never."""
    swept_at: datetime | None
    """When a pass over its permissions alone last began; None: never."""
    synced_at: datetime | None
    """When a pass over its documents last came to its end; None: never."""
    oldest_permission: datetime | None
    """When the clause that was confirmed longest ago was, or of documents in parts the document;
    None where there is no clause."""
    hidden: int
    """Documents that nobody can read, because who may was confirmed too long ago."""
    soon: int
    """Documents that will be hidden within the time asked for, unless it is confirmed again."""
    hides_at: datetime | None
    """When the first of those will be; None where there are none."""

    @property
    def stale(self) -> bool:
        """Whether some of its documents are hidden because their permissions are too old."""
        return self.hidden > 0


def freshness(
    connection: Connection, policy: AccessPolicy, now: datetime, within: timedelta = SOON
) -> list[Freshness]:
    """Every container, those tried longest ago first.

    The order is by the last attempt, not the last success: one that always fails must not come
    before one that is due.

    Args:
        connection: any connection.
        policy: how old permission knowledge may be.
        now: the present instant, time zone aware.
        within: how far ahead to look for what will be hidden.
    """
    is_fresh = fresh(clause.c.source, clause.c.synced_at, policy, now)
    lasts = fresh(clause.c.source, clause.c.synced_at, policy, now + within)
    # A scope is as old as the oldest of its clauses.
    scopes = (
        select(
            scope_clause.c.scope_id,
            func.min(clause.c.synced_at).label("oldest"),
            func.max(case((not_(is_fresh), 1), else_=0)).label("hidden"),
            func.max(case((not_(lasts), 1), else_=0)).label("ends"),
        )
        .join(clause, clause.c.id == scope_clause.c.clause_id)
        .group_by(scope_clause.c.scope_id)
        .subquery()
    )
    # A document in a part may grow old under a clause that others of its part keep young.
    hidden = or_(scopes.c.hidden == 1, _unseen(policy, now))
    ends = and_(not_(hidden), or_(scopes.c.ends == 1, _unseen(policy, now + within)))
    earlier = and_(document.c.part_id.is_not(None), document.c.looked_at < scopes.c.oldest)
    oldest = case((earlier, document.c.looked_at), else_=scopes.c.oldest)
    counts = (
        select(
            document.c.container_id,
            func.min(oldest).label("oldest"),
            func.sum(case((hidden, 1), else_=0)).label("hidden"),
            func.sum(case((ends, 1), else_=0)).label("soon"),
            func.min(case((ends, oldest), else_=None)).label("first"),
        )
        .join(scopes, scopes.c.scope_id == document.c.scope_id)
        .where(document.c.removed_at.is_(None))
        .group_by(document.c.container_id)
        .subquery()
    )
    rows = connection.execute(
        select(container, counts.c.oldest, counts.c.hidden, counts.c.soon, counts.c.first)
        .outerjoin(counts, counts.c.container_id == container.c.id)
        .order_by(func.coalesce(container.c.attempted_at, 0), container.c.id)
    )
    return [
        Freshness(
            Source(row.source),
            row.native_id,
            row.name,
            row.attempted_at,
            row.swept_at,
            row.synced_at,
            row.oldest,
            int(row.hidden or 0),
            int(row.soon or 0),
            None if row.first is None else row.first + policy.limit(Source(row.source)),
        )
        for row in rows
    ]


def _unseen(policy: AccessPolicy, now: datetime) -> ColumnElement[bool]:
    """Whether a document in a part was itself looked at too long ago."""
    seen = fresh(document.c.source, document.c.looked_at, policy, now)
    return and_(document.c.part_id.is_not(None), not_(func.coalesce(seen, false())))


@dataclass(frozen=True, slots=True)
class Belonging:
    """How fresh the knowledge is of who is in a source's groups, and whose its accounts are."""

    source: Source
    oldest_group: datetime | None
    """When the group that was told longest ago was; None where there is none."""
    oldest_link: datetime | None
    """When the link of an account to a person that was confirmed longest ago was."""
    hidden: int
    """Groups and links that admit nobody, because they were confirmed too long ago."""
    soon: int
    """Groups and links that will admit nobody within the time asked for."""

    @property
    def stale(self) -> bool:
        """Whether somebody may be refused because this is too old."""
        return self.hidden > 0


def belonging(
    connection: Connection, policy: AccessPolicy, now: datetime, within: timedelta = SOON
) -> list[Belonging]:
    """Every source with groups or linked accounts; the parameters are those of `freshness`."""
    found: dict[Source, Belonging] = {}
    groups = _ages(connection, group_feed.c.group_id, group_feed.c.synced_at, policy, now, within)
    links = _ages(
        connection, identity_link.c.principal_id, identity_link.c.linked_at, policy, now, within
    )
    for source in Source:
        group, link = groups.get(source), links.get(source)
        if group or link:
            found[source] = Belonging(
                source,
                group[0] if group else None,
                link[0] if link else None,
                sum(each[1] for each in (group, link) if each),
                sum(each[2] for each in (group, link) if each),
            )
    return list(found.values())


def _ages(
    connection: Connection,
    named: Column[int],
    told_at: Column[datetime],
    policy: AccessPolicy,
    now: datetime,
    within: timedelta,
) -> dict[Source, tuple[datetime, int, int]]:
    hidden = not_(fresh(principal.c.source, told_at, policy, now))
    ends = not_(fresh(principal.c.source, told_at, policy, now + within))
    rows = connection.execute(
        select(
            principal.c.source,
            func.min(told_at).label("oldest"),
            func.sum(case((hidden, 1), else_=0)).label("hidden"),
            func.sum(case((and_(not_(hidden), ends), 1), else_=0)).label("soon"),
        )
        .join(principal, principal.c.id == named)
        .group_by(principal.c.source)
    )
    return {Source(row.source): (row.oldest, int(row.hidden), int(row.soon)) for row in rows}
