"""Writing to Weaviate: only what changed, each object's fate traced to its document."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

from index import fingerprint
from index.interface import Amendment, IndexedChunk, SearchIndexError, WriteFailure
from index.validation import amendment_refusal, refusal
from index.weaviate import objects
from index.weaviate.connection import translated

if TYPE_CHECKING:
    from weaviate.collections import Collection

_AT_ONCE = 10_000  # chunks looked up and written together
_STREAMED = 400  # a stream takes a second to close: fewer objects than these go as one request
_PAGE = 5_000  # objects asked for at once; the server answers at most 10,000 and says nothing
_ASKED = 500  # documents looked up at once
_DELETED = 1_000  # objects deleted at once
_PATCHING = 8  # threads that amend objects, for which there is no batch
Held = dict[UUID, tuple[int, str, str]]
"""By id: the document, and what the chunk's two fingerprints were."""


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

    def amend(self, amendments: Sequence[Amendment]) -> list[WriteFailure]:
        """See `Index.amend`."""
        failures: dict[int, str] = {}
        for start in range(0, len(amendments), _ASKED):
            some = {a.document: a for a in amendments[start : start + _ASKED]}
            held = self.held(list(some))
            present = {document for document, _, _ in held.values()}
            for document, amendment in some.items():
                if reason := amendment_refusal(amendment):
                    failures[document] = reason
                elif document not in present:
                    failures[document] = "not in the index"
            todo = [
                (key, some[document])
                for key, (document, _, told) in held.items()
                if document not in failures and told != fingerprint.metadata(some[document]).hex()
            ]
            with ThreadPoolExecutor(_PATCHING) as pool:
                for (_, amendment), reason in zip(todo, pool.map(self._patch, todo), strict=True):
                    if reason:
                        failures[amendment.document] = reason
        return [WriteFailure(document, reason) for document, reason in failures.items()]

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
                return_properties=["document", "content_print", "metadata_print"],
            )
        found = Held()
        for one in answer.objects:
            told: Any = one.properties
            found[UUID(str(one.uuid))] = (
                int(told["document"]),
                str(told.get("content_print")),
                str(told.get("metadata_print")),
            )
        return found, len(answer.objects) < limit

    def _put(self, documents: Sequence[tuple[int, Sequence[IndexedChunk]]]) -> list[WriteFailure]:
        """Write what changed, then drop the surplus of the documents that are wholly written.

        In that order: if this ends halfway there is too much, which the next `put` finds.
        """
        held: Held = {}
        for start in range(0, len(documents), _ASKED):
            held |= self.held([document for document, _ in documents[start : start + _ASKED]])
        surplus: dict[int, set[UUID]] = {}
        for key, (document, _, _) in held.items():
            surplus.setdefault(document, set()).add(key)
        changed: list[IndexedChunk] = []
        for document, chunks in documents:
            theirs = surplus.get(document, set())
            for chunk in chunks:
                theirs.discard(chunk.id)
                prints = (fingerprint.content(chunk).hex(), fingerprint.metadata(chunk).hex())
                if held.get(chunk.id) != (document, *prints):
                    changed.append(chunk)
        reasons = self._write(changed)
        failed: dict[int, str] = {}
        for chunk in changed:
            if chunk.id in reasons:
                failed.setdefault(chunk.document, f"chunk {chunk.ordinal}: {reasons[chunk.id]}")
        self._remove(
            [k for document, theirs in surplus.items() if document not in failed for k in theirs]
        )
        return [WriteFailure(document, reason) for document, reason in failed.items()]

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
        stopped = "the server did not confirm it"
        written: set[UUID] = set()
        reasons: dict[UUID, str] = {}
        try:
            with translated("writing"):
                data = self._collection.data
                if len(made) < _STREAMED:
                    answers = [
                        data.insert_many(made[start : start + 100])
                        for start in range(0, len(made), 100)
                    ]
                else:
                    answers = [data.ingest(made)]
        except SearchIndexError as error:
            # Which objects got through is not known; all are put again, to the same effect.
            return dict.fromkeys((c.id for c in chunks), str(error))
        for answer in answers:
            written.update(UUID(str(key)) for key in answer.uuids.values())
            for failure in answer.errors.values():
                reasons[UUID(str(failure.object_.uuid))] = failure.message[:300]
        return {c.id: reasons.get(c.id, stopped) for c in chunks if c.id not in written}

    def _remove(self, keys: Sequence[UUID]) -> None:
        """Delete objects by id.

        Raises:
            SearchIndexError: the server did not delete one of them.
        """
        from weaviate.classes.query import Filter

        for start in range(0, len(keys), _DELETED):
            some = keys[start : start + _DELETED]
            with translated("deleting"):
                answer = self._collection.data.delete_many(
                    where=Filter.by_id().contains_any([str(key) for key in some])
                )
            if answer.failed:
                raise SearchIndexError(f"Weaviate did not delete {answer.failed} chunks")

    def _patch(self, todo: tuple[UUID, Amendment]) -> str:
        """Amend one object; why not, if not."""
        key, amendment = todo
        try:
            with translated("amending"):
                self._collection.data.update(uuid=key, properties=objects.metadata(amendment))
        except SearchIndexError as error:
            return str(error)
        return ""


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
