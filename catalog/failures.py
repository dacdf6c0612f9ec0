"""What went wrong with single documents, until it goes right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select

from access import Source
from catalog import epoch
from catalog.tables import document, failure
from catalog.upsert import batched, upsert


@dataclass(frozen=True, slots=True)
class Failure:
    """One document that a stage could not finish."""

    source: Source
    container: str
    """Native id of the container."""
    document: str
    """Native id of the document."""
    stage: str
    """``fetch``, ``chunk``, ``index`` or ``permissions``."""
    reason: str
    """What went wrong, without titles, addresses or text."""
    remedy: str
    """What an operator can do."""
    attempts: int = 1
    last_at: datetime | None = None
    id: int | None = None
    """Row number of the failure."""
    row: int | None = None
    """Row number of the document; None where it has never been stored."""


def record(connection: Connection, failures: Iterable[Failure], now: datetime) -> None:
    """Note failures; one that repeats counts its attempts and keeps its first time."""
    epoch.hold(connection)
    for each in failures:
        row = {
            "source": each.source,
            "container": each.container,
            "document": each.document,
            "stage": each.stage,
            "reason": each.reason,
            "remedy": each.remedy,
            "attempts": 1 + _attempts(connection, each),
            "first_at": now,
            "last_at": now,
        }
        upsert(
            connection,
            failure,
            [row],
            ("source", "document", "stage"),
            ("container", "reason", "remedy", "attempts", "last_at"),
        )


def clear(connection: Connection, source: Source, documents: Iterable[str], stage: str) -> None:
    """Forget failures of `stage` for documents that went right."""
    epoch.hold(connection)
    for run in batched(list(documents)):
        connection.execute(
            delete(failure).where(
                failure.c.source == source,
                failure.c.stage == stage,
                failure.c.document.in_(run),
            )
        )


def load(
    connection: Connection,
    source: Source,
    container: str | None = None,
    limit: int | None = 1000,
) -> list[Failure]:
    """Failures that stand, newest first: at most `limit`, or all of them for None."""
    here = and_(document.c.source == failure.c.source, document.c.native_id == failure.c.document)
    wanted = (
        select(failure, document.c.id.label("row"))
        .outerjoin(document, here)
        .where(failure.c.source == source)
    )
    if container is not None:
        wanted = wanted.where(failure.c.container == container)
    wanted = wanted.order_by(failure.c.last_at.desc(), failure.c.id).limit(limit)
    return [
        Failure(
            Source(row.source),
            row.container,
            row.document,
            row.stage,
            row.reason,
            row.remedy,
            row.attempts,
            row.last_at,
            row.id,
            row.row,
        )
        for row in connection.execute(wanted)
    ]


def count(connection: Connection, source: Source, container: str, stage: str) -> int:
    """How many documents of a container a stage could not finish."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(failure)
            .where(
                failure.c.source == source,
                failure.c.container == container,
                failure.c.stage == stage,
            )
        ).scalar_one()
    )


def _attempts(connection: Connection, each: Failure) -> int:
    found = connection.execute(
        select(failure.c.attempts).where(
            failure.c.source == each.source,
            failure.c.document == each.document,
            failure.c.stage == each.stage,
        )
    ).scalar()
    return int(found or 0)
