"""Hiding documents that are gone for certain."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from access import Source
from catalog import documents, failures, stages
from sync.stages import ALL, CHUNK

_EVERY = 1_000_000


def remove(
    connection: Connection, source: Source, native_ids: Collection[str], now: datetime
) -> int:
    """Hide documents, and forget what was wrong with them; gives how many were there."""
    if not native_ids:
        return 0
    for each in failures.load(connection, source, limit=_EVERY):
        if each.stage == CHUNK and each.document in native_ids:
            # Should it be restored, it is quarantined anew, not taken for sound.
            row = documents.find(connection, f"{source}:{each.document}").id
            stages.unmark(connection, stages.CHUNKS, [row])
    for stage in ALL:
        failures.clear(connection, source, native_ids, stage)
    return documents.remove(connection, source, native_ids, now)
