"""From stored bodies to chunks, for whatever is due."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from access import Clock, utc_now
from catalog import again, checkpoints, containers, epoch, failures, stages
from catalog.checkpoints import Feed
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.documents import StoredDocument
from catalog.errors import ContentMissing
from catalog.failures import Failure
from chunking.chunker import Chunker
from chunking.errors import ChunkingError
from corpus import Chunk, Container, Content
from sync.report import ChunksReport
from sync.stages import CHUNK

_KIND = "chunks"
_BATCH = 100


def sync_chunks(
    catalog: Catalog,
    content: ContentStore,
    chunker: Chunker,
    container: Container,
    clock: Clock = utc_now,
) -> ChunksReport:
    """Chunk every document of a container that is due.

    A body that can't be parsed is quarantined: counted, named, and found by its title alone.

    Raises:
        UnknownContainer: its documents have never been synced.
    """
    began = time.monotonic()
    with catalog.reading() as connection:
        number = containers.number(connection, container.source, container.id)
    report = ChunksReport()
    after = 0
    while True:
        with catalog.reading() as connection:
            due = stages.due_for_chunks(connection, number, chunker.version, after, _BATCH)
        if not due:
            break
        after = due[-1][0].id
        report = _batch(catalog, content, chunker, container, due, report, clock)
    with catalog.reading() as connection:
        return replace(
            report,
            failed=failures.count(connection, container.source, container.id, CHUNK),
            total=stages.items(connection, number, stages.CHUNKS),
            seconds=time.monotonic() - began,
        )


def load_chunks(content: ContentStore, fingerprint: str) -> list[Chunk] | None:
    """The chunks that stand under a fingerprint; None if they are lost or damaged."""
    data = content.get_named(_KIND, _name(fingerprint))
    if data is None:
        return None
    try:
        rows = json.loads(data)
        # Every document has a chunk, so that none at all is damage too.
        return [Chunk(**{**row, "headings": tuple(row["headings"])}) for row in rows] or None
    except (ValueError, TypeError, KeyError):
        return None


def drop_chunks(content: ContentStore, fingerprint: str) -> None:
    """Remove the chunks that stand under a fingerprint, if any."""
    content.drop_named(_KIND, _name(fingerprint))


@dataclass(frozen=True, slots=True)
class _Outcome:
    chunks: tuple[Chunk, ...]
    failure: Failure | None


def _batch(
    catalog: Catalog,
    content: ContentStore,
    chunker: Chunker,
    container: Container,
    due: Sequence[tuple[StoredDocument, str]],
    report: ChunksReport,
    clock: Clock,
) -> ChunksReport:
    done: list[tuple[int, str, int]] = []
    well: list[str] = []
    wrong: list[Failure] = []
    quarantined: list[int] = []
    lost: list[StoredDocument] = []
    for document, fingerprint in due:
        if document.content_hash is None and not document.skipped:
            continue  # its body was lost, and the next pass over its container brings it back
        try:
            outcome = _chunk(content, chunker, container, document)
        except ContentMissing as error:
            wrong.append(_failure(container, document, str(error), "sync the container again"))
            quarantined.append(document.id)
            lost.append(document)
            continue
        rows = json.dumps([asdict(each) for each in outcome.chunks])
        content.put_named(_KIND, _name(fingerprint), rows.encode())
        done.append((document.id, fingerprint, len(outcome.chunks)))
        if outcome.failure is None:
            well.append(document.native_id)
        else:
            wrong.append(outcome.failure)
            quarantined.append(document.id)
    now = clock()
    for each in lost:
        # What is damaged must not look as if it were stored already.
        content.drop(each.content_hash or "")
    with catalog.writing() as connection:
        epoch.hold(connection)
        stages.mark(connection, stages.CHUNKS, done, now)
        failures.clear(connection, container.source, well, CHUNK)
        failures.record(connection, wrong, now)
        if lost:
            again.forget_bodies(connection, [each.id for each in lost])
            checkpoints.forget(connection, container.source, container.id, Feed.CONTENT)
    return replace(
        report,
        documents=report.documents + len(done),
        chunks=report.chunks + sum(items for _, _, items in done),
        quarantined=(*report.quarantined, *quarantined),
    )


def _chunk(
    content: ContentStore, chunker: Chunker, container: Container, document: StoredDocument
) -> _Outcome:
    if document.content_hash is None:
        return _Outcome((chunker.title_only(document.title),), None)
    body = Content(content.get(document.content_hash), document.media_type)
    try:
        chunked = chunker.chunk(body, document.title)
    except ChunkingError as error:
        failure = _failure(container, document, error.reason, error.remedy)
        return _Outcome((chunker.title_only(document.title),), failure)
    return _Outcome(tuple(chunked.chunks) or (chunker.title_only(document.title),), None)


def _failure(container: Container, document: StoredDocument, reason: str, remedy: str) -> Failure:
    return Failure(container.source, container.id, document.native_id, CHUNK, reason, remedy)


def _name(fingerprint: str) -> str:
    return hashlib.sha256(fingerprint.encode()).hexdigest()
