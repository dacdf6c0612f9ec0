"""From chunks to vectors to the index, for whatever is due."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from access import Clock, utc_now
from catalog import containers, failures, stages
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.documents import StoredDocument
from catalog.exclusive import alone
from catalog.failures import Failure
from catalog.vectors import CatalogVectors
from corpus import Chunk, Container, chunk_id
from embedding.cache import Embedded, embed_missing, text_hash
from embedding.interface import Embedder, EmbeddingRefused
from index.analyser import DEFAULT, Analyser
from index.interface import Index, IndexedChunk
from sync.chunks import load_chunks
from sync.report import IndexReport
from sync.stages import INDEX

_BEGUN = "begun"
NO_SCOPE = 0
"""The scope of documents about whose readers nothing is known; no entitlement names it."""


_Loaded = tuple[StoredDocument, str, list[Chunk]]
"""A document, the fingerprint to mark it with, and its chunks."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Documents that are due, ready for the index."""

    due: Sequence[StoredDocument]
    """All of them, in the catalog's order."""
    marks: Sequence[tuple[int, str, int]]
    """Of those to be written: number, fingerprint, and how many chunks."""
    chunks: Sequence[tuple[int, Sequence[IndexedChunk]]]
    """Their chunks, by number."""
    unfit: Mapping[int, str]
    """Those whose text the model refused, and why."""
    lost: Sequence[int]
    """Those whose chunks are lost or damaged."""
    embedded: int
    """How many texts were embedded for it."""
    model_took_some: bool
    """Whether the model has taken any text of this run."""


@dataclass(frozen=True, slots=True)
class Indexer:
    """What indexing needs, put together once."""

    catalog: Catalog
    content: ContentStore
    embedder: Embedder
    vectors: CatalogVectors
    index: Index
    chunker_version: str
    clock: Clock = utc_now
    analyser: Analyser = DEFAULT
    documents: int = 256
    """How many documents at most are embedded, written and marked together."""
    chunks: int = 1_000
    """With how many chunks such a batch is full; a document is never parted."""

    def run(self, container: Container) -> IndexReport:
        """Bring the index up to date with a container.

        A document's mark is set only after the index took all of it, so that a kill at any
        line costs work done twice, never a document lost. One run at a time for a container and
        an index: of two, the slower would put an older text back unnoticed.

        Raises:
            UnknownContainer: its documents have never been synced.
            EmbeddingError: the model could not be asked, or took nothing; what came before is
                kept.
            SearchIndexError: the index as a whole did not answer; likewise.
        """
        with alone(self.catalog, f"{self.stage}/{container.source}/{container.id}"):
            return self._run(container)

    def _run(self, container: Container) -> IndexReport:
        began = time.monotonic()
        with self.catalog.reading() as connection:
            number = containers.number(connection, container.source, container.id)
        report = IndexReport(removed=self._remove(number))
        # The next batch is embedded while the index takes this one: each waits for another.
        with ThreadPoolExecutor(1, "embed") as ahead:
            coming = ahead.submit(self._prepare, container, number, None)
            while batch := coming.result():
                coming = ahead.submit(self._prepare, container, number, batch)
                report = self._write(container, batch, report)
        with self.catalog.reading() as connection:
            return replace(
                report,
                failed=failures.count(connection, container.source, container.id, INDEX),
                total=stages.items(connection, number, self.stage),
                seconds=time.monotonic() - began,
            )

    @property
    def stage(self) -> str:
        """What the stage is called in the catalog."""
        return stages.index_stage(self.index.backend, self.index.version)

    def _remove(self, number: int) -> int:
        with self.catalog.reading() as connection:
            gone = stages.due_for_removal(connection, number, self.stage)
        if gone:
            with alone(self.catalog, writing(self.stage)):
                self._begin(gone)
                self.index.delete(gone)
                with self.catalog.writing() as connection:
                    stages.unmark(connection, self.stage, gone)
        return len(gone)

    def _begin(self, ids: Sequence[int]) -> None:
        """Note that what the index holds of some documents is about to change.

        Killed between the index and the catalog, we could not tell what the index holds: the
        old mark may become true again, for a document that is restored or shared as before.
        """
        with self.catalog.writing() as connection:
            begun = [(number, _BEGUN, 0) for number in ids]
            stages.mark(connection, self.stage, begun, self.clock())

    def _prepare(self, container: Container, number: int, before: _Batch | None) -> _Batch | None:
        """The batch after another, embedded; None where nothing more is due."""
        after = 0 if before is None else before.due[-1].id
        with self.catalog.reading() as connection:
            found = stages.due_for_index(
                connection, number, self.chunker_version, self.stage, after, self.documents
            )
        if not found:
            return None
        due: list[StoredDocument] = []
        loaded: list[_Loaded] = []
        lost: list[int] = []
        room = self.chunks
        for document, fingerprint in found:
            due.append(document)
            chunks = load_chunks(
                self.content, stages.chunks_mark(document.body_key, self.chunker_version)
            )
            if chunks is None:
                lost.append(document.id)
                continue
            loaded.append((document, fingerprint, chunks))
            room -= len(chunks)
            if room <= 0:
                break
        taken = before is not None and before.model_took_some
        embedded, unfit = self._embed(loaded, anything_done=taken)
        loaded = [each for each in loaded if each[0].id not in unfit]
        vectors = iter(embedded.vectors)
        now = self.clock()
        return _Batch(
            due=due,
            marks=[
                (document.id, fingerprint, len(chunks)) for document, fingerprint, chunks in loaded
            ],
            chunks=[
                (
                    document.id,
                    [
                        self._indexed(container, document, each, next(vectors), now)
                        for each in chunks
                    ],
                )
                for document, _, chunks in loaded
            ],
            unfit=unfit,
            lost=lost,
            embedded=embedded.computed,
            model_took_some=taken or bool(loaded),
        )

    def _write(self, container: Container, batch: _Batch, report: IndexReport) -> IndexReport:
        """Put a batch into the index and mark it; what changed since it was read waits.

        One at a time for an index, whatever the container: a document that has moved is in the
        batches of two, and the mark of the one must not stand for the text of the other.
        """
        with alone(self.catalog, writing(self.stage)):
            with self.catalog.reading() as connection:
                current = stages.still_due(connection, self.chunker_version, batch.marks)
            self._begin(sorted(current))
            chunks = [each for each in batch.chunks if each[0] in current]
            refused = {each.document: each.reason for each in self.index.put(chunks)}
            done = [mark for mark in batch.marks if mark[0] in current - refused.keys()]
            self._record(container, batch.due, done, {**batch.unfit, **refused}, batch.lost)
        return replace(
            report,
            documents=report.documents + len(done),
            chunks=report.chunks + sum(items for _, _, items in done),
            embedded=report.embedded + batch.embedded,
        )

    def _embed(
        self, loaded: Sequence[_Loaded], *, anything_done: bool
    ) -> tuple[Embedded, dict[int, str]]:
        """Vectors of the documents' passages in order, and the documents that were refused.

        A provider that refuses a batch is asked document by document, so that one text that it
        can't take does not keep the others out. If it refuses all, it is not about the texts.
        """
        try:
            return self._vectors(loaded), {}
        except EmbeddingRefused as error:
            unfit: dict[int, str] = {}
            for each in loaded:
                try:
                    self._vectors([each])
                except EmbeddingRefused as refusal:
                    unfit[each[0].id] = f"the embedding model refused its text: {refusal}"
            if len(unfit) == len(loaded) and not anything_done:
                raise error
            return self._vectors([each for each in loaded if each[0].id not in unfit]), unfit

    def _vectors(self, loaded: Sequence[_Loaded]) -> Embedded:
        texts = [embedded_text(document, each) for document, _, chunks in loaded for each in chunks]
        return embed_missing(texts, self.embedder, self.vectors)

    def _record(
        self,
        container: Container,
        due: Sequence[StoredDocument],
        done: Sequence[tuple[int, str, int]],
        refused: Mapping[int, str],
        lost: Sequence[int],
    ) -> None:
        now = self.clock()
        names = {document.id: document.native_id for document in due}
        wrong = [
            Failure(container.source, container.id, names[row], INDEX, reason, "run index again")
            for row, reason in refused.items()
        ]
        with self.catalog.writing() as connection:
            stages.mark(connection, self.stage, done, now)
            # Their chunks are lost or damaged: have them chunked again from the stored body.
            stages.unmark(connection, stages.CHUNKS, lost)
            failures.clear(connection, container.source, [names[row] for row, _, _ in done], INDEX)
            failures.record(connection, wrong, now)

    def _indexed(
        self,
        container: Container,
        document: StoredDocument,
        chunk: Chunk,
        vector: NDArray[np.float32],
        now: datetime,
    ) -> IndexedChunk:
        text = embedded_text(document, chunk)
        return IndexedChunk(
            id=chunk_id(document.source, document.native_id, self.index.version, chunk.ordinal),
            document=document.id,
            container=document.container_id,
            scope=NO_SCOPE if document.scope_id is None else document.scope_id,
            source=document.source.value,
            ordinal=chunk.ordinal,
            text=chunk.text,
            analysed=" ".join(self.analyser.analyse(text)),
            title=document.title,
            headings=chunk.headings,
            url=document.url,
            kind=document.kind,
            media_type=document.media_type,
            owners=document.owners,
            canonical=container.canonical,
            created_at=document.created_at,
            modified_at=document.modified_at,
            indexed_at=now,
            content_hash=text_hash(text),
            vector=vector,
        )


def writing(stage: str) -> str:
    """What is done alone by whoever writes to the index of `stage`, and marks what it wrote."""
    return f"{stage}/writing"


def embedded_text(document: StoredDocument, chunk: Chunk) -> str:
    """What is embedded and searched by word: the passage, with what it stands under."""
    return "\n".join((document.title, *chunk.headings, chunk.text))
