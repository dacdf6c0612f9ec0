"""Search as a person: both legs, one order, every hit checked before its text leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from access import Clock, Person, Source, utc_now
from catalog import documents
from catalog.database import Catalog
from catalog.documents import StoredDocument
from embedding.interface import Embedder
from index.analyser import terms
from index.interface import Hit, Index, Reach, Where
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
        index: Index,
        embedder: Embedder,
        gate: Gate,
        ranking: Ranking | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Answer from `index`, as far as `gate` admits."""
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
        reach = Reach(scopes=self._gate.entitlements(person).scopes)
        if not reach:
            return []
        return self._search(query, person, k, reach, where)

    def close(self) -> None:
        """Stop the threads that serve the legs."""
        self._legs.shutdown()

    def _search(
        self, query: str, person: Person, k: int, reach: Reach, where: Where
    ) -> list[Result]:
        vector = self._embedder.query(query)
        words_asked = terms(query)
        depth = max(50, 4 * k)
        while True:
            meaning = self._legs.submit(self._index.by_vector, vector, reach, where, depth)
            words: Sequence[Hit] = (
                self._index.by_keyword(words_asked, reach, where, depth) if words_asked else ()
            )
            found = meaning.result()
            ranked = fuse(found, words, self._ranking, self._clock())
            admitted = self._gate.admit(person, (each.chunk.document for each in ranked))
            # Only what was admitted may hide a copy of itself. The passage is as old as the
            # index: those whom it was written for must include the asker, too.
            passing = [
                each
                for each in ranked
                if each.chunk.document in admitted and each.chunk.scope in reach.scopes
            ]
            kept = distinct(passing, per_document=2)
            exhausted = len(found) < depth and len(words) < depth
            if len(kept) >= k or exhausted or depth >= _DEEPEST:
                return self._results(kept[:k], admitted)
            depth = min(4 * depth, _DEEPEST)

    def _results(
        self, kept: Sequence[Ranked], admitted: Mapping[int, StoredDocument]
    ) -> list[Result]:
        with self._catalog.reading() as connection:
            names = documents.container_names(
                connection, (admitted[each.chunk.document].container_id for each in kept)
            )
        return [_result(each, admitted[each.chunk.document], names) for each in kept]


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
