"""What a person may read, said as shortly as an index likes it.

A search is narrowed by whole containers where the person reads all of one, and by scopes for
the rest. The index only narrows, so this may cover too much; it never covers too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from access import Source
from catalog import epoch
from catalog.tables import container_scope, document
from catalog.upsert import batched, upsert


@dataclass(frozen=True, slots=True)
class Compressed:
    """Row numbers of whole containers, and of scopes for what lies outside of them."""

    containers: frozenset[int]
    scopes: frozenset[int]


def compress(connection: Connection, scopes: frozenset[int]) -> Compressed:
    """Say `scopes` in as few numbers as their containers allow.

    A container counts as whole when every scope ever seen in it is among `scopes`, and it holds
    no document without a scope: those, which nobody may read, would crowd others out. Scopes that
    no document has had are left out. The work grows with `scopes`, not with the corpus.
    """
    homes: dict[int, set[int]] = {}
    matched: dict[int, int] = {}
    for run in batched(sorted(scopes)):
        for row in connection.execute(
            select(container_scope).where(container_scope.c.scope_id.in_(run))
        ):
            homes.setdefault(row.scope_id, set()).add(row.container_id)
            matched[row.container_id] = matched.get(row.container_id, 0) + 1
    whole: set[int] = set()
    for run in batched(sorted(matched)):
        for container_id, total in connection.execute(
            select(container_scope.c.container_id, func.count())
            .where(container_scope.c.container_id.in_(run))
            .group_by(container_scope.c.container_id)
        ):
            if total == matched[container_id]:
                whole.add(container_id)
    whole -= _with_unknown(connection, whole)
    rest = frozenset(each for each, places in homes.items() if not places <= whole)
    return Compressed(frozenset(whole), rest)


def _with_unknown(connection: Connection, containers: set[int]) -> set[int]:
    """Of those containers, the ones that hold a document without a scope, or held it lately."""
    found: set[int] = set()
    for run in batched(sorted(containers)):
        found.update(
            connection.execute(
                select(document.c.container_id)
                .distinct()
                .where(
                    document.c.container_id.in_(run),
                    document.c.scope_id.is_(None),
                    or_(document.c.removed_at.is_(None), document.c.content_hash.is_not(None)),
                )
            ).scalars()
        )
    return found


def note(connection: Connection, source: Source, native_ids: Sequence[str]) -> None:
    """Record under which scopes some documents stand in their containers.

    A pair of container and scope stays, even when its last document goes: a lagging index may
    still hold it. A new pair moves the access epoch, since it may end a container's being whole.
    """
    new = False
    for run in batched(native_ids):
        pairs = connection.execute(
            select(document.c.container_id, document.c.scope_id)
            .distinct()
            .outerjoin(
                container_scope,
                and_(
                    container_scope.c.container_id == document.c.container_id,
                    container_scope.c.scope_id == document.c.scope_id,
                ),
            )
            .where(
                document.c.source == source,
                document.c.native_id.in_(run),
                document.c.scope_id.is_not(None),
                container_scope.c.scope_id.is_(None),
            )
            .order_by(document.c.container_id, document.c.scope_id)
        ).all()
        rows = [{"container_id": row.container_id, "scope_id": row.scope_id} for row in pairs]
        upsert(connection, container_scope, rows, ("container_id", "scope_id"))
        new = new or bool(rows)
    if new:
        epoch.bump(connection)
