"""Hiding documents that are gone for certain."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from access import Source
from catalog import containers, deletions, documents, epoch, failures, inventory, stages
from sync.stages import ALL, CHUNK


def remove(
    connection: Connection,
    source: Source,
    container_id: int,
    native_ids: Collection[str],
    now: datetime,
    told: datetime | None = None,
) -> int:
    """Hide documents, and forget what was wrong with them; gives how many were there.

    Those that live in another container by now are left alone: that they are gone from this one
    says nothing of them. So are those that a later look has shown.

    Args:
        connection: a writing connection.
        source: where the documents are.
        container_id: row of the container that they are gone from.
        native_ids: which.
        now: the present instant.
        told: when the source's answer that they are gone had come; `now` when not given.
    """
    if not native_ids:
        return 0
    epoch.hold(connection)
    native_ids = set(native_ids) - inventory.outside(connection, source, native_ids, container_id)
    native_ids -= inventory.shown_after(connection, source, native_ids, told or now, now)
    if not native_ids:
        return 0
    # Should one be restored that was quarantined, it is so anew, and not taken for sound.
    quarantined = [
        each.row
        for each in failures.load(connection, source, limit=None)
        if each.stage == CHUNK and each.document in native_ids and each.row is not None
    ]
    stages.unmark(connection, stages.CHUNKS, quarantined)
    for stage in ALL:
        failures.clear(connection, source, native_ids, stage)
    return documents.remove(connection, source, native_ids, now, told)


def accept(connection: Connection, source: Source, container: str, now: datetime) -> int:
    """Carry out a container's held deletions; gives how many documents went.

    What was believed to be gone before is weighed no more: a person has looked.

    Raises:
        UnknownContainer: no container of that native id is known.
    """
    epoch.hold(connection)
    number = containers.number(connection, source, container)
    removed = remove(connection, source, number, deletions.held_documents(connection, number), now)
    deletions.forget(connection, number)
    return removed
