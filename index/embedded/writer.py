"""Writing to the embedded index: whole documents, in transactions, by one process at a time."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence

from index import fingerprint
from index.embedded.damage import Lost
from index.embedded.matrix import Matrix
from index.embedded.snapshot import KIND, MEDIA_TYPE, OWNERS, SOURCE
from index.interface import IndexedChunk, Vector, WriteFailure
from index.times import to_number
from index.validation import refusal

QUARANTINE = 120.0
"""Seconds before a freed slot is used again, for the sake of searches that began before."""
_AT_ONCE = 2000  # chunks in one transaction, unless a single document has more

_GATE = (
    "INSERT INTO gate (slot, live, generation, document, source, id, content, freed_at, "
    "container, scope, url, kind, media_type, owners, canonical, created_at, modified_at, metadata)"
    " VALUES (?, 1, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_METADATA = (
    "UPDATE gate SET container = ?, scope = ?, url = ?, kind = ?, media_type = ?, owners = ?, "
    "canonical = ?, created_at = ?, modified_at = ?, metadata = ?, generation = ? WHERE slot = ?"
)
_FREE = "UPDATE gate SET live = 0, generation = ?, freed_at = ?, url = '' WHERE slot = ?"
_PASSAGE = "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?)"
_KEYWORD = "INSERT INTO keyword (rowid, analysed) VALUES (?, ?)"
Documents = Sequence[tuple[int, Sequence[IndexedChunk]]]


class Writer:
    """Writes through one connection. Not for several threads at once."""

    def __init__(self, link: sqlite3.Connection, matrix: Matrix, dimensions: int) -> None:
        """Writes rows through `link` and vectors of `dimensions` to `matrix`."""
        self._link = link
        self._matrix = matrix
        self._dimensions = dimensions
        self._codes: dict[str, int] = {}

    def put(self, documents: Documents) -> list[WriteFailure]:
        """See `Index.put`. Each document is in one transaction; several share one."""
        failures: list[WriteFailure] = []
        sound = []
        for document, chunks in documents:
            if reason := refusal(document, chunks, self._dimensions):
                failures.append(WriteFailure(document, reason))
            else:
                sound.append((document, chunks))
        for group in _groups(sound):
            with _Change(self._link, self._matrix, self._codes) as change:
                for document, chunks in group:
                    change.put(document, chunks)
        return failures

    def delete(self, documents: Sequence[int]) -> None:
        """See `Index.delete`."""
        for start in range(0, len(documents), _AT_ONCE):
            with _Change(self._link, self._matrix, self._codes) as change:
                for document in documents[start : start + _AT_ONCE]:
                    change.put(document, ())


class _Change:
    """One write transaction: rows go in as they come, vectors before it commits."""

    def __init__(self, link: sqlite3.Connection, matrix: Matrix, codes: dict[str, int]) -> None:
        self._link = link
        self._matrix = matrix
        self._codes = codes
        self._now = time.time()
        self._vectors: dict[int, Vector] = {}
        self._changed = False
        self._told: tuple[object, ...] = ()
        self._row: tuple[object, ...] = ()

    def __enter__(self) -> _Change:
        self._link.execute("BEGIN IMMEDIATE")
        found = self._link.execute("SELECT value FROM state WHERE name = 'generation'").fetchone()
        self._generation = int(found[0]) + 1
        self._slots = self._unused()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        committed = False
        try:
            if kind is None and self._changed:
                self._matrix.write(self._vectors)
                self._link.execute(
                    "UPDATE state SET value = ? WHERE name = 'generation'", (self._generation,)
                )
                self._link.execute("COMMIT")
                committed = True
        finally:
            if not committed:
                self._codes.clear()  # some may just be taken back
            if self._link.in_transaction:  # a full disk has rolled back by itself
                self._link.execute("ROLLBACK")

    def put(self, document: int, chunks: Sequence[IndexedChunk]) -> None:
        """Make a document's chunks exactly these."""
        held = {
            key: (slot, content, metadata)
            for key, slot, content, metadata in self._link.execute(
                "SELECT id, slot, content, metadata FROM gate WHERE document = ? AND live = 1",
                (document,),
            )
        }
        fresh: list[tuple[IndexedChunk, bytes]] = []
        stale: list[int] = []
        strange: list[bytes] = []
        for chunk in chunks:
            content = fingerprint.content(chunk)
            slot, old_content, old_metadata = held.pop(chunk.id.bytes, (-1, b"", b""))
            if content != old_content:
                fresh.append((chunk, content))
                if slot >= 0:
                    stale.append(slot)
                else:
                    strange.append(chunk.id.bytes)
            elif old_metadata != (row := self._metadata(chunk))[-1]:
                self._link.execute(_METADATA, (*row, self._generation, slot))
                self._changed = True
        stale += [slot for slot, _, _ in held.values()]
        self._free(stale + self._elsewhere(strange))
        self._add(document, fresh)

    def _add(self, document: int, fresh: Sequence[tuple[IndexedChunk, bytes]]) -> None:
        gates, passages, keywords = [], [], []
        for chunk, content in fresh:
            slot = next(self._slots)
            gates.append(
                (
                    slot,
                    self._generation,
                    document,
                    self._code(SOURCE, chunk.source),
                    chunk.id.bytes,
                    content,
                    *self._metadata(chunk),
                )
            )
            passages.append(
                (
                    slot,
                    chunk.ordinal,
                    to_number(chunk.indexed_at),
                    chunk.content_hash,
                    chunk.title,
                    json.dumps(chunk.headings, ensure_ascii=False),
                    chunk.text,
                )
            )
            keywords.append((slot, chunk.analysed))
            self._vectors[slot] = chunk.vector
        if fresh:
            self._link.executemany(_GATE, gates)
            self._link.executemany(_PASSAGE, passages)
            self._link.executemany(_KEYWORD, keywords)
            self._changed = True

    def _free(self, slots: Sequence[int]) -> None:
        if slots:
            one = [(slot,) for slot in slots]
            self._link.executemany("DELETE FROM keyword WHERE rowid = ?", one)
            self._link.executemany("DELETE FROM passage WHERE slot = ?", one)
            self._link.executemany(_FREE, [(self._generation, self._now, slot) for slot in slots])
            self._changed = True

    def _elsewhere(self, ids: Sequence[bytes]) -> list[int]:
        """The slots of other documents' chunks that have these ids."""
        slots: list[int] = []
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            slots += [
                slot
                for (slot,) in self._link.execute(
                    f"SELECT slot FROM gate WHERE live = 1 AND id IN ({_marks(some)})",  # noqa: S608
                    some,
                )
            ]
        return slots

    def _unused(self) -> Iterator[int]:
        """Slots to fill: long free ones, then new ones."""
        free = self._link.execute(
            "SELECT slot FROM gate WHERE live = 0 AND freed_at < ? ORDER BY slot LIMIT ?",
            (self._now - QUARANTINE, _AT_ONCE),
        ).fetchall()
        # Looked up now: the last slot may be a free one, gone from the table once it is given out.
        (last,) = self._link.execute("SELECT max(slot) FROM gate").fetchone()
        if last is not None and last >= self._matrix.rows:
            raise Lost("vectors are gone")  # and would be zeros, once the file has grown again
        for (slot,) in free:
            self._link.execute("DELETE FROM gate WHERE slot = ?", (slot,))
            yield slot
        slot = -1 if last is None else last
        while True:
            slot += 1
            yield slot

    def _code(self, mark: str, value: str) -> int:
        """The number of an interned string."""
        word = mark + value
        code = self._codes.get(word)
        if code is None:
            self._link.execute("INSERT OR IGNORE INTO word (value) VALUES (?)", (word,))
            found = self._link.execute("SELECT code FROM word WHERE value = ?", (word,)).fetchone()
            code = int(found[0])
            if len(self._codes) > 100_000:
                self._codes.clear()
            self._codes[word] = code
        return code

    def _metadata(self, of: IndexedChunk) -> tuple[object, ...]:
        """What may change without the text changing, as `_METADATA` wants it; its hash last."""
        told = fingerprint.metadata_of(of)
        if told == self._told:  # the chunks of a document tell the same, as a rule
            return self._row
        row = (
            of.container,
            of.scope,
            of.url,
            self._code(KIND, of.kind),
            self._code(MEDIA_TYPE, of.media_type),
            self._code(OWNERS, json.dumps(of.owners, ensure_ascii=False)),
            int(of.canonical),
            to_number(of.created_at),
            to_number(of.modified_at),
        )
        self._told = told
        self._row = (*row, fingerprint.metadata(of))
        return self._row


def _marks(values: Sequence[object]) -> str:
    """As many question marks, for SQL."""
    return ", ".join("?" * len(values))


def _groups(documents: Documents) -> Iterator[Documents]:
    """Documents that go in together: at most `_AT_ONCE` chunks, or one document."""
    group: list[tuple[int, Sequence[IndexedChunk]]] = []
    size = 0
    for document, chunks in documents:
        if group and size + len(chunks) > _AT_ONCE:
            yield group
            group, size = [], 0
        group.append((document, chunks))
        size += max(1, len(chunks))
    if group:
        yield group
