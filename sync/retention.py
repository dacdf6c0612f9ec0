"""Purging the text of documents that were removed long enough ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from access import Clock, utc_now
from catalog import epoch, retention
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.retention import Remains
from catalog.vectors import drop
from embedding.cache import text_hash
from sync.chunks import drop_chunks, load_chunks
from sync.indexing import embedded_text

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did."""

    documents: int = 0
    """Removed documents of which no text is kept any more."""
    bodies: int = 0
    """Bodies taken from the content store; those that another document shares stay."""
    chunks: int = 0
    """Sets of chunks taken from it."""
    vectors: int = 0
    still_indexed: int = 0
    """Documents whose passages an index still holds; a pass of the indexer drops them."""


def purge(
    catalog: Catalog,
    content: ContentStore,
    keep: timedelta,
    *,
    vectors: bool = True,
    clock: Clock = utc_now,
) -> Purged:
    """Purge the text of documents that were removed longer than `keep` ago.

    Files go before the rows that name them are emptied, so that a purge that is killed is done
    again and leaves nothing. A body that a sync stores at the very moment when it is purged is
    found missing by the chunker, which has it read again.

    Args:
        catalog: where documents stand.
        content: where their text is.
        keep: for how long text is kept.
        vectors: whether the vectors of the passages go too; they tell something of the text.
        clock: gives the present instant.
    """
    before = clock() - keep
    total = Purged()
    while True:
        with catalog.writing() as connection:
            epoch.hold(connection)
            remains = retention.due(connection, before, _BATCH)
            if not remains:
                break
            bodies = retention.unshared_bodies(connection, remains)
            chunks = retention.unshared_chunks(connection, remains)
            texts = _texts(content, remains, chunks) if vectors else []
            for digest in bodies:
                content.drop(digest)
            for fingerprint in chunks:
                drop_chunks(content, fingerprint)
            forgotten = drop(connection, texts)
            retention.forget(connection, remains)
        total = Purged(
            total.documents + len(remains),
            total.bodies + len(bodies),
            total.chunks + len(chunks),
            total.vectors + forgotten,
        )
    with catalog.reading() as connection:
        held = retention.still_indexed(connection, before)
    return Purged(total.documents, total.bodies, total.chunks, total.vectors, held)


def _texts(content: ContentStore, remains: list[Remains], unshared: set[str]) -> list[str]:
    """Hashes of the texts embedded for documents whose chunks no other document has."""
    return [
        text_hash(embedded_text(each.document, chunk))
        for each in remains
        if each.chunks in unshared
        for chunk in load_chunks(content, each.chunks) or ()
    ]
