"""Bailiwick: a folder as a source, through the catalog, the chunker and the index stage."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from benchmarks.folder import HERE, MEDIA_TYPES, Folder
from benchmarks.peers.contest import CHUNK_TOKENS, DIMENSIONS, Task, run
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from corpus import Content
from index.registry import open_versions
from index.settings import IndexSettings
from sync.chunks import sync_chunks
from sync.documents import sync_documents
from sync.indexing import Indexer


def prepare(task: Task) -> Callable[[], int]:
    """A new catalog, content store and index version, ready to sync."""
    embedder = task.embedder()
    catalog = Catalog.at(task.kept)
    content = ContentStore(str(task.kept / "content"))
    chunker = Chunker(budget=CHUNK_TOKENS)
    for suffix, media_type in MEDIA_TYPES.items():  # imports what parses them
        chunker.chunk(Content(b"warm", media_type), suffix)
    settings = IndexSettings(
        backend="weaviate",
        weaviate_url=f"http://127.0.0.1:{task.rest}",
        weaviate_grpc_port=task.grpc,
        weaviate_api_key=SecretStr(task.key),
    )
    index = open_versions(settings).open(f"peers{task.model}", DIMENSIONS)
    vectors = CatalogVectors(catalog)
    indexer = Indexer(catalog, content, embedder, vectors, index, chunker.version)
    folder = Folder(task.folder)

    def work() -> int:
        sync_documents(catalog, content, folder, HERE)
        sync_chunks(catalog, content, chunker, HERE)
        return indexer.run(HERE).total

    return work


if __name__ == "__main__":
    run(prepare)
