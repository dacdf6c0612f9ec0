"""Texts of documents that were removed: what is still kept, and forgetting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select, update

from catalog import documents, epoch, stages
from catalog.documents import StoredDocument
from catalog.tables import document, stage_mark
from catalog.upsert import batched


@dataclass(frozen=True, slots=True)
class Remains:
    """What is kept of a removed document."""

    document: StoredDocument
    chunks: str | None
    """The fingerprint that its chunks stand under; None where it was never chunked."""


def due(connection: Connection, before: datetime, limit: int) -> list[Remains]:
    """At most `limit` documents that were removed before `before` and of which text is kept."""
    rows = connection.execute(
        select(document, stage_mark.c.fingerprint.label("chunks"))
        .outerjoin(
            stage_mark,
            (stage_mark.c.document_id == document.c.id) & (stage_mark.c.stage == stages.CHUNKS),
        )
        .where(
            document.c.removed_at < before,
            or_(
                document.c.content_hash.is_not(None),
                document.c.title != "",
                stage_mark.c.fingerprint.is_not(None),
            ),
        )
        .order_by(document.c.id)
        .limit(limit)
    )
    return [Remains(documents.of_row(row), row.chunks) for row in rows]


def unshared_bodies(connection: Connection, remains: Sequence[Remains]) -> set[str]:
    """Of the bodies of `remains`, those that no other document has."""
    wanted = {each.document.content_hash for each in remains} - {None}
    rows = connection.execute(
        select(document.c.content_hash)
        .where(document.c.content_hash.in_(wanted), document.c.id.not_in(_ids(remains)))
        .distinct()
    )
    return {each for each in wanted if each is not None} - set(rows.scalars())


def unshared_chunks(connection: Connection, remains: Sequence[Remains]) -> set[str]:
    """Of the fingerprints that the chunks of `remains` stand under, those of no other document."""
    wanted = {each.chunks for each in remains if each.chunks is not None}
    rows = connection.execute(
        select(stage_mark.c.fingerprint)
        .where(
            stage_mark.c.stage == stages.CHUNKS,
            stage_mark.c.fingerprint.in_(wanted),
            stage_mark.c.document_id.not_in(_ids(remains)),
        )
        .distinct()
    )
    return wanted - set(rows.scalars())


def forget(connection: Connection, remains: Sequence[Remains]) -> None:
    """Empty the rows of removed documents of all that people wrote in them.

    The row itself stays, as proof that the document was there and went, and so that an index
    which still holds it is told to drop it. Should it come back, it is read anew.
    """
    epoch.hold(connection)
    for run in batched(_ids(remains)):
        connection.execute(
            update(document)
            .where(document.c.id.in_(run), document.c.removed_at.is_not(None))
            .values(content_hash=None, version="", title="", url="", owners="[]", body_key="")
        )
        connection.execute(
            delete(stage_mark).where(
                stage_mark.c.stage == stages.CHUNKS, stage_mark.c.document_id.in_(run)
            )
        )


def still_indexed(connection: Connection, before: datetime) -> int:
    """How many documents removed before `before` some index still holds."""
    return int(
        connection.execute(
            select(func.count(stage_mark.c.document_id.distinct()))
            .join(document, document.c.id == stage_mark.c.document_id)
            .where(document.c.removed_at < before, stage_mark.c.stage != stages.CHUNKS)
        ).scalar_one()
    )


def _ids(remains: Sequence[Remains]) -> list[int]:
    return sorted(each.document.id for each in remains)
