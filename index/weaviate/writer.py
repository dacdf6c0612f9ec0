"""Writing to Weaviate: only what changed, each object's fate traced to its document.

A server that was killed may come back with an object stored that its vector index, its keyword
index or a filter does not know, even one that it had confirmed. To put the same object again does
not help: the server finds it unchanged and leaves the indexes alone. So what was written is asked
for, as a search would, and what is stored but not found is deleted and written anew.
"""

from __future__ import annotations

import threading
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from index import fingerprint
from index.interface import IndexedChunk, SearchIndexError, WriteFailure
from index.validation import refusal
from index.weaviate import objects
from index.weaviate.connection import translated

if TYPE_CHECKING:
    from weaviate.collections import Collection

_AT_ONCE = 10_000  # chunks looked up and written together
_STREAMED = 5_000  # a stream takes a second to close: fewer objects than these go by request
_REQUEST = 250  # objects in a request
_REFUSED = "the server refused an object of it"
_WRITERS = 2  # requests at once: the server takes one apart while it stores another
_PAGE = 5_000  # objects asked for at once; the server answers at most 10,000 and says nothing
_ASKED = 500  # documents looked up at once
_DELETED = 1_000  # objects deleted at once
_AT_A_TIME = 8  # threads for what there is no batch for
HELD = ("document", "container", "scope", "ordinal", "content_print", "metadata_print")
"""The properties of a `Stored`."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A chunk in the store, as far as writing needs it."""

    document: int
    container: int
    scope: int
    ordinal: int
    content: str
    metadata: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Stored:
        """From an object's properties."""
        document, container, scope, ordinal = (int(told[name]) for name in HELD[:4])
        prints = (str(told.get(name)) for name in HELD[4:])
        return cls(document, container, scope, ordinal, *prints)

    @classmethod
    def wanted(cls, chunk: IndexedChunk) -> Stored:
        """What a chunk would be."""
        return cls(
            chunk.document,
            chunk.container,
            chunk.scope,
            chunk.ordinal,
            fingerprint.content(chunk).hex(),
            fingerprint.metadata(chunk).hex(),
        )


Held = dict[UUID, Stored]


class Writer:
    """Writes to one collection."""

    def __init__(self, collection: Collection[Any, Any], dimensions: int) -> None:
        """Writes vectors of `dimensions` to `collection`."""
        self._collection = collection
        self._dimensions = dimensions
        self._lock = threading.Lock()  # the client's batches are not for several threads

    def put(self, documents: Sequence[tuple[int, Sequence[IndexedChunk]]]) -> list[WriteFailure]:
        """See `Index.put`."""
        failures: list[WriteFailure] = []
        sound: dict[int, Sequence[IndexedChunk]] = {}
        for document, chunks in documents:
            sound.pop(document, None)  # told twice: what is told last counts
            if reason := refusal(document, chunks, self._dimensions):
                failures.append(WriteFailure(document, reason))
            else:
                sound[document] = chunks
        with self._lock:
            for group in _groups(sound):
                failures += self._put(group)
        return failures

    def delete(self, documents: Sequence[int]) -> None:
        """See `Index.delete`."""
        with self._lock:
            for start in range(0, len(documents), _ASKED):
                self._remove(list(self.held(documents[start : start + _ASKED])))

    def held(self, documents: Sequence[int]) -> Held:
        """Every chunk of these documents. Never a part: a full page is asked for again, halved."""
        from weaviate.classes.query import Filter

        if not documents:
            return {}
        asked = Filter.by_property("document").contains_any(list(documents))
        found, whole = self._page(asked)
        if whole:
            return found
        if len(documents) > 1:
            half = len(documents) // 2
            return self.held(documents[:half]) | self.held(documents[half:])
        start, seen = 0, Held()
        ordinal = Filter.by_property("ordinal")
        while True:
            stretch = ordinal.greater_or_equal(start) & ordinal.less_than(start + _PAGE // 2)
            found, whole = self._page(asked & stretch)
            if not whole:
                raise SearchIndexError(f"document {documents[0]}: chunks that share an ordinal")
            seen |= found
            start += _PAGE // 2
            beyond, _ = self._page(asked & ordinal.greater_or_equal(start), limit=1)
            if not beyond:
                return seen

    def _page(self, asked: Any, limit: int = _PAGE) -> tuple[Held, bool]:
        """The chunks that match, at most `limit`, and whether that is certainly all of them."""
        with translated("looking up what is held"):
            answer = self._collection.query.fetch_objects(
                filters=asked,
                limit=limit,
                return_properties=list(HELD),
            )
        found: Held = {UUID(str(one.uuid)): Stored.of(one.properties) for one in answer.objects}
        return found, len(answer.objects) < limit

    def findable(self, stored: Held) -> set[UUID]:
        """Which of these chunks both legs find, under filters on document, scope and container."""
        from weaviate.classes.query import Filter

        found: set[UUID] = set()
        anywhere = [1.0] * self._dimensions
        for run in _runs(stored):
            some = [stored[key] for key in run]
            asked = Filter.all_of(
                [
                    Filter.by_property(name).contains_any(list({getattr(c, name) for c in some}))
                    for name in ("document", "scope", "container")
                ]
            )
            if some[0].document == some[-1].document:
                ordinal = Filter.by_property("ordinal")
                asked &= ordinal.greater_or_equal(some[0].ordinal)
                asked &= ordinal.less_or_equal(some[-1].ordinal)
            with translated("asking for what was written"):
                near = self._collection.query.near_vector(
                    near_vector=anywhere, filters=asked, limit=2 * len(run), return_properties=[]
                )
                worded = self._collection.query.bm25(
                    query=objects.MARK,
                    query_properties=["analysed"],
                    filters=asked,
                    limit=2 * len(run),
                    return_properties=[],
                )
            both = [{UUID(str(one.uuid)) for one in leg.objects} for leg in (near, worded)]
            found |= both[0] & both[1] & set(run)
        return found

    def _put(self, documents: Sequence[tuple[int, Sequence[IndexedChunk]]]) -> list[WriteFailure]:
        """Write what changed, then drop the surplus of the documents that are wholly written.

        In that order: if this ends halfway there is too much, which the next `put` finds.
        """
        held: Held = {}
        for start in range(0, len(documents), _ASKED):
            held |= self.held([document for document, _ in documents[start : start + _ASKED]])
        lost = self._lost(held)
        self._remove_one_by_one([key for key, stored in held.items() if stored.document in lost])
        held = {key: stored for key, stored in held.items() if stored.document not in lost}
        # Not what another of these documents takes over: it is written before this is removed.
        kept = {chunk.id for _, chunks in documents for chunk in chunks}
        surplus = {key: stored.document for key, stored in held.items() if key not in kept}
        changed: dict[UUID, tuple[IndexedChunk, Stored]] = {}
        for _, chunks in documents:
            for chunk in chunks:
                wanted = Stored.wanted(chunk)
                if held.get(chunk.id) != wanted:
                    changed[chunk.id] = chunk, wanted
        reasons = self._write_found(changed)
        failed: dict[int, str] = {}
        for key, reason in reasons.items():
            chunk = changed[key][0]
            failed.setdefault(chunk.document, f"chunk {chunk.ordinal}: {reason}")
        self._remove([key for key, document in surplus.items() if document not in failed])
        return [WriteFailure(document, reason) for document, reason in failed.items()]

    def _lost(self, held: Held) -> set[int]:
        """Documents with a chunk that is stored and not found."""
        found = self.findable(held)
        return {stored.document for key, stored in held.items() if key not in found}

    def _write_found(self, changed: dict[UUID, tuple[IndexedChunk, Stored]]) -> dict[UUID, str]:
        """Write objects and see that they are found; why, by id, for each that is not."""
        reasons = self._write([chunk for chunk, _ in changed.values()])
        wanted = {key: stored for key, (_, stored) in changed.items() if key not in reasons}
        lost = self._lost(wanted)
        again = [key for key, stored in wanted.items() if stored.document in lost]
        if not again:
            return reasons
        self._remove_one_by_one(again)
        reasons |= self._write([changed[key][0] for key in again])
        wanted = {key: wanted[key] for key in again if key not in reasons}
        found = self.findable(wanted)
        missing = "stored, but no search finds it (is ASYNC_INDEXING set on the server?)"
        return reasons | {key: missing for key in wanted if key not in found}

    def _write(self, chunks: Sequence[IndexedChunk]) -> dict[UUID, str]:
        """Write objects; why, by id, for each that the server did not confirm."""
        from weaviate.classes.data import DataObject

        if not chunks:
            return {}
        made = [
            DataObject(
                properties={k: v for k, v in objects.properties(c).items() if v is not None},
                uuid=c.id,
                vector=c.vector.tolist(),
            )
            for c in chunks
        ]
        data = self._collection.data
        if len(made) >= _STREAMED:
            return _sent(data.ingest, made)
        parts = [made[at : at + _REQUEST] for at in range(0, len(made), _REQUEST)]
        with ThreadPoolExecutor(_WRITERS) as pool:
            return dict(ChainMap(*pool.map(partial(_sent, data.insert_many), parts)))

    def _remove(self, keys: Sequence[UUID]) -> None:
        """Delete objects by id.

        Raises:
            SearchIndexError: the server can't be asked.
        """
        from weaviate.classes.query import Filter

        for start in range(0, len(keys), _DELETED):
            some = keys[start : start + _DELETED]
            with translated("deleting"):
                answer = self._collection.data.delete_many(
                    where=Filter.by_id().contains_any([str(key) for key in some])
                )
            if answer.successful < len(some):
                self._remove_one_by_one(some)  # some the index of ids does not know

    def _remove_one_by_one(self, keys: Sequence[UUID]) -> None:
        """Delete objects without asking an index where they are, for one may not know them.

        Raises:
            SearchIndexError: the server can't be asked.
        """
        if keys:
            with translated("deleting"), ThreadPoolExecutor(_AT_A_TIME) as pool:
                list(pool.map(self._collection.data.delete_by_id, keys))


def _sent(send: Callable[[Sequence[Any]], Any], made: Sequence[Any]) -> dict[UUID, str]:
    """Send objects; why, by id, for each that the server did not confirm.

    Another request's objects are not concerned by what befalls this one's.
    """
    from weaviate.exceptions import WeaviateInsertManyAllFailedError

    ids = [each.uuid for each in made]
    try:
        with translated("writing"):
            try:
                answer = send(made)
            except WeaviateInsertManyAllFailedError:
                return dict.fromkeys(ids, _REFUSED)
    except SearchIndexError as error:
        # Which objects got through is not known; all are put again, to the same effect.
        return dict.fromkeys(ids, str(error))
    written = {UUID(str(key)) for key in answer.uuids.values()}
    # The server's words may quote the object; its own log has them.
    refused = {UUID(str(failure.object_.uuid)) for failure in answer.errors.values()}
    return {
        key: _REFUSED if key in refused else "the server did not confirm it"
        for key in ids
        if key not in written
    }


def _runs(stored: Held) -> Iterator[list[UUID]]:
    """Chunks to ask for at once: whole documents up to a page, or a stretch of one document."""
    key = itemgetter(1)
    ordered = sorted(((k, (c.document, c.ordinal)) for k, c in stored.items()), key=key)
    run: list[UUID] = []
    for _, theirs in groupby(ordered, lambda item: item[1][0]):
        keys = [k for k, _ in theirs]
        if run and len(run) + len(keys) > _PAGE:
            yield run
            run = []
        while len(keys) > _PAGE:
            yield keys[:_PAGE]
            keys = keys[_PAGE:]
            if len(keys) <= _PAGE:
                yield keys
                keys = []
        run += keys
    if run:
        yield run


def _groups(
    documents: dict[int, Sequence[IndexedChunk]],
) -> Iterator[Sequence[tuple[int, Sequence[IndexedChunk]]]]:
    """Documents that go in together: at most `_AT_ONCE` chunks, or one document."""
    group: list[tuple[int, Sequence[IndexedChunk]]] = []
    size = 0
    for document, chunks in documents.items():
        if group and size + len(chunks) > _AT_ONCE:
            yield group
            group, size = [], 0
        group.append((document, chunks))
        size += max(1, len(chunks))
    if group:
        yield group
