"""What no backend takes, checked before any is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from index.interface import IndexedChunk


def refusal(document: int, chunks: Sequence[IndexedChunk], dimensions: int) -> str:
    """Why a document's chunks cannot be taken; empty if they can."""
    if len({chunk.id for chunk in chunks}) != len(chunks):
        return "two chunks with one id"
    for chunk in chunks:
        if chunk.document != document:
            return f"chunk {chunk.ordinal} is of document {chunk.document}"
        if chunk.vector.shape != (dimensions,):
            return f"chunk {chunk.ordinal}: a vector of shape {chunk.vector.shape}"
        texts = (chunk.text, chunk.analysed, chunk.title, chunk.source, chunk.content_hash)
        if reason := _unfit((*texts, *chunk.headings), chunk):
            return f"chunk {chunk.ordinal}: {reason}"
        if chunk.indexed_at.tzinfo is None:
            return f"chunk {chunk.ordinal}: a time without a time zone"
    if chunks and not np.isfinite(np.stack([chunk.vector for chunk in chunks])).all():
        return "a vector with a value that is not finite"
    return ""


def _unfit(texts: Sequence[str], of: IndexedChunk) -> str:
    try:
        "".join((*texts, of.url, of.kind, of.media_type, *of.owners)).encode()
    except UnicodeEncodeError:
        return "text that is not Unicode (a lone surrogate)"
    times: tuple[datetime | None, ...] = (of.created_at, of.modified_at)
    if any(time is not None and time.tzinfo is None for time in times):
        return "a time without a time zone"
    return ""
