"""Containers that a source has shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from access import Source
from catalog.errors import UnknownContainer
from catalog.tables import container
from catalog.upsert import batched, upsert
from corpus import Container


def store(connection: Connection, containers: Iterable[Container], now: datetime) -> None:
    """Write containers as they are now."""
    rows = [
        {
            "source": each.source,
            "native_id": each.id,
            "name": each.name,
            "url": each.url,
            "owner": each.owner,
            "canonical": each.canonical,
            "seen_at": now,
        }
        for each in sorted(containers, key=lambda each: (each.source, each.id))
    ]
    update_columns = ("name", "url", "owner", "canonical", "seen_at")
    upsert(connection, container, rows, ("source", "native_id"), update_columns)


def number(connection: Connection, source: Source, native_id: str) -> int:
    """The row number of a container.

    Raises:
        UnknownContainer: the source has never shown it.
    """
    found = connection.execute(
        select(container.c.id).where(
            container.c.source == source, container.c.native_id == native_id
        )
    ).scalar()
    if found is None:
        raise UnknownContainer(f"{source} has shown no container with the id {native_id!r}")
    return int(found)


def load(connection: Connection, source: Source | None = None) -> list[Container]:
    """All containers, or those of one source, in order of source and name."""
    wanted = select(container).order_by(container.c.source, container.c.name, container.c.id)
    if source is not None:
        wanted = wanted.where(container.c.source == source)
    return [of_row(row) for row in connection.execute(wanted)]


def names(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Names of containers by row number."""
    found: dict[int, str] = {}
    for run in batched(sorted(set(ids))):
        rows = connection.execute(
            select(container.c.id, container.c.name).where(container.c.id.in_(run))
        )
        found.update((row.id, row.name) for row in rows)
    return found


def mark_attempted(connection: Connection, container_id: int, now: datetime) -> None:
    """Record that a pass over a container's documents begins, however it may end."""
    connection.execute(
        update(container).where(container.c.id == container_id).values(attempted_at=now)
    )


def mark_swept(connection: Connection, container_id: int, now: datetime) -> None:
    """Record that a pass over a container's permissions begins, however it may end."""
    connection.execute(update(container).where(container.c.id == container_id).values(swept_at=now))


def mark_synced(connection: Connection, container_id: int, now: datetime) -> None:
    """Record that a pass over a container's documents came to its end."""
    connection.execute(
        update(container).where(container.c.id == container_id).values(synced_at=now)
    )


def of_row(row: Row[tuple[object, ...]]) -> Container:
    """The container that a row describes."""
    return Container(
        Source(row.source), row.native_id, row.name, row.url, row.owner, bool(row.canonical)
    )
