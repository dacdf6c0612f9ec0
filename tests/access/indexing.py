"""An index that is written now and then, and searched as each person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import numpy as np

from access import Person
from catalog import documents, stages
from catalog.database import Catalog
from catalog.documents import StoredDocument
from corpus import chunk_id
from index.embedded import EmbeddedIndex
from index.interface import IndexedChunk, Reach, Where
from retrieval.gate import Gate
from tests.fixtures.chunk import indexed

_DIMENSIONS = 4
_VECTOR = np.array([1, 0, 0, 0], np.float32)
_STAGE = stages.index_stage(EmbeddedIndex.backend, "v")
_ALL = 1_000_000


class LaggingIndex:
    """What was put into it stays as it was until it is put again."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        self._catalog = catalog
        self._index = EmbeddedIndex(folder, "v", _DIMENSIONS)
        self._held: dict[int, StoredDocument] = {}

    def write(self, rows: Collection[int], now: datetime) -> None:
        """Bring the index up to date with these documents."""
        with self._catalog.writing() as connection:
            found = documents.load(connection, sorted(rows))
            there = {row: each for row, each in found.items() if each.removed_at is None}
            self._index.put([(row, [_chunk(each, now)]) for row, each in there.items()])
            gone = found.keys() - there.keys()
            self._index.delete(sorted(gone))
            marks = [(row, f"{each.body_key}:", 1) for row, each in there.items()]
            stages.mark(connection, _STAGE, marks, now)
            stages.unmark(connection, _STAGE, sorted(gone))
        self._held = {r: e for r, e in self._held.items() if r not in gone} | there

    def found(self, gate: Gate, person: Person, *, coarse: bool) -> set[int]:
        """Documents of which a search finds a passage that passes the gate.

        A `coarse` filter keeps nothing back, so that all rests on the gate.
        """
        everything = Reach(containers=frozenset(e.container_id for e in self._held.values()))
        reach = everything if coarse else gate.reach(person)
        hits = self._index.by_keyword(["word"], reach, Where(), _ALL) if reach else ()
        passed = gate.admit_indexed(
            person, _STAGE, [(each.chunk.document, each.chunk.scope) for each in hits]
        )
        return {row for row, _ in passed}

    def up_to_date(self) -> set[int]:
        """Documents that the index holds as the catalog does."""
        now = self._now()
        return {
            row
            for row, each in self._held.items()
            if (each.body_key, each.scope_id, each.container_id)
            == (now[row].body_key, now[row].scope_id, now[row].container_id)
        }

    def of_earlier(self, rows: Collection[int], scopes: frozenset[int]) -> set[int]:
        """Documents of which an older text is held, or one put there under another scope."""
        now = self._now() if rows else {}
        return {
            row
            for row in rows
            if self._held[row].scope_id not in scopes
            or self._held[row].body_key != now[row].body_key
        }

    def _now(self) -> dict[int, StoredDocument]:
        with self._catalog.reading() as connection:
            return documents.load(connection, sorted(self._held))

    def close(self) -> None:
        self._index.close()


def _chunk(stored: StoredDocument, now: datetime) -> IndexedChunk:
    return indexed(
        stored.id,
        id=chunk_id(stored.source, stored.native_id, "v", 0),
        container=stored.container_id,
        scope=stored.scope_id or 0,
        source=stored.source.value,
        text="word",
        analysed="word",
        title=stored.title,
        indexed_at=now,
        content_hash=stored.content_hash or "",
        vector=_VECTOR,
    )
