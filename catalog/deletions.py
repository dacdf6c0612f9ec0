"""Deletions that rest on a listing's silence: they wait for a person, or were believed.

A row stands for a document that was missing. While the document is there, its deletion is on hold,
because too many came at once. Once it is removed, the row tells that the listing was believed: what
is missing next is weighed together with what was believed lately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, select

from access import Source
from catalog import epoch
from catalog.tables import container, document, held_deletion
from catalog.upsert import batched, upsert

_GONE = exists().where(
    document.c.id == held_deletion.c.document_id, document.c.removed_at.is_not(None)
)


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
    back = on_hold(connection, container_id).keys() - set(ids)
    for run in batched(sorted(back)):
        connection.execute(delete(held_deletion).where(held_deletion.c.document_id.in_(run)))


def believe(connection: Connection, container_id: int, ids: Sequence[int], now: datetime) -> None:
    """Note of these documents that a listing's silence had them removed, if they are."""
    gone: list[int] = []
    for run in batched(sorted(ids)):
        rows = select(document.c.id).where(
            document.c.id.in_(run), document.c.removed_at.is_not(None)
        )
        gone += connection.execute(rows).scalars()
    hold(connection, container_id, gone, now)


def believed(connection: Connection, container_id: int, within: timedelta, now: datetime) -> int:
    """How many of a container's documents are gone for a listing's silence, lately.

    Those that came back, or that the source itself said are gone, are not among them. While some
    deletion of the container is on hold nothing is forgotten that came in the time before it:
    else what waits for a person would in the end go without one.

    Args:
        connection: a writing connection.
        container_id: row of the container.
        within: how long ago counts as lately; what is older is forgotten.
        now: the present instant.
    """
    epoch.hold(connection)
    here = held_deletion.c.container_id == container_id
    earliest = select(func.min(held_deletion.c.noticed_at)).where(here, ~_GONE)
    since = min(now, connection.execute(earliest).scalar() or now) - within
    old = held_deletion.c.noticed_at < since
    connection.execute(delete(held_deletion).where(here, _GONE, old))
    lately = select(func.count()).select_from(held_deletion).where(here, _GONE)
    return int(connection.execute(lately).scalar_one())


def forget(connection: Connection, container_id: int) -> None:
    """Leave nothing of a container on hold, and weigh nothing with what was believed of it."""
    epoch.hold(connection)
    connection.execute(delete(held_deletion).where(held_deletion.c.container_id == container_id))


def on_hold(connection: Connection, container_id: int) -> dict[int, int | None]:
    """A container's deletions on hold: the documents' rows, each with the row of its part."""
    rows = connection.execute(
        select(document.c.id, document.c.part_id)
        .join(held_deletion, held_deletion.c.document_id == document.c.id)
        .where(held_deletion.c.container_id == container_id, document.c.removed_at.is_(None))
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
        .join(document, document.c.id == held_deletion.c.document_id)
        .where(document.c.removed_at.is_(None))
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
            .where(held_deletion.c.container_id == container_id, document.c.removed_at.is_(None))
            .order_by(document.c.native_id)
        ).scalars()
    )
