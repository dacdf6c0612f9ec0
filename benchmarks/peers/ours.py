# ruff: noqa: ARG002 - a folder has no use for some of what the contract passes
"""Bailiwick: a folder as a source, through the catalog, the chunker and the index stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import SecretStr

from access import AccessControl, Clause, Principal, PrincipalKind, Source, utc_now
from benchmarks.peers.contest import CHUNK_TOKENS, DIMENSIONS, Task, run
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from connectors.interface import KnownVersions, ListingPage
from corpus import (
    Container,
    Content,
    Cursor,
    Document,
    MembershipPage,
    Page,
    PermissionPage,
    Upsert,
)
from index.registry import open_versions
from index.settings import IndexSettings
from sync.chunks import sync_chunks
from sync.documents import sync_documents
from sync.indexing import Indexer

_TYPES = {".md": "text/markdown", ".html": "text/html", ".txt": "text/plain"}
_PAGE = 100
_HERE = Container(Source.GOOGLE_DRIVE, "folder", "Folder", "")


class Folder:
    """A folder of files that everybody may read, as a source."""

    source = _HERE.source

    def __init__(self, folder: Path) -> None:
        self._files = sorted(folder.iterdir())
        anyone = Principal(self.source, PrincipalKind.ANYONE, "anyone")
        self._clause = Clause.of(self.source, "folder", {anyone}, utc_now())
        self._access = AccessControl.all_of(self._clause)

    def containers(self) -> Iterator[Container]:
        """The folder."""
        yield _HERE

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """All files, a hundred to a page."""
        for start in range(0, len(self._files), _PAGE):
            files = self._files[start : start + _PAGE]
            done = start + _PAGE >= len(self._files)
            changes = tuple(Upsert(self._document(file)) for file in files)
            yield Page(changes, Cursor(str(start)), whole=done)

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        """The folder's clause."""
        yield PermissionPage((self._clause,), (), Cursor("end"))

    def listing(self, container: Container) -> Iterator[ListingPage]:
        """Every file."""
        yield ListingPage({file.name: "1" for file in self._files}, True)

    def memberships(self) -> Iterator[MembershipPage]:
        """No groups."""
        yield from ()

    def _document(self, file: Path) -> Document:
        content = Content(file.read_bytes(), _TYPES[file.suffix])
        return Document(
            source=self.source,
            id=file.name,
            container_id=_HERE.id,
            title=file.stem,
            url="",
            content=content,
            version="1",
            owners=(),
            created_at=None,
            modified_at=None,
            access=self._access,
        )


def prepare(task: Task) -> Callable[[], int]:
    """A new catalog, content store and index version, ready to sync."""
    embedder = task.embedder()
    catalog = Catalog.at(task.kept)
    content = ContentStore(str(task.kept / "content"))
    chunker = Chunker(budget=CHUNK_TOKENS)
    for suffix, media_type in _TYPES.items():  # imports what parses them
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
        sync_documents(catalog, content, folder, _HERE)
        sync_chunks(catalog, content, chunker, _HERE)
        return indexer.run(_HERE).total

    return work


if __name__ == "__main__":
    run(prepare)
