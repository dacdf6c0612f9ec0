"""How long ago each container was last looked at with success."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from access import Source
from catalog.entitlements import AccessPolicy
from catalog.tables import clause, container, document, scope_clause


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a container is."""

    source: Source
    container: str
    """Native id."""
    name: str
    synced_at: datetime | None
    """When a pass over its documents last came to its end; None: never."""
    oldest_permission: datetime | None
    """When the clause that was confirmed longest ago was; None where there is no clause."""
    stale: bool
    """Whether some of its documents are hidden because their permissions are too old."""


def freshness(connection: Connection, policy: AccessPolicy, now: datetime) -> list[Freshness]:
    """Every container, those looked at longest ago first."""
    oldest = (
        select(document.c.container_id, func.min(clause.c.synced_at).label("oldest"))
        .join(scope_clause, scope_clause.c.scope_id == document.c.scope_id)
        .join(clause, clause.c.id == scope_clause.c.clause_id)
        .where(document.c.removed_at.is_(None))
        .group_by(document.c.container_id)
        .subquery()
    )
    rows = connection.execute(
        select(container, oldest.c.oldest)
        .outerjoin(oldest, oldest.c.container_id == container.c.id)
        .order_by(func.coalesce(container.c.synced_at, 0), container.c.id)
    )
    return [
        Freshness(
            Source(row.source),
            row.native_id,
            row.name,
            row.synced_at,
            row.oldest,
            row.oldest is not None and now - row.oldest > policy.limit(Source(row.source)),
        )
        for row in rows
    ]
