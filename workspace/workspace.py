"""A workspace: the parts that the settings describe, made when first needed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from access import Source
from catalog import people, stages
from catalog.content import ContentStore
from catalog.database import CATALOG_FILE, Catalog
from catalog.exclusive import alone
from catalog.policy import AccessPolicy
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from connectors import registry
from connectors.directory import ISSUER, Directory, DirectoryMissing, directory_of, directory_text
from connectors.interface import SourceConnector
from embedding.interface import Embedder
from embedding.registry import build_embedder
from embedding.settings import EmbeddingSettings
from index import analyser
from index.analyser import Analyser
from index.interface import Index
from index.registry import open_versions
from index.serving import Serving
from index.settings import IndexSettings
from index.versions import Versions
from retrieval.gate import Gate
from retrieval.search import Retrieval
from sync.indexing import Indexer, writing
from workspace.errors import NothingSynced, SettingsInvalid
from workspace.misspelt import misspelt
from workspace.settings import WorkspaceSettings, load_settings, loaded


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
        self._directory: tuple[str, Directory] | None = None

    @property
    def synced(self) -> bool:
        """Whether there is a catalog; to look makes none. Of a server's database it is assumed."""
        return self._file is None or self._file.exists()

    def established(self) -> Self:
        """This workspace, for whoever only looks and is not to make a home.

        Raises:
            NothingSynced: there is no catalog yet; the message says how to make one.
        """
        home, file = self.settings.home, self._file
        if file is None or file.exists():
            return self
        if file.parent.exists() and not file.parent.is_dir():
            raise NothingSynced(
                f"nothing is synced yet: {file.parent.absolute()} is a file, where the catalog's"
                " folder should be; move it away, or name another in BAILIWICK_HOME or"
                " BAILIWICK_CATALOG_URL"
            )
        said = f"nothing is synced yet: {file.absolute()} is not there. A first sync makes it"
        said += " (`python -m pipelines.materialize`)"
        if self.settings.catalog_url is not None:
            said += "; if there was one, see that BAILIWICK_CATALOG_URL names it"
        elif (home / "demo" / CATALOG_FILE).exists():
            said += f"; the demo's is used with BAILIWICK_HOME={home / 'demo'}"
        elif "home" not in self.settings.model_fields_set:
            said += "; if there was one, go to its folder, or set BAILIWICK_HOME to the home in it"
        raise NothingSynced(said)

    @property
    def _file(self) -> Path | None:
        """Where the catalog's file is; None where the catalog is no file."""
        if self.settings.catalog_url is None:
            return self.settings.home / CATALOG_FILE
        return _file_of(self.settings.catalog_url.get_secret_value())

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
        return _model(loaded(EmbeddingSettings))

    @cached_property
    def chunker(self) -> Chunker:
        """Bodies to chunks."""
        return Chunker()

    @cached_property
    def index_settings(self) -> IndexSettings:
        """Which index backend; the embedded one keeps its versions in the home by default."""
        settings = loaded(IndexSettings)
        if "folder" in settings.model_fields_set:
            return settings
        return settings.model_copy(update={"folder": self.settings.home / "index"})

    @cached_property
    def analyser(self) -> Analyser:
        """Words to search tokens."""
        return Analyser(self.index_settings.languages)

    @cached_property
    def versions(self) -> Versions:
        """The versions that the index backend holds."""
        return open_versions(self.index_settings)

    @property
    def index_version(self) -> str:
        """The version that the chunker, analyser and model in use make."""
        return version_name(
            self.chunker.version, self.index_settings.languages, self.embedder.model
        )

    @cached_property
    def index(self) -> Index:
        """The index of the version in use, to be written to. The first one goes into service."""
        if self.index_is_built:
            opened = self._opened()
        else:
            # Whoever wrote to a lost one has marked that before its marks go.
            stage = stages.index_stage(self.index_settings.backend, self.index_version)
            with alone(self.catalog, writing(stage)):
                if not self.index_is_built:
                    # Dropped or lost since: before it is there again, no mark may say what it
                    # holds.
                    with self.catalog.writing() as connection:
                        stages.doubt_all(connection, stage)
                opened = self._opened()
        if self.versions.serving() is None:
            self.versions.switch(opened.version)
        return opened

    @property
    def index_is_built(self) -> bool:
        """Whether there is an index of the version in use; to look makes none."""
        return self.index_version in {each.name for each in self.versions.all()}

    def _opened(self) -> Index:
        return self.versions.open(self.index_version, self.embedder.dimensions)

    @cached_property
    def serving(self) -> Serving:
        """The index that searches go to, whichever version that is."""
        fits = partial(same_model, self.index_version)
        return Serving(self.versions, fits=fits)

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
            analyser=self.analyser,
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
        return Retrieval(
            self.catalog, self.serving, self.embedder, self.gate, analyser=self.analyser
        )

    @property
    def directory(self) -> Directory | None:
        """The directory file as it is now; None where there is none and the settings name none.

        It is taken anew whenever its text is another: a leaver who was struck off must not stay
        in for as long as a process lives.

        Raises:
            DirectoryMissing: it is not there, though the settings name one, or the catalog knows
                people from one: it is never taken for a word that they are to stay.
            DirectoryInvalid: there is one, and it does not say what it must.
        """
        path = self.settings.directory
        named = "directory" in self.settings.model_fields_set
        if not named and not path.exists():
            path = self.settings.home / path
        if named or path.exists():
            text = directory_text(path)
            if self._directory is None or self._directory[0] != text:
                self._directory = (text, directory_of(path, text))
            return self._directory[1]
        known = 0
        if self.synced:
            with self.catalog.reading() as connection:
                known = people.active(connection, ISSUER)
        if known:
            raise DirectoryMissing(
                f"{path} is not there, and {known} people are known from it: put it back or name"
                " it in BAILIWICK_DIRECTORY; to let nobody in, leave a file with `people: []`"
            )
        return None

    def connector(self, source: Source, *, looking: bool = False) -> SourceConnector:
        """The connector of a source.

        Args:
            source: which.
            looking: whether nothing is to be made: where there is no home, nobody else asks with
                the same credential, and no budget is shared.

        Raises:
            NotConfigured: the settings hold no credentials for it.
        """
        home = self.settings.home
        budgets = None if looking and not home.exists() else home / "budgets"
        return registry.open_connector(source, budgets=budgets)

    def sources(self) -> Mapping[Source, str]:
        """Every source that has a connector, and why it can't be read.

        That is what shows without a request; it is empty where nothing does.
        """
        return {each: registry.standing(each) for each in registry.available_sources()}

    def broken_settings(self) -> Sequence[str]:
        """What is wrong with settings that are read late, and variables that name none."""
        found = [*misspelt()]
        for kind in (IndexSettings, EmbeddingSettings):
            try:
                loaded(kind)
            except SettingsInvalid as error:
                found.append(str(error))
        return found

    def close(self) -> None:
        """Release what was opened."""
        for name in ("retrieval", "serving", "index", "versions", "catalog"):
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


def version_name(chunker: str, languages: Sequence[str], model: str) -> str:
    """Names everything that decides what an index holds for a document.

    A change of chunker, analyser or model is another index, filled beside the old one. The
    first half names the model alone: see `same_model`.
    """
    rest = "\n".join((chunker, analyser.VERSION, *languages))
    return _short(model) + _short(rest)


def same_model(one: str, other: str) -> bool:
    """Whether the vectors of two versions were made by the same model."""
    return one[:_HALF] == other[:_HALF]


_HALF = 8


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HALF]


def _file_of(url: str) -> Path | None:
    """The file of a SQLite URL; None of a server's, of one in memory, and of what is no URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None  # opening it says so
    name = parsed.database
    if parsed.get_backend_name() != "sqlite" or not name or ":memory:" in name:
        return None
    if name.startswith("file:"):  # SQLite's own kind of address, with `uri=true`
        if parsed.query.get("mode") == "memory":
            return None
        name = unquote(urlsplit(name).path)
    return Path(name)


@cache  # a model takes a second to load and hundreds of megabytes: once a process is enough
def _model(settings: EmbeddingSettings) -> Embedder:
    return build_embedder(settings)
