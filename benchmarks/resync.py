"""What a sync costs when nothing changed, when one paragraph did, and when the index is new.

    python -m benchmarks.resync [--quick] [--files N]

A folder of files goes through the catalog, the chunker and the embedded index. Then everything
is read again: once by a source that tells versions, as all of ours do, and once by one that
sends every body again. Then one paragraph of one file is edited; then another version of the
index is filled from what is stored. Vectors are those of a hash, which cost nothing, so what is
left is the cost of finding out that there is nothing to do; how many texts are embedded does not
depend on the model. Beside it stands the least that a program could do that keeps no state:
read every file, chunk it and hash the chunks.

The last line is one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import files
from benchmarks.folder import HERE, MEDIA_TYPES, Folder
from benchmarks.timing import machine
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from corpus import Content
from embedding.cache import text_hash
from embedding.hashing import HashingEmbedder
from index.embedded import EmbeddedIndex
from sync.chunks import sync_chunks
from sync.documents import sync_documents
from sync.indexing import Indexer
from sync.report import IndexReport


def main() -> None:
    """Run, print a table, then the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the files")
    parser.add_argument("--files", type=int, default=10_000, help="how many files (10000)")
    asked = parser.parse_args()
    count = asked.files // 10 if asked.quick else asked.files
    figures: dict[str, object] = {"files": count}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        files.write(home / "files", count)
        catalog, content = Catalog.at(home), ContentStore(str(home / "content"))
        chunker, embedder = Chunker(), HashingEmbedder(384)
        first = Indexer(
            catalog,
            content,
            embedder,
            CatalogVectors(catalog),
            EmbeddedIndex(home / "first", "first", embedder.dimensions),
            chunker.version,
        )

        def sync(*, resends: bool = False) -> IndexReport:
            sync_documents(catalog, content, Folder(home / "files", resends=resends), HERE)
            sync_chunks(catalog, content, chunker, HERE)
            return first.run(HERE)

        chunks = _tell(figures, "first", 0, sync)
        _tell(figures, "unchanged", chunks, sync)
        _tell(figures, "resent", chunks, lambda: sync(resends=True))
        edited = home / "files" / "page-00000.md"
        edited.write_text(edited.read_text().replace(" (0)\n", " (0), edited\n", 1))
        _tell(figures, "one_edited", chunks, sync)
        second = replace(first, index=EmbeddedIndex(home / "second", "second", 384))
        _tell(figures, "new_index", chunks, lambda: second.run(HERE))
        began = time.perf_counter()
        for file in sorted((home / "files").iterdir()):
            body = Content(file.read_bytes(), MEDIA_TYPES[file.suffix])
            for chunk in chunker.chunk(body, file.stem).chunks:
                text_hash(chunk.text)
        taken = time.perf_counter() - began
        figures["stateless_chunks_per_second"] = round(chunks / taken)
        print(f"{'stateless':12} {taken:8.2f} s {chunks / taken:10,.0f} chunks a second")
        for index in (first.index, second.index):
            index.close()
        catalog.close()
    print(json.dumps({**figures, **machine()}))


def _tell(
    figures: dict[str, object], name: str, chunks: int, work: Callable[[], IndexReport]
) -> int:
    began = time.perf_counter()
    report = work()
    taken = time.perf_counter() - began
    chunks = chunks or report.chunks
    figures[f"{name}_seconds"] = round(taken, 3)
    figures[f"{name}_chunks_per_second"] = round(chunks / taken)
    figures[f"{name}_embedded"] = report.embedded
    figures[f"{name}_written"] = report.chunks
    print(
        f"{name:12} {taken:8.2f} s {chunks / taken:10,.0f} chunks a second,"
        f" {report.embedded:,} embedded, {report.chunks:,} written",
        flush=True,
    )
    return chunks


if __name__ == "__main__":
    main()
