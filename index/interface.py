"""The contract of a search index: two filtered legs and idempotent writes.

The index narrows, it does not decide. Every hit is checked against the catalog before its text
leaves the product, so a filter may admit too much and must never admit too little.

Errors:

    SearchIndexError              anything an index raises
    ├── UnknownVersion            no version by that name
    └── VersionServing            a version that is in service can't be dropped
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class SearchIndexError(Exception):
    """Root of every error that an index raises."""


class UnknownVersion(SearchIndexError):
    """There is no index version by that name."""

    def __init__(self, version: str) -> None:
        """Name the `version` that is not there."""
        super().__init__(f"there is no index version {version}; `bailiwick index status` lists all")


class VersionServing(SearchIndexError):
    """The version is in service, so it stays."""

    def __init__(self, version: str) -> None:
        """Name the `version` that stays."""
        super().__init__(f"the index version {version} is in service: switch to another first")


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A passage as the index holds it. Integers are the catalog's row numbers."""

    id: UUID
    document: int
    container: int
    scope: int
    """The interned set of clauses that guards the document."""
    source: str
    ordinal: int
    text: str
    analysed: str
    """The text, title and headings after `index.analyser`, tokens joined by single spaces."""
    title: str
    headings: tuple[str, ...]
    url: str
    kind: str
    media_type: str
    owners: tuple[str, ...]
    canonical: bool
    created_at: datetime | None
    modified_at: datetime | None
    indexed_at: datetime
    content_hash: str
    """SHA-256 (hex) of the embedded text."""
    vector: Vector = field(repr=False, compare=False)
    """Shape (dimensions,), unit length."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person may read, compressed: whole containers by number, scopes for the rest.

    A chunk is within reach if its container or its scope is listed.
    """

    scopes: frozenset[int] = frozenset()
    containers: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything at all is within reach."""
        return bool(self.scopes or self.containers)


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on metadata, all of which must hold; an empty tuple or None asks nothing."""

    sources: tuple[str, ...] = ()
    containers: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    canonical: bool | None = None
    modified_from: datetime | None = None
    """Inclusive; a chunk without a modified time does not match."""
    modified_until: datetime | None = None
    """Exclusive; a chunk without a modified time does not match."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One chunk that a leg found, and how well it fits."""

    chunk: IndexedChunk
    """As stored; `vector` and `analysed` may be empty."""
    score: float
    """Higher is better; comparable only within one leg of one query."""


@dataclass(frozen=True, slots=True)
class WriteFailure:
    """A document that the index did not take."""

    document: int
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index holds, or ought to hold, of one document."""

    document: int
    container: int
    """-1 if its chunks disagree."""
    scope: int
    """-1 if its chunks disagree."""
    chunks: int
    ids: int | None = None
    """The chunks' ids, 128 bits each, XORed together: equal for equal sets. None: not told."""

    @classmethod
    def of(cls, document: int, container: int, scope: int, ids: Iterable[UUID]) -> Entry:
        """The entry of a document whose chunks have these ids."""
        count = digest = 0
        for key in ids:
            count += 1
            digest ^= key.int
        return cls(document, container, scope, count, digest)


class Index(Protocol):
    """A search index of one version (chunker, analyser and embedding model fixed)."""

    backend: str
    """What holds it: two backends may hold the same version, each with its own contents."""
    version: str
    dimensions: int

    def put(
        self, documents: Sequence[tuple[int, Sequence[IndexedChunk]]]
    ) -> Sequence[WriteFailure]:
        """Make each document's chunks exactly these, dropping any beyond them.

        One document at a time, atomically where the backend can. Unchanged chunks cost no
        rewrite and keep the `indexed_at` that they had. A chunk's id is its identity: one that
        another document held moves to this one. A document in the answer was not (wholly)
        written and must be put again. Empty chunks mean the same as `delete`.

        Raises:
            SearchIndexError: the backend failed as a whole. What was written is not known, so all
                of it must be put again, to the same effect.
        """
        ...

    def delete(self, documents: Sequence[int]) -> None:
        """Remove every chunk of these documents; unknown numbers are no error."""
        ...

    def by_vector(self, vector: Vector, reach: Reach, where: Where, limit: int) -> Sequence[Hit]:
        """The `limit` chunks nearest to `vector` (cosine), best first; ties by chunk id."""
        ...

    def by_keyword(
        self, terms: Sequence[str], reach: Reach, where: Where, limit: int
    ) -> Sequence[Hit]:
        """The `limit` chunks that hold any of the analysed `terms`, best BM25 first.

        Ties are broken by chunk id. Of more than `index.analyser.MAX_TERMS` distinct terms, the
        first that many count.
        """
        ...

    def documents(self) -> dict[int, int]:
        """How many chunks each document has, for reconciliation with the catalog."""
        ...

    def entries(self) -> Iterator[Entry]:
        """What is held of each document, by number; for parity checks and reconciliation."""
        ...

    def present(self) -> bool:
        """Whether what was opened is still there, and not another made in its place."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
