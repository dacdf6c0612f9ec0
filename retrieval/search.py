"""Search as a person: both legs, one order, every hit checked before its text leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from access import Clock, Person, Source, utc_now
from catalog import containers
from catalog.database import Catalog
from catalog.documents import StoredDocument
from catalog.stages import index_stage
from embedding.interface import Embedder
from index.analyser import DEFAULT, Analyser
from index.interface import Hit, Index, Reach, SearchIndexError, Where
from index.serving import Lender
from retrieval.errors import InvalidQuery
from retrieval.fusion import Ranked, Ranking, distinct, fuse
from retrieval.gate import Gate

LONGEST_QUERY = 10_000
"""Characters; longer ones are documents, not questions."""
MOST_RESULTS = 200
_DEEPEST = 2_000


@dataclass(frozen=True, slots=True)
class Result:
    """A passage that the asker may read, and where it comes from."""

    evidence: str
    """Id of the passage, which a tool call can cite as what led to it."""
    document: str
    """The document, as ``source:native id``."""
    title: str
    headings: tuple[str, ...]
    passage: str
    url: str
    source: Source
    container: str
    """Name of the drive, site, space, project or repository."""
    kind: str
    owners: tuple[str, ...]
    modified_at: datetime | None
    """How old the source says the content is."""
    synced_at: datetime
    """When we last looked at the document with success."""
    matched: tuple[str, ...]
    """Why it is here: ``meaning``, ``words`` or both."""
    score: float
    """From 0 to about 1; comparable within one answer only."""


class Retrieval:
    """The query module over one catalog and one index."""

    def __init__(
        self,
        catalog: Catalog,
        index: Lender,
        embedder: Embedder,
        gate: Gate,
        ranking: Ranking | None = None,
        clock: Clock = utc_now,
        analyser: Analyser = DEFAULT,
    ) -> None:
        """Answer from the index that `index` lends, as far as `gate` admits."""
        self._analyser = analyser
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._gate = gate
        self._ranking = ranking or Ranking()
        self._clock = clock
        self._legs = ThreadPoolExecutor(max_workers=2, thread_name_prefix="leg")

    def search(
        self, query: str, person: Person, k: int = 10, where: Where | None = None
    ) -> list[Result]:
        """The `k` best passages for `query` that `person` may read, best first.

        Somebody who may read nothing gets an empty list, as somebody who asks for what does
        not exist does: the two can't be told apart.

        Args:
            query: words or a question, up to `LONGEST_QUERY` characters.
            person: who asks.
            k: how many passages, from 1 to `MOST_RESULTS`.
            where: conditions on metadata; none by default.

        Raises:
            InvalidQuery: the query is blank or too long, `k` out of range, or a time without a
                time zone.
            UnknownPerson: the catalog does not know the person.
            SearchIndexError: the index in service did not answer.
        """
        if not query.strip():
            raise InvalidQuery("the query is empty")
        if len(query) > LONGEST_QUERY:
            raise InvalidQuery(f"the query is longer than {LONGEST_QUERY} characters")
        if not 1 <= k <= MOST_RESULTS:
            raise InvalidQuery(f"ask for 1 to {MOST_RESULTS} results, not {k}")
        where = where or Where()
        for time in (where.modified_from, where.modified_until):
            if time is not None and time.tzinfo is None:
                raise InvalidQuery("a time without a time zone")
        reach = self._gate.reach(person)
        if not reach:
            return []
        while True:
            with self._index.lend() as index:
                try:
                    return self._search(index, query, person, k, reach, where)
                except SearchIndexError:
                    if not self._index.moved(index):
                        raise  # else it was dropped after a switch: ask the one in service

    def close(self) -> None:
        """Stop the threads that serve the legs."""
        self._legs.shutdown()

    def _search(
        self, index: Index, query: str, person: Person, k: int, reach: Reach, where: Where
    ) -> list[Result]:
        vector = self._embedder.query(query)
        words_asked = self._analyser.terms(query)
        depth = max(50, 4 * k)
        stage = index_stage(index.backend, index.version)
        while True:
            meaning = self._legs.submit(index.by_vector, vector, reach, where, depth)
            words: Sequence[Hit] = (
                index.by_keyword(words_asked, reach, where, depth) if words_asked else ()
            )
            found = meaning.result()
            ranked = fuse(found, words, self._ranking, self._clock())
            # The index only narrows, and may lag: the document must pass as it is now, the scope
            # that the passage was indexed under too, and its body must be the present one.
            admitted = self._gate.admit_indexed(person, stage, map(_guarded, ranked))
            # Only what was admitted may hide a copy of itself.
            passing = [each for each in ranked if _guarded(each) in admitted]
            kept = distinct(passing, per_document=2)
            exhausted = len(found) < depth and len(words) < depth
            if len(kept) >= k or exhausted or depth >= _DEEPEST:
                return self._results(kept[:k], admitted)
            depth = min(4 * depth, _DEEPEST)

    def _results(
        self, kept: Sequence[Ranked], admitted: Mapping[tuple[int, int], StoredDocument]
    ) -> list[Result]:
        with self._catalog.reading() as connection:
            names = containers.names(
                connection, (admitted[_guarded(each)].container_id for each in kept)
            )
        return [_result(each, admitted[_guarded(each)], names) for each in kept]


def _guarded(each: Ranked) -> tuple[int, int]:
    return each.chunk.document, each.chunk.scope


def _result(each: Ranked, document: StoredDocument, names: Mapping[int, str]) -> Result:
    return Result(
        evidence=str(each.chunk.id),
        document=f"{document.source}:{document.native_id}",
        title=document.title,
        headings=each.chunk.headings,
        passage=each.chunk.text,
        url=document.url,
        source=document.source,
        container=names[document.container_id],
        kind=document.kind,
        owners=document.owners,
        modified_at=document.modified_at,
        synced_at=document.synced_at,
        matched=each.legs,
        score=round(each.score, 6),
    )
