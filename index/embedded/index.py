"""The embedded index: what opens it, and what keeps its readers and writer apart."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from uuid import UUID

from index.analyser import askable
from index.embedded import schema, search
from index.embedded.damage import as_written, told
from index.embedded.matrix import Matrix
from index.embedded.snapshot import Snapshot
from index.embedded.writer import Documents, Writer
from index.interface import (
    Entry,
    Hit,
    Reach,
    SearchIndexError,
    Vector,
    Where,
    WriteFailure,
)

OUTGROWN = 300_000
"""Chunks beyond which searches take longer than a person likes to wait."""
_ADVICE = (
    "The embedded index holds %d chunks; beyond %d its searches get slow. Set "
    "BAILIWICK_INDEX_BACKEND=weaviate and BAILIWICK_INDEX_WEAVIATE_URL, then run "
    "`bailiwick index rebuild`: nothing is fetched or embedded again."
)
_log = logging.getLogger(__name__)


class EmbeddedIndex:
    """An index in a folder: `index.sqlite` and `vectors.f32`.

    Several processes may read while one writes; writers wait for each other. Threads may share
    an object. A process that dies at any moment leaves the last committed state.
    """

    backend = "embedded"

    def __init__(self, folder: Path, version: str, dimensions: int) -> None:
        """The index in `folder`, made where missing.

        Raises:
            SearchIndexError: the folder holds an index of another version or size of vector, or
                a damaged one, or can't be used.
        """
        self.version = version
        self.dimensions = dimensions
        self._folder = folder
        self._path = folder / "index.sqlite"
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._matrix = Matrix(folder / "vectors.f32", dimensions)
        self._readers: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._snapshot = Snapshot.empty()
        self._vectors = self._matrix.map(0)
        self._warned = False
        self._process = os.getpid()
        self._closed = False
        try:
            with told(folder):
                self._link = schema.connect(self._path)
                self._readers.append(self._link)
                schema.create(self._link, version, dimensions, lambda: self._matrix.rows == 0)
        except BaseException:
            self.close()
            raise
        self._writer = Writer(self._link, self._matrix, dimensions)

    def put(self, documents: Documents) -> Sequence[WriteFailure]:
        """See `Index.put`. Each document is written as a whole or not at all."""
        with self._to_write():
            failures = self._writer.put(documents)
            self._warn()
            return failures

    def delete(self, documents: Sequence[int]) -> None:
        """See `Index.delete`."""
        with self._to_write():
            self._writer.delete(documents)

    def by_vector(self, vector: Vector, reach: Reach, where: Where, limit: int) -> Sequence[Hit]:
        """See `Index.by_vector`. Exact."""
        if vector.shape != (self.dimensions,):
            raise SearchIndexError(f"a vector of shape {vector.shape}, not ({self.dimensions},)")
        if not reach or limit < 1:
            return []
        with self._to_read() as (link, snapshot, vectors):
            mask = snapshot.admitted(reach, where)
            ranked = search.nearest(vectors, snapshot, mask, vector, limit)
            with as_written(self._folder):
                return search.fetch(link, ranked)

    def by_keyword(
        self, terms: Sequence[str], reach: Reach, where: Where, limit: int
    ) -> Sequence[Hit]:
        """See `Index.by_keyword`. Exact."""
        asked = askable(terms)
        if not asked or not reach or limit < 1:
            return []
        with self._to_read() as (link, snapshot, _):
            mask = snapshot.admitted(reach, where)
            ranked = search.matching(link, snapshot, mask, asked, limit)
            with as_written(self._folder):
                return search.fetch(link, ranked)

    def documents(self) -> dict[int, int]:
        """See `Index.documents`."""
        with self._to_read() as (link, _, _):
            return dict(
                link.execute("SELECT document, count(*) FROM gate WHERE live = 1 GROUP BY document")
            )

    def entries(self) -> Iterator[Entry]:
        """See `Index.entries`."""
        with self._to_read() as (link, _, _):
            rows = link.execute(
                "SELECT document, container, scope, id FROM gate WHERE live = 1 ORDER BY document"
            ).fetchall()
        for document, theirs in groupby(rows, itemgetter(0)):
            _, containers, scopes, ids = zip(*theirs, strict=True)
            container = containers[0] if len(set(containers)) == 1 else -1
            scope = scopes[0] if len(set(scopes)) == 1 else -1
            with as_written(self._folder):
                entry = Entry.of(document, container, scope, (UUID(bytes=key) for key in ids))
            yield entry

    def present(self) -> bool:
        """See `Index.present`."""
        return self._matrix.present()

    def close(self) -> None:
        """See `Index.close`."""
        with self._writing, self._lock:
            self._closed = True
            for link in self._readers:
                link.close()
            self._readers.clear()
            self._idle.clear()
            self._snapshot = Snapshot.empty()
            self._vectors = self._matrix.map(0)
            self._matrix.close()

    @contextmanager
    def _to_write(self) -> Iterator[None]:
        self._usable()
        with self._writing, told(self._folder):
            self._same()  # else what is written would be gone with the folder, and called done
            yield

    @contextmanager
    def _to_read(self) -> Iterator[tuple[sqlite3.Connection, Snapshot, Vector]]:
        """A connection inside a read transaction, and the snapshot and matrix of that moment."""
        self._usable()
        with told(self._folder), self._reader() as link:
            try:
                while True:
                    link.execute("BEGIN")
                    found = link.execute("SELECT value FROM state WHERE name = 'generation'")
                    with self._lock, as_written(self._folder):
                        generation = int(found.fetchone()[0])
                        snapshot, vectors = self._refreshed(link, generation)
                    if snapshot.generation == generation:
                        break
                    link.execute("ROLLBACK")  # another thread has seen a later commit: look again
                yield link, snapshot, vectors
            finally:
                if link.in_transaction:
                    link.execute("ROLLBACK")

    def _refreshed(self, link: sqlite3.Connection, generation: int) -> tuple[Snapshot, Vector]:
        """The snapshot of `generation` or a later one, and its matrix. Under the lock."""
        if self._snapshot.generation < generation:
            snapshot, vectors = self._snapshot.refreshed(link, generation), self._vectors
            if len(vectors) < snapshot.slots:
                vectors = self._matrix.map(snapshot.slots)
            self._snapshot, self._vectors = snapshot, vectors
        return self._snapshot, self._vectors

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            link = self._idle.pop() if self._idle else None
        if link is None:
            link = schema.connect(self._path)
            with self._lock:
                self._readers.append(link)
            self._same()  # else these tables would not be those of the matrix
        try:
            yield link
        finally:
            with self._lock:
                self._idle.append(link)

    def _usable(self) -> None:
        if self._closed:
            raise SearchIndexError("the embedded index is closed")
        if os.getpid() != self._process:
            raise SearchIndexError("an embedded index was opened before a fork: open it anew")

    def _same(self) -> None:
        if not self._matrix.present():
            raise SearchIndexError(
                f"the embedded index in {self._folder} was dropped, or made anew, since it was"
                " opened: start again what uses it"
            )

    def _warn(self) -> None:
        """Say once that the index is outgrown, and what to do."""
        if self._warned:
            return
        (last,) = self._link.execute("SELECT max(slot) FROM gate").fetchone()
        if (last or 0) < OUTGROWN:
            return  # slots are never fewer than chunks, and quicker to know
        (count,) = self._link.execute("SELECT count(*) FROM gate WHERE live = 1").fetchone()
        if count > OUTGROWN:
            self._warned = True
            _log.warning(_ADVICE, count, OUTGROWN)
