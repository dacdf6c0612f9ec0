"""Chunks as Weaviate objects, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np

from index import fingerprint
from index.interface import IndexedChunk
from index.times import EPOCH, MICROSECOND, to_number, to_time

_NONE = np.zeros(0, np.float32)
RETURNED = (
    *("document", "container", "scope", "source", "ordinal", "text", "title", "headings", "url"),
    *("kind", "media_type", "owners", "canonical", "content_hash"),
    *("created_number", "modified_number", "indexed_number"),
)
"""The properties that `chunk` needs. The times are asked for as numbers: the client parses dates
with `strptime`, which for fifty hits takes longer than all the rest of the answer."""
MARK = "=."
"""A token that every object holds and no text or question becomes, to ask the keyword leg for
objects that are known to be there."""

_EARLIEST, _LATEST = datetime(1678, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC)
"""The server compares dates as nanoseconds in 64 bits; others would come out anywhere."""


def comparable(time: datetime) -> datetime:
    """`time`, or the nearest one that the server can compare with others."""
    return min(max(time, _EARLIEST), _LATEST)


def properties(of: IndexedChunk) -> dict[str, Any]:
    """A chunk's properties."""
    return {
        "document": of.document,
        "source": of.source,
        "ordinal": of.ordinal,
        "text": of.text,
        "analysed": f"{of.analysed} {MARK}",
        "title": of.title,
        "headings": list(of.headings),
        "indexed_at": of.indexed_at,
        "indexed_number": to_number(of.indexed_at),
        "content_hash": of.content_hash,
        "content_print": fingerprint.content(of).hex(),
        **metadata(of),
    }


def metadata(of: IndexedChunk) -> dict[str, Any]:
    """The properties that may change while the text stays."""
    return {
        "container": of.container,
        "scope": of.scope,
        "url": of.url,
        "kind": of.kind,
        "media_type": of.media_type,
        "owners": list(of.owners),
        "canonical": of.canonical,
        "created_at": of.created_at and comparable(of.created_at),
        "modified_at": of.modified_at and comparable(of.modified_at),
        "created_number": to_number(of.created_at),
        "modified_number": to_number(of.modified_at),
        "metadata_print": fingerprint.metadata(of).hex(),
    }


def chunk(key: UUID, told: dict[str, Any]) -> IndexedChunk:
    """The chunk that an object with these properties is."""
    return IndexedChunk(
        id=UUID(str(key)),
        document=int(told["document"]),
        container=int(told["container"]),
        scope=int(told["scope"]),
        source=told["source"],
        ordinal=int(told["ordinal"]),
        text=told.get("text") or "",
        analysed="",
        title=told.get("title") or "",
        headings=tuple(told.get("headings") or ()),
        url=told.get("url") or "",
        kind=told.get("kind") or "",
        media_type=told.get("media_type") or "",
        owners=tuple(told.get("owners") or ()),
        canonical=bool(told.get("canonical")),
        created_at=to_time(int(told["created_number"])),
        modified_at=to_time(int(told["modified_number"])),
        indexed_at=EPOCH + int(told["indexed_number"]) * MICROSECOND,
        content_hash=told.get("content_hash") or "",
        vector=_NONE,
    )
