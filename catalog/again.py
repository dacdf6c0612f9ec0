"""Documents that are to be read, or indexed, once more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from catalog import epoch
from catalog.document_keys import another
from catalog.tables import document
from catalog.upsert import batched


def index_anew(connection: Connection, container_id: int) -> None:
    """Make every document of a container due for the index, whose entries have all changed."""
    epoch.hold(connection)
    wanted = select(document.c.id, document.c.index_key).where(
        document.c.container_id == container_id
    )
    for row in connection.execute(wanted).all():
        connection.execute(
            update(document).where(document.c.id == row.id).values(index_key=another(row.index_key))
        )


def forget_bodies(connection: Connection, ids: Sequence[int]) -> None:
    """Forget that bodies are stored, so that the next crawl reads them again."""
    epoch.hold(connection)
    for run in batched(sorted(ids)):
        connection.execute(
            update(document).where(document.c.id.in_(run)).values(content_hash=None, version="")
        )
