"""The whole path over a scripted source, each part counted and open to interference."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from access import Evidence, IdentityLink, Person
from catalog import clauses, documents, failures, people, stages
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from catalog.tables import container, document, group_feed, membership, principal
from catalog.vectors import CatalogVectors
from chunking.chunker import Chunker
from corpus import Container
from embedding.hashing import HashingEmbedder
from index.embedded import EmbeddedIndex
from index.interface import Reach, Where, WriteFailure
from index.serving import Fixed
from retrieval.gate import Gate
from retrieval.search import Retrieval
from sync.chunks import sync_chunks
from sync.discovery import discover
from sync.documents import sync_documents
from sync.indexing import Indexer
from sync.memberships import sync_memberships
from sync.permissions import sync_permissions
from sync.reconcile import DeletionGuard, Reconciliation, reconcile
from sync.report import ChunksReport, DocumentsReport, IndexReport
from tests.sync.scripted import SOURCE, Script, ScriptedConnector, Ticking, user

Step = Callable[[str], None]


class SteppedCatalog(Catalog):
    """A catalog whose every write can be killed: before it, inside it, and after its commit."""

    step: Step = staticmethod(lambda name: None)

    @contextmanager
    def writing(self) -> Iterator[object]:
        self.step("begin")
        with super().writing() as connection:
            yield connection
            self.step("commit")
        self.step("committed")


class SteppedContent(ContentStore):
    step: Step = staticmethod(lambda name: None)

    def put(self, data: bytes) -> str:
        self.step("content")
        return super().put(data)

    def put_named(self, kind: str, name: str, data: bytes) -> None:
        self.step("named")
        super().put_named(kind, name, data)


class SteppedIndex(EmbeddedIndex):
    """An index that counts, refuses and dies as told."""

    step: Step = staticmethod(lambda name: None)

    def __init__(self, folder: Path, version: str, dimensions: int) -> None:
        super().__init__(folder, version, dimensions)
        self.refuses: set[int] = set()
        self.calls: Counter[str] = Counter()

    def put(self, documents):
        if documents:
            self.calls["put"] += len(documents)
        self.step("put")
        taken = [each for each in documents if each[0] not in self.refuses]
        refused = [
            WriteFailure(each[0], "refused") for each in documents if each[0] in self.refuses
        ]
        failed = super().put(taken)
        self.step("put")
        return [*failed, *refused]

    def delete(self, documents: Sequence[int]) -> None:
        self.calls["delete"] += len(documents)
        self.step("delete")
        super().delete(documents)
        self.step("delete")


class CountedEmbedder(HashingEmbedder):
    step: Step = staticmethod(lambda name: None)
    texts = 0

    def passages(self, texts):
        self.step("embed")
        self.texts += len(texts)
        return super().passages(texts)


@dataclass(frozen=True)
class Passed:
    documents: DocumentsReport
    gone: Reconciliation
    chunks: ChunksReport
    index: IndexReport


class Bench:
    """One installation over one script."""

    def __init__(
        self, script: Script, folder: Path, url: str | None = None, clock: Ticking | None = None
    ) -> None:
        self.script = script
        self.clock = clock or Ticking()
        self.connector = ScriptedConnector(script, self.clock)
        folder.mkdir(parents=True, exist_ok=True)
        self.catalog = SteppedCatalog.open(url or f"sqlite:///{folder / 'catalog.db'}")
        self.content_folder = folder / "content"
        self.content = SteppedContent(str(self.content_folder))
        self.embedder = CountedEmbedder()
        self.index = SteppedIndex(folder / "index", "v1", self.embedder.dimensions)
        self.chunker = Chunker(budget=40, overlap=0)
        self.guard = DeletionGuard()
        self.indexer = Indexer(
            self.catalog,
            self.content,
            self.embedder,
            CatalogVectors(self.catalog),
            self.index,
            self.chunker.version,
            self.clock,
            documents=3,
        )

    def interfere(self, step: Step) -> None:
        """Have `step` called at every point at which a process could die."""
        for part in (self.catalog, self.content, self.index, self.embedder):
            part.step = step
        self.script.before = step

    def container(self, name: str = "main") -> Container:
        return next(each for each in self.connector.containers() if each.id == name)

    def read(self, name: str = "main") -> DocumentsReport:
        return sync_documents(
            self.catalog, self.content, self.connector, self.container(name), self.clock
        )

    def permissions(self, name: str = "main"):
        return sync_permissions(self.catalog, self.connector, self.container(name), self.clock)

    def reconcile(self, name: str = "main") -> Reconciliation:
        return reconcile(self.catalog, self.connector, self.container(name), self.guard, self.clock)

    def chunk(self, name: str = "main") -> ChunksReport:
        return sync_chunks(
            self.catalog, self.content, self.chunker, self.container(name), self.clock
        )

    def put(self, name: str = "main") -> IndexReport:
        return self.indexer.run(self.container(name))

    def groups(self):
        return sync_memberships(self.catalog, self.connector, None, self.clock)

    def run(self, name: str = "main") -> Passed:
        """One container, from source to index."""
        return Passed(self.read(name), self.reconcile(name), self.chunk(name), self.put(name))

    def everything(self) -> None:
        """Every container and group."""
        self.groups()
        for each in discover(self.catalog, self.connector, self.clock):
            self.read(each.id)
            self.permissions(each.id)
            self.reconcile(each.id)
            self.chunk(each.id)
            self.put(each.id)

    def meet(self, *names: str) -> None:
        """Have people in the directory who own the accounts of their names."""
        with self.catalog.writing() as connection:
            links = []
            for name in names:
                person = Person("directory", name)
                people.store(connection, person, name=name.title(), email=f"{name}@example.com")
                links.append(IdentityLink(person, user(name), Evidence.EXPLICIT))
            people.replace_links(connection, links, "directory", self.clock(), self.clock)

    def retrieval(self, index: object | None = None) -> Retrieval:
        gate = Gate(self.catalog, AccessPolicy(), self.clock)
        return Retrieval(
            self.catalog, Fixed(index or self.index), self.embedder, gate, clock=self.clock
        )

    def found(self, query: str, name: str) -> list[str]:
        """Ids of the documents that a person finds."""
        retrieval = self.retrieval()
        try:
            results = retrieval.search(query, Person("directory", name), 50)
        finally:
            retrieval.close()
        return list(dict.fromkeys(each.document.partition(":")[2] for each in results))

    def failures(self) -> dict[tuple[str, str], int]:
        """Attempts by document and stage."""
        with self.catalog.reading() as connection:
            return {(f.document, f.stage): f.attempts for f in failures.load(connection, SOURCE)}

    def number(self, id: str) -> int:
        with self.catalog.reading() as connection:
            return documents.find(connection, f"{SOURCE}:{id}").id

    def content_of(self, id: str) -> Path:
        with self.catalog.reading() as connection:
            digest = documents.find(connection, f"{SOURCE}:{id}").content_hash
        return self.content_folder / "content" / digest[:2] / digest

    def chunks_of(self, id: str) -> Path:
        with self.catalog.reading() as connection:
            key = documents.find(connection, f"{SOURCE}:{id}").body_key
        name = hashlib.sha256(stages.chunks_mark(key, self.chunker.version).encode()).hexdigest()
        return self.content_folder / "chunks" / name[:2] / name

    def close(self) -> None:
        self.index.close()
        self.catalog.close()


def catalog_dump(bench: Bench) -> dict[str, object]:
    """What the catalog says, by the source's own ids; times and row numbers apart."""
    with bench.catalog.reading() as connection:
        names = {row.id: row.native_id for row in connection.execute(select(container))}
        readers = dict(connection.execute(select(principal.c.id, principal.c.native_id)).all())
        found = {
            row.native_id: (
                names[row.container_id],
                row.title,
                row.url,
                row.version,
                row.content_hash,
                row.skipped,
                row.modified_at,
                frozenset(
                    (c.key, None if c.grants is None else frozenset(g.principal for g in c.grants))
                    for c in (clauses.of_scope(connection, row.scope_id) if row.scope_id else ())
                ),
            )
            for row in connection.execute(select(document).where(document.c.removed_at.is_(None)))
        }
        return {
            "documents": found,
            "failures": {
                (f.document, f.stage, f.reason) for f in failures.load(connection, SOURCE)
            },
            "memberships": {
                (readers[row.group_id], readers[row.member_id], row.feed)
                for row in connection.execute(select(membership))
            },
            "groups": {
                (readers[row.group_id], row.known) for row in connection.execute(select(group_feed))
            },
        }


def index_dump(bench: Bench) -> dict[str, set[tuple[object, ...]]]:
    """What the index holds of each document: passages, and the keys of the guarding clauses."""
    with bench.catalog.reading() as connection:
        rows = connection.execute(select(document.c.id, document.c.native_id)).all()
        names = {row.id: row.native_id for row in rows}
        scopes = {
            number: frozenset(c.key for c in clauses.of_scope(connection, number))
            for number in {e.scope for e in bench.index.entries()} - {0, -1}
        }
    scopes[0] = frozenset()
    reach = Reach(scopes=frozenset(scopes))
    hits = bench.index.by_vector(bench.embedder.query("any"), reach, Where(), 100_000)
    found: dict[str, set[tuple[object, ...]]] = {}
    for hit in hits:
        each = hit.chunk
        row = (each.ordinal, each.text, each.title, each.headings, each.url, each.modified_at)
        found.setdefault(names[each.document], set()).add((*row, scopes[each.scope]))
    held = bench.index.documents()
    assert sum(held.values()) == len(hits), "the index holds chunks whose scope is mixed"
    return found
