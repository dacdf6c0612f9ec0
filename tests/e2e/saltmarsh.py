"""The simulator's company, synced by the real connectors, and asked as each of its people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

import yaml
from sqlalchemy import select

from access import Person, Source
from catalog import failures
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from catalog.tables import document
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from connectors.directory import load_directory
from connectors.github.connector import GitHubConnector
from connectors.github.settings import GitHubSettings
from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import ConnectorError, SourceConnector
from connectors.sharepoint.settings import SharePointSettings
from corpus import Container
from embedding.hashing import HashingEmbedder
from index.embedded import EmbeddedIndex
from index.serving import Fixed
from retrieval.gate import Gate
from retrieval.search import Retrieval
from service.simulated import ADMINISTRATOR, ORGANISATION, directory_of
from simulator import oracle
from simulator.embedded import Running, serve
from simulator.oracle import Document
from simulator.sharepoint.company import APP, APP_SECRET
from simulator.sharepoint.state import SharePointState
from simulator.vendor import vendors
from simulator.world import World
from sync.chunks import sync_chunks
from sync.directory import sync_directory
from sync.discovery import discover
from sync.documents import sync_documents
from sync.indexing import Indexer
from sync.memberships import sync_memberships
from sync.permissions import sync_permissions
from sync.reconcile import DeletionGuard, reconcile
from sync.report import DocumentsReport
from sync.stages import FETCH
from tests.fixtures.service_account import trusted_key_file

SCOPES = (
    "https://www.googleapis.com/auth/drive.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
)
PERMISSIONS = (
    "Sites.FullControl.All",
    "User.Read.All",
    "GroupMember.Read.All",
    "Member.Read.Hidden",
)
SOURCES = (Source.GOOGLE_DRIVE, Source.GITHUB)
_KINDS = {"blob": "file", "issues": "issue", "pull": "issue"}

T = TypeVar("T")
Pair = tuple[str, str]
"""A person, and a document as ``source:native id``."""
VENDORS = {
    Source.GOOGLE_DRIVE: "google",
    Source.GITHUB: "github",
    Source.SHAREPOINT: "sharepoint",
}
"""What the simulator calls each source."""


class Installation:
    """One installation that follows one world by the world's own clock."""

    def __init__(
        self,
        running: Running,
        folder: Path,
        sources: Sequence[Source] = SOURCES,
        ticks: int = 0,
        **more: Any,
    ) -> None:
        self.world = running.world
        self.folder = folder
        self._ticks = count(ticks)
        self.clock = self._now
        self.connectors: dict[Source, SourceConnector] = {
            source: self._connector(source, running, **more) for source in sources
        }
        self.catalog = Catalog.open(f"sqlite:///{folder / 'catalog.db'}")
        self.content = ContentStore(str(folder / "content"))
        self.embedder = HashingEmbedder()
        self.chunker = Chunker()
        self.index = EmbeddedIndex(folder / "index", "v1", self.embedder.dimensions)
        self.indexer = Indexer(
            self.catalog,
            self.content,
            self.embedder,
            CatalogVectors(self.catalog),
            self.index,
            self.chunker.version,
            self.clock,
        )
        found = frozenset(self.connectors)
        self.gate = Gate(self.catalog, AccessPolicy(anyone=found), self.clock)
        self.retrieval = Retrieval(
            self.catalog, Fixed(self.index), self.embedder, self.gate, clock=self.clock
        )

    def _connector(self, source: Source, running: Running, **more: Any) -> SourceConnector:
        tools: dict[str, Any] = {"sleep": self._pass, "now": self.clock}
        if source is Source.GITHUB:
            return GitHubConnector(github_settings(running), **tools)
        if source is Source.SHAREPOINT:
            # Imported here: Microsoft's SDK takes a second.
            from connectors.sharepoint.connector import SharePointConnector

            return SharePointConnector(sharepoint_settings(running, **more), **tools)
        return GoogleDriveConnector(drive_settings(running, self.folder, **more), **tools)

    def _now(self) -> datetime:
        """The world's time, which stands still between verbs, and a microsecond for each look."""
        return self.world.now() + timedelta(microseconds=next(self._ticks))

    def _pass(self, seconds: float) -> None:
        self.world.time.advance(seconds=seconds)

    def meet(self) -> None:
        """Read the directory file, as it is now."""
        people = [
            asdict(each) | {"accounts": {v.name: v.account(self.world, each) for v in vendors()}}
            for each in oracle.people(self.world)
        ]
        path = self.folder / "directory.yaml"
        path.write_text(yaml.safe_dump(directory_of(people), sort_keys=False))
        self.directory = load_directory(path)
        sync_directory(self.catalog, self.directory, self.clock)

    def sync(self, source: Source, *, text: bool = False, sweep: bool = True) -> None:
        """Groups, then every container: bodies, permissions and, if asked, the index."""
        connector = self.connectors[source]
        self.meet()
        sync_memberships(self.catalog, connector, self.directory, self.clock)
        for each in discover(self.catalog, connector, self.clock):
            self.read(each)
            if sweep:
                sync_permissions(self.catalog, connector, each, self.clock)
            if text:
                sync_chunks(self.catalog, self.content, self.chunker, each, self.clock)
                self.indexer.run(each)

    def read(self, container: Container) -> DocumentsReport:
        """One container's documents."""
        connector = self.connectors[container.source]
        guard = DeletionGuard(1.0)
        report = sync_documents(self.catalog, self.content, connector, container, self.clock, guard)
        if report.refused is not None:
            raise report.refused
        return report

    def tolerant_sync(self, source: Source) -> int:
        """As `sync`, going on with the next part where one fails; gives how many failed."""
        connector = self.connectors[source]
        failed = 0
        try:
            sync_memberships(self.catalog, connector, self.directory, self.clock)
            found = discover(self.catalog, connector, self.clock)
        except ConnectorError:
            return 1
        for each in found:
            try:
                self.read(each)
                sync_permissions(self.catalog, connector, each, self.clock)
            except ConnectorError:
                failed += 1
        return failed

    def reconcile(self, source: Source) -> None:
        """Every container against the source's listing."""
        connector = self.connectors[source]
        for each in discover(self.catalog, connector, self.clock):
            reconcile(self.catalog, connector, each, DeletionGuard(1.0), self.clock)

    def rows(self) -> dict[str, int]:
        """Row number by ``source:native id``, of documents that are there."""
        with self.catalog.reading() as connection:
            rows = connection.execute(select(document).where(document.c.removed_at.is_(None)))
            return {f"{row.source}:{row.native_id}": row.id for row in rows}

    def failed(self, source: Source) -> set[str]:
        """``source:native id`` of documents that an operator is told could not be read."""
        with self.catalog.reading() as connection:
            stand = failures.load(connection, source, limit=None)
        return {f"{source}:{each.document}" for each in stand if each.stage == FETCH}

    def admitted(self) -> set[Pair]:
        """Every pair that the gate lets pass now."""
        rows = self.rows()
        names = {number: name for name, number in rows.items()}
        return {
            (each.person.subject, names[number])
            for each in self.directory.people
            for number in self.gate.admit(each.person, names)
        }

    def close(self) -> None:
        self.retrieval.close()
        self.index.close()
        self.catalog.close()


class Synced(Generic[T]):
    """A world that was synced once; tests begin with it, each with a copy of what was stored.

    The world is made anew each time, by the same verbs. Its documents' addresses are stored, so
    a copy is of use at the server alone that showed the first.
    """

    def __init__(self, make: Callable[[], tuple[World, T]], sources: Sequence[Source]) -> None:
        self._make = make
        self._sources = sources
        self._copies: dict[str, tuple[Path, int]] = {}
        self._kept = TemporaryDirectory(prefix="bailiwick-synced-")

    @contextmanager
    def again(self, folder: Path) -> Iterator[tuple[Installation, T]]:
        """An installation in `folder` that has seen the world, and what `make` told of that."""
        world, told = self._make()
        with serve(world, keep=True) as running:
            if running.url not in self._copies:
                self._sync(running)
                world, told = self._make()
                running = running.show(world)
            kept, ticks = self._copies[running.url]
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            made = Installation(running, folder, self._sources, ticks)
            try:
                made.meet()
                yield made, told
            finally:
                made.close()

    def _sync(self, running: Running) -> None:
        folder = Path(self._kept.name) / str(len(self._copies))
        folder.mkdir()
        made = Installation(running, folder, self._sources)
        try:
            for source in self._sources:
                made.sync(source, sweep=False)
        finally:
            made.close()
        self._copies[running.url] = folder, next(made._ticks)


def name_of(found: Document) -> str:
    """What a document of the oracle is called here."""
    if found.vendor in ("google", "sharepoint"):
        source = next(each for each, vendor in VENDORS.items() if vendor == found.vendor)
        return f"{source}:{found.id}"
    repository, kind, rest = found.id.split("/", 2)
    return f"{found.vendor}:{repository}/{_KINDS.get(kind, kind)}/{rest}"


def readable(world: World, *names: str) -> dict[str, set[str]]:
    """The oracle's word: who may read each document of these vendors."""
    people = list(oracle.people(world))
    return {
        name_of(each): {who.id for who in people if oracle.readable(world, who, each)}
        for name in names
        for each in oracle.documents(world, name)
    }


def person(name: str) -> Person:
    return Person("directory", name)


@contextmanager
def installation(
    world: World, folder: Path, sources: Sequence[Source] = SOURCES, **more: Any
) -> Iterator[Installation]:
    """The simulator serving `world`, and an installation in `folder`.

    Args:
        world: whose documents.
        folder: where the installation keeps its files.
        sources: which are connected.
        more: settings of the first of them that takes any.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with serve(world, keep=True) as running:
        made = Installation(running, folder, sources, **more)
        try:
            yield made
        finally:
            made.close()


def github_settings(running: Running) -> GitHubSettings:
    """A token of the organisation's owner."""
    return GitHubSettings(
        _env_file=None,
        api_url=f"{running.url}/github",
        token=running.service("github"),
        organisations=(ORGANISATION, f"{ORGANISATION}-labs"),
        enterprise=ORGANISATION,
        documentation=("*",),
    )


def sharepoint_settings(running: Running, **more: Any) -> SharePointSettings:
    """An application that may read everything; the company's world has it, others get it now."""
    state = SharePointState.of(running.world)
    if APP not in state.apps:
        state.register_app(client_id=APP, secret=APP_SECRET, permissions=list(PERMISSIONS))
    values: dict[str, Any] = {
        "tenant": running.world.directory.domain,
        "client_id": APP,
        "client_secret": APP_SECRET,
        "authority": f"{running.url}/entra",
        "graph_root": f"{running.url}/graph",
        "graph_audience": "https://graph.microsoft.com",
        **more,
    }
    return SharePointSettings(_env_file=None, **values)


def drive_settings(running: Running, folder: Path, **more: Any) -> GoogleDriveSettings:
    """A service account with delegation, trusted by the world from here on."""
    path = trusted_key_file(running, folder, SCOPES)
    users = [p.email for p in oracle.people(running.world) if p.works and not p.guest]
    values: dict[str, Any] = {
        "api_root": f"{running.url}/google",
        "directory_api_root": f"{running.url}/google",
        "service_account_file": path,
        "subject": ADMINISTRATOR,
        "users": tuple(users),
        "directory": True,
        **more,
    }
    return GoogleDriveSettings(_env_file=None, **values)
