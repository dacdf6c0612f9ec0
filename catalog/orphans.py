"""Clauses, scopes, principals and parts that nothing refers to any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, not_, select

from catalog import epoch, parts
from catalog.policy import AccessPolicy, fresh
from catalog.tables import (
    clause,
    clause_grant,
    document,
    group_feed,
    identity_link,
    membership,
    principal,
    scope,
    scope_clause,
)
from catalog.upsert import batched


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows went."""

    scopes: int
    clauses: int
    principals: int
    parts: int


def sweep(connection: Connection, policy: AccessPolicy, now: datetime) -> Swept:
    """Remove scopes that guard no document, clauses in no scope, and principals named nowhere.

    And parts of containers that no document is in, a few each time; see `parts.sweep`.

    A clause stays until it is too old to admit anyone. Until then its date may be what keeps a
    slow writer, with an older look at the source, from undoing a revocation.

    Safe beside writers: it holds the writers' place, and a writer makes a scope and the document
    that it guards in one transaction. Nobody's access changes, since nothing that it removes
    guards anything; the epoch moves all the same, so that no cache keeps their numbers. Numbers
    are never given again, so an index that still names one names nothing.
    """
    epoch.hold(connection)
    scopes = _remove(connection, scope, ~exists().where(document.c.scope_id == scope.c.id))
    clauses = _remove(
        connection,
        clause,
        ~exists().where(scope_clause.c.clause_id == clause.c.id),
        not_(fresh(clause.c.source, clause.c.synced_at, policy, now)),
    )
    unnamed = [
        ~exists().where(column == principal.c.id)
        for column in (
            clause_grant.c.principal_id,
            membership.c.group_id,
            membership.c.member_id,
            group_feed.c.group_id,
            identity_link.c.principal_id,
        )
    ]
    principals = _remove(connection, principal, *unnamed)
    if scopes or clauses or principals:
        epoch.bump(connection)
    return Swept(scopes, clauses, principals, parts.sweep(connection))


def _remove(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    ids = list(connection.execute(select(table.c.id).where(*conditions)).scalars())
    for run in batched(ids):
        connection.execute(delete(table).where(table.c.id.in_(run)))
    return len(ids)
