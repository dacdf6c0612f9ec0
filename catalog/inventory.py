"""What a container holds: counts for operators, and who of some documents is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from access import Source
from catalog import clauses, looks
from catalog.tables import document
from catalog.upsert import batched


@dataclass(frozen=True, slots=True)
class Tally:
    """How a container's documents stand."""

    documents: int
    unknown: int
    """Documents without a scope, or with a clause that is unknown."""
    skipped: Mapping[str, int]
    """Bodies left out on purpose, by reason."""
    clauses: int
    """Clauses that guard the container's documents."""


def tally(connection: Connection, container_id: int) -> Tally:
    """Count a container's documents that are not removed."""
    here = (document.c.container_id == container_id, document.c.removed_at.is_(None))
    total = connection.execute(select(func.count()).select_from(document).where(*here))
    skipped = connection.execute(
        select(document.c.skipped, func.count())
        .where(*here, document.c.skipped != "")
        .group_by(document.c.skipped)
    )
    return Tally(
        int(total.scalar_one()),
        clauses.unguarded(connection, container_id),
        {row[0]: row[1] for row in skipped},
        clauses.guarding(connection, container_id),
    )


def by_scope(connection: Connection, container_id: int) -> dict[int | None, int]:
    """How many of a container's documents each scope guards; None for those without one."""
    rows = connection.execute(
        select(document.c.scope_id, func.count())
        .where(document.c.container_id == container_id, document.c.removed_at.is_(None))
        .group_by(document.c.scope_id)
    )
    return {row[0]: row[1] for row in rows}


def outside(
    connection: Connection, source: Source, native_ids: Iterable[str], container_id: int
) -> set[str]:
    """Of those documents, the ones that the catalog knows in another container than this."""
    return _names(
        connection,
        native_ids,
        document.c.source == source,
        document.c.container_id != container_id,
    )


def inside(connection: Connection, container_id: int, native_ids: Iterable[str]) -> set[str]:
    """Those of some documents that live in a container and are not removed."""
    return _names(
        connection,
        native_ids,
        document.c.container_id == container_id,
        document.c.removed_at.is_(None),
    )


def shown_after(
    connection: Connection,
    source: Source,
    native_ids: Iterable[str],
    told: datetime,
    now: datetime,
) -> set[str]:
    """Of those documents, the ones that `documents.remove` would leave: a later look showed them.

    Args:
        connection: any connection.
        source: where the documents are.
        native_ids: which.
        told: when the source's answer that they are gone had come.
        now: the present instant.
    """
    return _names(connection, native_ids, document.c.source == source, looks.shown_after(told, now))


def _names(
    connection: Connection, native_ids: Iterable[str], *conditions: ColumnElement[bool]
) -> set[str]:
    """Of those documents, the ones that meet every condition."""
    found: set[str] = set()
    for run in batched(sorted(native_ids)):
        found.update(
            connection.execute(
                select(document.c.native_id).where(document.c.native_id.in_(run), *conditions)
            ).scalars()
        )
    return found


def unseen_since(
    connection: Connection, container_id: int, ids: Iterable[int], began: datetime
) -> dict[str, int]:
    """Of those rows, the present ones still in the container that no look has shown since `began`.

    A look counts from when the source was asked, however late it was written.
    """
    found: dict[str, int] = {}
    for run in batched(sorted(ids)):
        rows = connection.execute(
            select(document.c.native_id, document.c.id).where(
                document.c.id.in_(run),
                document.c.container_id == container_id,
                document.c.removed_at.is_(None),
                or_(document.c.looked_at.is_(None), document.c.looked_at < began),
            )
        )
        found.update((row.native_id, row.id) for row in rows)
    return found


def versions(connection: Connection, source: Source, native_ids: Sequence[str]) -> dict[str, str]:
    """Versions of those documents whose bodies are stored, or left out on purpose."""
    found: dict[str, str] = {}
    for run in batched(native_ids):
        rows = connection.execute(
            select(document.c.native_id, document.c.version).where(
                document.c.source == source,
                document.c.native_id.in_(run),
                or_(document.c.content_hash.is_not(None), document.c.skipped != ""),
            )
        )
        found.update((row.native_id, row.version) for row in rows)
    return found


def without_documents(connection: Connection, kinds: Iterable[str]) -> list[str]:
    """Those of some kinds that no present document has, in their order."""
    there = select(document.c.id).where(document.c.removed_at.is_(None)).limit(1)
    return [
        kind
        for kind in kinds
        if connection.execute(there.where(document.c.kind == kind)).first() is None
    ]


def kinds(connection: Connection) -> list[str]:
    """Every kind that a present document has, in order."""
    wanted = select(document.c.kind).where(document.c.removed_at.is_(None)).distinct()
    return sorted(connection.execute(wanted).scalars())
