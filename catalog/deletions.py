"""Deletions that wait for a person, because too many came at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from access import Source
from catalog import epoch
from catalog.tables import container, document, held_deletion
from catalog.upsert import batched, upsert


@dataclass(frozen=True, slots=True)
class Held:
    """A container with deletions on hold."""

    source: Source
    container: str
    """Native id of the container."""
    name: str
    documents: int
    """How many documents would go."""
    since: datetime


def hold(connection: Connection, container_id: int, ids: Sequence[int], now: datetime) -> None:
    """Put the deletion of documents on hold; they stay readable until a person decides."""
    epoch.hold(connection)
    rows = [
        {"document_id": each, "container_id": container_id, "noticed_at": now}
        for each in sorted(ids)
    ]
    for run in batched(rows):
        upsert(connection, held_deletion, run, ("document_id",))


def keep(connection: Connection, container_id: int, ids: Sequence[int]) -> None:
    """Leave only these of a container's deletions on hold: its source lists the others again."""
    epoch.hold(connection)
    on_hold = select(held_deletion.c.document_id).where(
        held_deletion.c.container_id == container_id
    )
    back = set(connection.execute(on_hold).scalars()) - set(ids)
    for run in batched(sorted(back)):
        connection.execute(delete(held_deletion).where(held_deletion.c.document_id.in_(run)))


def on_hold(connection: Connection, container_id: int) -> dict[int, int | None]:
    """A container's deletions on hold: the documents' rows, each with the row of its part."""
    rows = connection.execute(
        select(document.c.id, document.c.part_id)
        .join(held_deletion, held_deletion.c.document_id == document.c.id)
        .where(held_deletion.c.container_id == container_id)
    )
    return {row.id: row.part_id for row in rows}


def held(connection: Connection) -> list[Held]:
    """Containers with deletions on hold, longest waiting first."""
    since = func.min(held_deletion.c.noticed_at)
    rows = connection.execute(
        select(
            container.c.source,
            container.c.native_id,
            container.c.name,
            func.count().label("documents"),
            since.label("since"),
        )
        .join(held_deletion, held_deletion.c.container_id == container.c.id)
        .group_by(container.c.id, container.c.source, container.c.native_id, container.c.name)
        .order_by(since)
    )
    return [
        Held(Source(row.source), row.native_id, row.name, row.documents, row.since) for row in rows
    ]


def held_documents(connection: Connection, container_id: int) -> list[str]:
    """Native ids of a container's documents whose deletion is on hold."""
    return list(
        connection.execute(
            select(document.c.native_id)
            .join(held_deletion, held_deletion.c.document_id == document.c.id)
            .where(held_deletion.c.container_id == container_id)
            .order_by(document.c.native_id)
        ).scalars()
    )
