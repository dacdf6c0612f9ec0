"""A workspace: the parts that the settings describe, made when first needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from types import TracebackType
from typing import Self

from access import Source
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.entitlements import AccessPolicy
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from connectors import registry
from connectors.directory import Directory, load_directory
from connectors.interface import SourceConnector
from embedding.bundled import BundledModel
from embedding.interface import Embedder
from index import analyser
from index.embedded import EmbeddedIndex
from index.interface import Index
from retrieval.gate import Gate
from retrieval.search import Retrieval
from sync.indexing import Indexer
from workspace.settings import WorkspaceSettings, load_settings


class Workspace:
    """Everything that one installation is made of.

    Parts are made when first asked for: to explain an access nobody waits for a model to load.
    """

    def __init__(self, settings: WorkspaceSettings | None = None) -> None:
        """Use these settings, or those of the environment.

        Raises:
            SettingsInvalid: a variable does not say what it must.
        """
        self.settings = settings or load_settings()

    @cached_property
    def catalog(self) -> Catalog:
        """The relational truth."""
        if self.settings.catalog_url is not None:
            return Catalog.open(self.settings.catalog_url.get_secret_value())
        return Catalog.at(self.settings.home)

    @cached_property
    def content(self) -> ContentStore:
        """Bodies and chunks."""
        return ContentStore(self.settings.content_url or str(self.settings.home / "content"))

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model."""
        return BundledModel()

    @cached_property
    def chunker(self) -> Chunker:
        """Bodies to chunks."""
        return Chunker()

    @cached_property
    def index(self) -> Index:
        """The search index of the chunker, analyser and model in use."""
        version = index_version(self.chunker.version, self.embedder.model)
        return EmbeddedIndex(
            self.settings.home / "index" / version, version, self.embedder.dimensions
        )

    @cached_property
    def indexer(self) -> Indexer:
        """Chunks to the index."""
        return Indexer(
            self.catalog,
            self.content,
            self.embedder,
            CatalogVectors(self.catalog),
            self.index,
            self.chunker.version,
        )

    @property
    def policy(self) -> AccessPolicy:
        """What the installation declares about access."""
        return self.settings.policy

    @cached_property
    def gate(self) -> Gate:
        """Who may read what, now."""
        return Gate(self.catalog, self.policy)

    @cached_property
    def retrieval(self) -> Retrieval:
        """The query module."""
        return Retrieval(self.catalog, self.index, self.embedder, self.gate)

    @cached_property
    def directory(self) -> Directory | None:
        """The directory file; None where there is none and the settings name none.

        Raises:
            DirectoryMissing: the settings name one, and it is not there.
            DirectoryInvalid: there is one, and it does not say what it must.
        """
        path = self.settings.directory
        named = "directory" in self.settings.model_fields_set
        return load_directory(path) if named or path.exists() else None

    def sources(self) -> Sequence[Source]:
        """Sources whose settings hold credentials."""
        return registry.configured_sources()

    def connector(self, source: Source) -> SourceConnector:
        """The connector of a source.

        Raises:
            NotConfigured: the settings hold no credentials for it.
        """
        return registry.open_connector(source)

    def close(self) -> None:
        """Release what was opened."""
        for name in ("retrieval", "index", "catalog"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def index_version(chunker: str, model: str) -> str:
    """Names everything that decides what an index holds for a document.

    A change of chunker, analyser or model is another index, filled beside the old one.
    """
    parts = (chunker, analyser.VERSION, *analyser.LANGUAGES, model)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
