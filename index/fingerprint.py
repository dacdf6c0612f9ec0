"""Hashes by which a backend tells that a chunk has not changed, and leaves it alone."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from index.interface import IndexedChunk


def content(chunk: IndexedChunk) -> bytes:
    """Of text, title and vector. 16 bytes.

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


def metadata(of: IndexedChunk) -> bytes:
    """Of everything else, which may change while the text stays. 12 bytes."""
    return blake2b(repr(metadata_of(of)).encode(), digest_size=12).digest()


def metadata_of(of: IndexedChunk) -> tuple[object, ...]:
    """Everything that may change while the text stays."""
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
