"""Hashes by which a backend tells that a chunk has not changed, and leaves it alone."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from index.interface import Amendment, IndexedChunk


def content(chunk: IndexedChunk) -> bytes:
    """Of everything that only a `put` changes: text, title, vector. 16 bytes.

    When the chunk was indexed is left out: an unchanged chunk keeps the time that it had.
    """
    told = (
        chunk.source,
        chunk.ordinal,
        chunk.text,
        chunk.analysed,
        chunk.title,
        chunk.headings,
        chunk.content_hash,
    )
    hashed = blake2b(repr(told).encode(), digest_size=16)
    hashed.update(np.ascontiguousarray(chunk.vector, np.float32).data)
    return hashed.digest()


def metadata(of: IndexedChunk | Amendment) -> bytes:
    """Of everything that an `amend` may change. 12 bytes."""
    return blake2b(repr(metadata_of(of)).encode(), digest_size=12).digest()


def metadata_of(of: IndexedChunk | Amendment) -> tuple[object, ...]:
    """Everything that an `amend` may change."""
    return (
        of.container,
        of.scope,
        of.url,
        of.kind,
        of.media_type,
        of.owners,
        of.canonical,
        of.created_at and of.created_at.timestamp(),
        of.modified_at and of.modified_at.timestamp(),
    )
