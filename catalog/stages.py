"""How far each document has come: what is due for chunking, for the index, for removal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)

from access import Source
from catalog import documents, epoch
from catalog.documents import StoredDocument
from catalog.tables import document, stage_mark
from catalog.upsert import batched, upsert

CHUNKS = "chunks"


def index_stage(backend: str, version: str) -> str:
    """The stage of writing to one index: a version in a backend."""
    return f"index:{backend}:{version}"


def chunks_fingerprint(chunker: str) -> ColumnElement[str]:
    """What a document's chunk mark says when its chunks are those of this chunker."""
    return document.c.body_key + (":" + chunker)


def chunks_mark(body_key: str, chunker: str) -> str:
    """The same as `chunks_fingerprint`, of one document."""
    return f"{body_key}:{chunker}"


def index_fingerprint(chunker: str) -> ColumnElement[str]:
    """What a document's index mark says when the index holds it as it is, and where it is."""
    scope = func.coalesce(cast(document.c.scope_id, String), "0")
    place = cast(document.c.container_id, String) + ":" + scope
    return document.c.body_key + ":" + document.c.index_key + ":" + place + (":" + chunker)


def indexed_as_is(connection: Connection, stage: str, ids: Sequence[int]) -> set[int]:
    """Those documents whose present body is the one that the index of `stage` holds.

    Scope and metadata may lag; the body may not: an older text may hold what was taken out
    before the document was shared.
    """
    found: set[int] = set()
    for run in batched(ids):
        found.update(
            connection.execute(
                select(document.c.id)
                .join(stage_mark, stage_mark.c.document_id == document.c.id)
                .where(
                    document.c.id.in_(run),
                    stage_mark.c.stage == stage,
                    stage_mark.c.fingerprint.startswith(document.c.body_key + ":"),
                )
            ).scalars()
        )
    return found


def due_for_chunks(
    connection: Connection, container_id: int, chunker: str, after: int, limit: int
) -> list[tuple[StoredDocument, str]]:
    """Documents to chunk, with the fingerprint to mark them with, in order of row number.

    Args:
        connection: any connection.
        container_id: the container to look in.
        chunker: the chunker's version.
        after: only rows beyond this one.
        limit: at most so many.
    """
    wanted = chunks_fingerprint(chunker)
    return _due(connection, container_id, CHUNKS, wanted, after, limit)


def due_for_index(
    connection: Connection, container_id: int, chunker: str, stage: str, after: int, limit: int
) -> list[tuple[StoredDocument, str]]:
    """Documents to write to the index of `stage`, with the fingerprint to mark them with.

    Only those whose chunks are up to date: the others come after they are chunked.
    """
    chunked = stage_mark.alias("chunked")
    ready = select(chunked.c.document_id).where(
        chunked.c.document_id == document.c.id,
        chunked.c.stage == CHUNKS,
        chunked.c.fingerprint == chunks_fingerprint(chunker),
    )
    return _due(
        connection,
        container_id,
        stage,
        index_fingerprint(chunker),
        after,
        limit,
        ready.exists(),
    )


def still_due(
    connection: Connection, chunker: str, marks: Sequence[tuple[int, str, int]]
) -> set[int]:
    """Of documents that were due for the index, those that are still as they were then."""
    wanted = {number: fingerprint for number, fingerprint, _ in marks}
    found: set[int] = set()
    for run in batched(list(wanted)):
        rows = connection.execute(
            select(document.c.id, index_fingerprint(chunker).label("now")).where(
                document.c.id.in_(run), document.c.removed_at.is_(None)
            )
        )
        found.update(row.id for row in rows if row.now == wanted[row.id])
    return found


def due_for_removal(connection: Connection, container_id: int, stage: str) -> list[int]:
    """Documents that are removed, and still in the index of `stage`."""
    return list(
        connection.execute(
            select(document.c.id)
            .join(stage_mark, stage_mark.c.document_id == document.c.id)
            .where(
                document.c.container_id == container_id,
                document.c.removed_at.is_not(None),
                stage_mark.c.stage == stage,
            )
            .order_by(document.c.id)
        ).scalars()
    )


def mark(
    connection: Connection,
    stage: str,
    done: Sequence[tuple[int, str, int]],
    now: datetime,
) -> None:
    """Record that a stage is done: for each document its row, fingerprint and item count."""
    epoch.hold(connection)
    rows = [
        {
            "document_id": number,
            "stage": stage,
            "fingerprint": fingerprint,
            "produced": items,
            "done_at": now,
        }
        for number, fingerprint, items in sorted(done)
    ]
    for run in batched(rows):
        upsert(
            connection,
            stage_mark,
            run,
            ("document_id", "stage"),
            ("fingerprint", "produced", "done_at"),
        )


def unmark(connection: Connection, stage: str, ids: Sequence[int]) -> None:
    """Forget that a stage was done for some documents."""
    epoch.hold(connection)
    for run in batched(ids):
        connection.execute(
            delete(stage_mark).where(stage_mark.c.stage == stage, stage_mark.c.document_id.in_(run))
        )


def doubt(connection: Connection, stage: str, ids: Sequence[int]) -> None:
    """Let the marks of some documents stand, and say no more what the stage has made of them."""
    epoch.hold(connection)
    for run in batched(ids):
        of_these = (stage_mark.c.stage == stage, stage_mark.c.document_id.in_(run))
        connection.execute(update(stage_mark).where(*of_these).values(fingerprint="", produced=0))


def doubt_all(connection: Connection, stage: str) -> None:
    """As `doubt`, of every document: all is due again, and what was removed is still to go."""
    epoch.hold(connection)
    marks = update(stage_mark).where(stage_mark.c.stage == stage)
    connection.execute(marks.values(fingerprint="", produced=0))


def items(connection: Connection, container_id: int, stage: str) -> int:
    """How many items (chunks) a stage has made of a container's present documents."""
    return int(
        connection.execute(
            select(func.coalesce(func.sum(stage_mark.c.produced), 0))
            .join(document, document.c.id == stage_mark.c.document_id)
            .where(
                document.c.container_id == container_id,
                document.c.removed_at.is_(None),
                stage_mark.c.stage == stage,
            )
        ).scalar_one()
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """What an index ought to hold of one document."""

    document: int
    """Row number."""
    container: int
    """Row number."""
    scope: int | None
    source: Source
    native_id: str
    chunks: int | None
    """None while it has to be chunked, or chunked again."""


def expected(connection: Connection, chunker: str) -> Iterator[Expected]:
    """Every present document, in order of row number."""
    chunked = and_(
        stage_mark.c.document_id == document.c.id,
        stage_mark.c.stage == CHUNKS,
        stage_mark.c.fingerprint == chunks_fingerprint(chunker),
    )
    rows = connection.execute(
        select(
            document.c.id,
            document.c.container_id,
            document.c.scope_id,
            document.c.source,
            document.c.native_id,
            stage_mark.c.produced,
        )
        .outerjoin(stage_mark, chunked)
        .where(document.c.removed_at.is_(None))
        .order_by(document.c.id)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        yield Expected(
            row.id,
            row.container_id,
            row.scope_id,
            Source(row.source),
            row.native_id,
            row.produced,
        )


def _due(
    connection: Connection,
    container_id: int,
    stage: str,
    wanted: ColumnElement[str],
    after: int,
    limit: int,
    *conditions: ColumnElement[bool],
) -> list[tuple[StoredDocument, str]]:
    on = and_(stage_mark.c.document_id == document.c.id, stage_mark.c.stage == stage)
    rows = connection.execute(
        select(document, wanted.label("wanted"))
        .outerjoin(stage_mark, on)
        .where(
            document.c.container_id == container_id,
            document.c.removed_at.is_(None),
            document.c.id > after,
            or_(stage_mark.c.fingerprint.is_(None), stage_mark.c.fingerprint != wanted),
            *conditions,
        )
        .order_by(document.c.id)
        .limit(limit)
    )
    return [(documents.of_row(row), row.wanted) for row in rows]
