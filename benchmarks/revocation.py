"""Unsharing a folder above many documents: one clause edit, and nothing written to the index.

A process of its own holds the index and a warm gate, and searches as the person who loses the
folder, before the edit and after. What the indexer then does is counted at the index.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, insert, literal, select

from access import (
    AccessControl,
    Clause,
    Evidence,
    IdentityLink,
    Person,
    Principal,
    PrincipalKind,
    Source,
    utc_now,
)
from benchmarks.databases import available, emptied
from benchmarks.timing import machine
from catalog import clauses, containers, documents, people, stages
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from catalog.tables import document, stage_mark
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from corpus import Container, Content, Document, chunk_id
from embedding.hashing import HashingEmbedder
from index.embedded import EmbeddedIndex
from index.interface import IndexedChunk, WriteFailure
from index.serving import Fixed
from retrieval.gate import Gate
from retrieval.search import Retrieval
from sync.indexing import Indexer
from tests.fixtures.chunk import indexed

_DRIVE = Source.GOOGLE_DRIVE
_FOLDER = Container(_DRIVE, "shared-drive", "Shared drive", "")
_ASKER = Person("directory", "asker")
_READERS = [Principal(_DRIVE, PrincipalKind.USER, f"{name}@acme.example") for name in ("a", "b")]
_DIMENSIONS = 32
_VERSION = "benchmark"


class CountingIndex(EmbeddedIndex):
    """The embedded index, counting the documents that it is asked to write."""

    writes = 0

    def put(
        self, documents: Sequence[tuple[int, Sequence[IndexedChunk]]]
    ) -> Sequence[WriteFailure]:
        """Count, and put."""
        self.writes += len(documents)
        return super().put(documents)

    def delete(self, documents: Sequence[int]) -> None:
        """Count, and delete."""
        self.writes += len(documents)
        super().delete(documents)


def folder(now: datetime, *readers: Principal) -> Clause:
    """The folder's clause, shared with these."""
    return Clause.of(_DRIVE, "folder/1", readers, now)


def fill(catalog: Catalog, index: CountingIndex, chunker: str, many: int) -> None:
    """Put `many` documents beneath the folder, as if every stage had done them."""
    now = utc_now()
    with catalog.writing() as connection:
        containers.store(connection, [_FOLDER], now)
        number = containers.number(connection, _DRIVE, _FOLDER.id)
        people.store(connection, _ASKER, name="Asker")
        link = IdentityLink(_ASKER, _READERS[0], Evidence.EXPLICIT)
        people.replace_links(connection, [link], "directory", now)
        access = AccessControl.all_of(folder(now, *_READERS))
        for start in range(0, many, 1_000):
            page = [(_document(n, access), None) for n in range(start, start + 1_000)]
            documents.store(connection, number, False, page, now)
        _mark(connection, stages.CHUNKS, stages.chunks_fingerprint(chunker), now)
        _mark(
            connection,
            stages.index_stage(index.backend, _VERSION),
            stages.index_fingerprint(chunker),
            now,
        )
        rows = connection.execute(select(document.c.id, document.c.scope_id)).all()
    vectors = np.random.default_rng(7).standard_normal((many, _DIMENSIONS), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for start in range(0, many, 5_000):
        index.put(
            [
                (row.id, [_chunk(row.id, row.scope_id, number, now, vectors[start + n])])
                for n, row in enumerate(rows[start : start + 5_000])
            ]
        )
    index.writes = 0


def measure(catalog: Catalog, url: str, home: Path, many: int) -> dict[str, object]:
    """Unshare the folder once, with a searcher in another process."""
    chunker = Chunker().version
    with _open(home) as index:
        fill(catalog, index, chunker, many)
    code = f"from benchmarks.revocation import searcher; searcher({url!r}, {str(home)!r})"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        before = _ask(other)
        at = utc_now() + timedelta(milliseconds=1)
        began = time.perf_counter()
        with catalog.writing() as connection:
            clauses.store(connection, [folder(at, _READERS[1])])
        took = (time.perf_counter() - began) * 1e3
        after = _ask(other)
        assert other.stdin is not None
        other.stdin.close()
    with _open(home) as index:
        content = ContentStore(str(home / "content"))
        vectors = CatalogVectors(catalog)
        embedder = HashingEmbedder(_DIMENSIONS)
        report = Indexer(catalog, content, embedder, vectors, index, chunker).run(_FOLDER)
        writes = index.writes + report.documents
    if not before or after:
        raise AssertionError(f"found {before} before the edit and {after} after it")
    return {
        "documents": many,
        "found_before": before,
        "found_after": after,
        "catalog_ms": round(took, 2),
        "index_writes": writes,
    }


def searcher(url: str, home: str) -> None:
    """Search once for each line read, and say how many passages were found."""
    with Catalog.open(url) as catalog, _open(Path(home)) as index:
        gate = Gate(catalog, AccessPolicy())
        retrieval = Retrieval(catalog, Fixed(index), HashingEmbedder(_DIMENSIONS), gate)
        for _ in sys.stdin:
            print(len(retrieval.search("page", _ASKER)), flush=True)
        retrieval.close()


def _ask(other: subprocess.Popen[str]) -> int:
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.write("ask\n")
    other.stdin.flush()
    return int(other.stdout.readline())


def _open(home: Path) -> closing[CountingIndex]:
    return closing(CountingIndex(home / "index", _VERSION, _DIMENSIONS))


def _document(number: int, access: AccessControl) -> Document:
    body = Content(None, "text/plain", "no text")
    title = f"Page {number}"
    return Document(
        _DRIVE, f"file-{number}", _FOLDER.id, title, "", body, "1", (), None, None, access
    )


def _chunk(row: int, scope: int, container: int, now: datetime, vector: np.ndarray) -> IndexedChunk:
    return indexed(
        row,
        id=chunk_id(_DRIVE, f"row-{row}", _VERSION, 0),
        container=container,
        scope=scope,
        source=_DRIVE.value,
        text=f"page {row}",
        analysed=f"page {row}",
        title=f"Page {row}",
        indexed_at=now,
        content_hash=f"{row:064x}",
        vector=vector,
    )


def _mark(connection: Connection, stage: str, fingerprint: object, now: datetime) -> None:
    columns = ["document_id", "stage", "fingerprint", "produced", "done_at"]
    marks = select(
        document.c.id,
        literal(stage),
        fingerprint,
        literal(1),
        literal(now, stage_mark.c.done_at.type),
    )
    connection.execute(insert(stage_mark).from_select(columns, marks))


def main() -> None:
    """Measure on every database."""
    many = 20_000 if "--quick" in sys.argv else 100_000
    figures: dict[str, object] = {"benchmark": "revocation", **machine()}
    for database in available():
        with emptied(database) as (catalog, url), tempfile.TemporaryDirectory() as home:
            told = measure(catalog, url, Path(home), many)
        print(f"{database:10}  {told}", flush=True)
        figures[database] = told
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
