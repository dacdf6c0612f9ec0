"""Searching the embedded index: both legs exact, both filtered before they rank."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from index.embedded.snapshot import Mask, Snapshot
from index.interface import Hit, IndexedChunk, Vector
from index.times import EPOCH, MICROSECOND, to_time

_BLOCK = 8192  # rows of the matrix multiplied at once; bounds what a search holds in memory
_SPARSE = 0.25  # below this share of slots, rows are gathered instead of the whole multiplied
_DIGITS = 6  # scores closer than this are the same: the order of a sum must not decide
_NONE = np.zeros(0, np.float32)
_PASSAGES = (
    "SELECT g.slot, g.id, g.document, g.container, g.scope, g.url, g.canonical, g.created_at, "
    "g.modified_at, s.value, k.value, m.value, o.value, p.ordinal, p.indexed_at, p.content_hash, "
    "p.title, p.headings, p.text FROM gate g JOIN passage p USING (slot) "
    "JOIN word s ON s.code = g.source JOIN word k ON k.code = g.kind "
    "JOIN word m ON m.code = g.media_type JOIN word o ON o.code = g.owners "
    "WHERE g.live = 1 AND g.slot IN (SELECT value FROM json_each(?))"
)


def nearest(
    matrix: Vector, snapshot: Snapshot, mask: Mask, vector: Vector, limit: int
) -> list[tuple[int, float]]:
    """The slots in `mask` whose rows of `matrix` are nearest to `vector`, with the cosine."""
    slots = np.flatnonzero(mask)
    if not len(slots):
        return []
    vector = np.ascontiguousarray(vector, np.float32)
    if len(slots) < _SPARSE * len(mask):
        scores = np.empty(len(slots), np.float32)
        for start in range(0, len(slots), _BLOCK):
            some = slots[start : start + _BLOCK]
            np.matmul(matrix[some], vector, out=scores[start : start + len(some)])
    else:
        every = np.empty(len(mask), np.float32)
        for start in range(0, len(mask), _BLOCK):
            stop = min(start + _BLOCK, len(mask))
            np.matmul(matrix[start:stop], vector, out=every[start:stop])
        scores = every[slots]
    return best(snapshot, slots, scores, limit)


def best(
    snapshot: Snapshot, slots: NDArray[np.int64], scores: NDArray[np.floating], limit: int
) -> list[tuple[int, float]]:
    """The `limit` slots with the highest scores, best first, ties by chunk id."""
    scores = np.round(scores.astype(np.float64), _DIGITS)
    if len(slots) > limit:
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        keep = scores >= least
        slots, scores = slots[keep], scores[keep]
    ranked = sorted(
        zip(slots.tolist(), scores.tolist(), strict=True),
        key=lambda pair: (-pair[1], snapshot.ids[pair[0]].tobytes()),
    )
    return ranked[:limit]


def matching(
    link: sqlite3.Connection, snapshot: Snapshot, mask: Mask, terms: Sequence[str], limit: int
) -> list[tuple[int, float]]:
    """The slots in `mask` that hold any of `terms`, with BM25; best first, ties by chunk id."""
    if not mask.any():
        return []
    question = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
    admitted = mask.tobytes()
    # A connection serves one search at a time, so the name is free to take.
    link.create_function("admitted", 1, admitted.__getitem__, deterministic=True)
    rows = link.execute(
        "SELECT rowid, bm25(keyword) FROM keyword WHERE keyword MATCH ? AND admitted(rowid)",
        (question,),
    ).fetchall()
    if not rows:
        return []
    slots, scores = zip(*rows, strict=True)
    return best(snapshot, np.array(slots, np.int64), -np.array(scores, np.float64), limit)


def fetch(link: sqlite3.Connection, ranked: Sequence[tuple[int, float]]) -> list[Hit]:
    """The chunks in these slots, in the same order."""
    rows = {
        row[0]: _chunk(row)
        for row in link.execute(_PASSAGES, (json.dumps([slot for slot, _ in ranked]),))
    }
    return [Hit(rows[slot], score) for slot, score in ranked]


def _chunk(row: tuple[Any, ...]) -> IndexedChunk:
    (_, key, document, container, scope, url, canonical, created, modified, *rest) = row
    source, kind, media, owners, ordinal, indexed, digest, title, headings, text = rest
    return IndexedChunk(
        id=UUID(bytes=key),
        document=document,
        container=container,
        scope=scope,
        source=source[1:],
        ordinal=ordinal,
        text=text,
        analysed="",
        title=title,
        headings=tuple(json.loads(headings)),
        url=url,
        kind=kind[1:],
        media_type=media[1:],
        owners=tuple(json.loads(owners[1:])),
        canonical=bool(canonical),
        created_at=to_time(created),
        modified_at=to_time(modified),
        indexed_at=EPOCH + indexed * MICROSECOND,
        content_hash=digest,
        vector=_NONE,
    )
