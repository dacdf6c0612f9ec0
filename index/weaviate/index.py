"""The Weaviate index: one version, one collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from index.analyser import askable
from index.interface import (
    Entry,
    Hit,
    IndexedChunk,
    Reach,
    SearchIndexError,
    Vector,
    Where,
    WriteFailure,
)
from index.settings import IndexSettings
from index.weaviate import filters, objects, schema
from index.weaviate.connection import connect, translated
from index.weaviate.writer import HELD, Held, Stored, Writer

if TYPE_CHECKING:
    from weaviate import WeaviateClient

MAX_LIMIT = 10_000
"""The most hits that the server answers with (QUERY_MAXIMUM_RESULTS)."""
_DEEPER = 100
"""Keyword hits asked for at least. The server's best five may lack one that is in its best ten."""


class WeaviateIndex:
    """An index in a collection of its own. Threads may share an object."""

    backend = "weaviate"

    def __init__(
        self,
        settings: IndexSettings,
        version: str,
        dimensions: int,
        client: WeaviateClient | None = None,
    ) -> None:
        """The index of `version`, made where missing, over `client` or a connection of its own.

        Raises:
            SearchIndexError: the server can't be used, or holds something else by that name.
        """
        self.version = version
        self.dimensions = dimensions
        self._own = client is None
        self._client = client or connect(settings)
        self._closed = False
        try:
            with translated("opening"):
                self.collection = schema.create(self._client, settings, version, dimensions)
                found = self._client.collections.get(self.collection)
        except BaseException:
            self.close()
            raise
        self._query = found.query
        self._iterator = found.iterator
        self._writer = Writer(found, dimensions)

    def put(
        self, documents: Sequence[tuple[int, Sequence[IndexedChunk]]]
    ) -> Sequence[WriteFailure]:
        """See `Index.put`. A document is not atomic here: one in the answer may be in part."""
        self._usable()
        return self._writer.put(documents)

    def delete(self, documents: Sequence[int]) -> None:
        """See `Index.delete`."""
        self._usable()
        self._writer.delete(documents)

    def by_vector(self, vector: Vector, reach: Reach, where: Where, limit: int) -> Sequence[Hit]:
        """See `Index.by_vector`. Exact where few chunks are admitted, else HNSW."""
        if vector.shape != (self.dimensions,):
            raise SearchIndexError(f"a vector of shape {vector.shape}, not ({self.dimensions},)")
        if not reach or limit < 1:
            return []
        from weaviate.classes.query import MetadataQuery

        self._usable()
        with translated("searching by vector"):
            answer = self._query.near_vector(
                near_vector=vector.tolist(),
                filters=filters.admitted(reach, where),
                limit=min(limit, MAX_LIMIT),
                return_properties=list(objects.RETURNED),
                return_metadata=MetadataQuery(distance=True),
            )
        return _ranked(answer.objects, lambda told: 1.0 - float(told.distance))

    def by_keyword(
        self, terms: Sequence[str], reach: Reach, where: Where, limit: int
    ) -> Sequence[Hit]:
        """See `Index.by_keyword`."""
        asked = [term for term in askable(terms) if term != objects.MARK]
        if not asked or not reach or limit < 1:
            return []
        from weaviate.classes.query import MetadataQuery

        self._usable()
        with translated("searching by keyword"):
            answer = self._query.bm25(
                query=" ".join(asked),
                query_properties=["analysed"],
                filters=filters.admitted(reach, where),
                limit=min(max(2 * limit, _DEEPER), MAX_LIMIT),
                return_properties=list(objects.RETURNED),
                return_metadata=MetadataQuery(score=True),
            )
        return _ranked(answer.objects, lambda told: float(told.score))[:limit]

    def documents(self) -> dict[int, int]:
        """See `Index.documents`."""
        return {entry.document: entry.chunks for entry in self.entries()}

    def entries(self) -> Iterator[Entry]:
        """See `Index.entries`. Only what both legs find; reads every object, thousands a second."""
        self._usable()
        stored: Held = {}
        with translated("reading all"):
            for one in self._iterator(return_properties=list(HELD), cache_size=1000):
                stored[UUID(str(one.uuid))] = Stored.of(one.properties)
        found = self._writer.findable(stored)
        by_document: dict[int, list[UUID]] = {}
        for key, chunk in stored.items():
            by_document.setdefault(chunk.document, []).append(key)
        for document, keys in by_document.items():
            containers = {stored[key].container for key in keys}
            scopes = {stored[key].scope for key in keys}
            yield Entry.of(
                document,
                containers.pop() if len(containers) == 1 else -1,
                scopes.pop() if len(scopes) == 1 else -1,
                (key for key in keys if key in found),
            )

    def present(self) -> bool:
        """See `Index.present`. The server is asked by name, so another in its place will do."""
        return True

    def close(self) -> None:
        """See `Index.close`."""
        if self._own and not self._closed:
            self._client.close()
        self._closed = True

    def _usable(self) -> None:
        if self._closed:
            raise SearchIndexError("the Weaviate index is closed")


def _ranked(found: Sequence[Any], score: Callable[[Any], float]) -> list[Hit]:
    """Hits, best first; scores that differ in the seventh decimal are tied, and go by id."""
    hits = [
        Hit(objects.chunk(one.uuid, one.properties), round(score(one.metadata), 6)) for one in found
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))
