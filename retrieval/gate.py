"""The gate: who the asker is to the catalog, and what passes at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

from sqlalchemy import Connection

from access import Clock, Person, utc_now
from catalog import documents, people, stages
from catalog.database import Catalog
from catalog.documents import StoredDocument
from catalog.entitlements import Entitlements, resolve
from catalog.people import KnownPerson
from catalog.policy import AccessPolicy
from catalog.reach import compress
from index.interface import Reach

_REMEMBERED = 2_000
"""People whose entitlements are kept at once; of more, those resolved longest ago make way."""


class Gate:
    """Decides, from the catalog alone, what a person may read now.

    Entitlements are remembered per person and access epoch; nobody waits for a time-out. Any
    error while deciding is raised: without an answer from the catalog nothing passes.
    """

    def __init__(self, catalog: Catalog, policy: AccessPolicy, clock: Clock = utc_now) -> None:
        """Decide by `catalog` and the installation's `policy`."""
        self._catalog = catalog
        self._policy = policy
        self._clock = clock
        self._remembered: dict[Person, Entitlements] = {}
        self._reaches: dict[Person, tuple[Entitlements, Reach]] = {}
        self._lock = Lock()

    def entitlements(self, person: Person) -> Entitlements:
        """What `person` may read now.

        Raises:
            UnknownPerson: the catalog does not know them.
        """
        with self._catalog.reading() as connection:
            return self._current(connection, people.get(connection, person))

    def reach(self, person: Person) -> Reach:
        """What `person` may read now, as shortly as an index likes it; it may cover too much.

        Raises:
            UnknownPerson: the catalog does not know them.
        """
        with self._catalog.reading() as connection:
            current = self._current(connection, people.get(connection, person))
            with self._lock:
                told = self._reaches.get(person)
            if told is None or told[0] is not current:
                short = compress(connection, current.scopes)
                told = (current, Reach(short.scopes, short.containers))
                with self._lock:
                    self._reaches[person] = told
                    while len(self._reaches) > _REMEMBERED:
                        del self._reaches[next(iter(self._reaches))]
        return told[1]

    def admit(self, person: Person, ids: Iterable[int]) -> Mapping[int, StoredDocument]:
        """Those documents among `ids` that `person` may read now, by row number.

        One transaction sees the person, their entitlements and the documents: whatever was
        revoked before it began does not pass.

        Raises:
            UnknownPerson: the catalog does not know them.
        """
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        with self._catalog.reading() as connection:
            current = self._current(connection, people.get(connection, person))
            found = documents.load(connection, wanted)
        return self._passing(current, found)

    def admit_indexed(
        self, person: Person, stage: str, chunks: Iterable[tuple[int, int]]
    ) -> Mapping[tuple[int, int], StoredDocument]:
        """Of chunks, each its document and the scope it was indexed under, those that pass.

        The document must pass as in `admit`, the scope must be one that admits `person`, and
        the body that the index holds must be the present one: until a lagging index has caught
        up with a document, what it holds of it may be a text from when others were to read it.

        Args:
            person: who asks.
            stage: the indexing stage of the index that gave the chunks.
            chunks: row numbers of a document and a scope.

        Raises:
            UnknownPerson: the catalog does not know them.
        """
        wanted = set(chunks)
        if not wanted:
            return {}
        with self._catalog.reading() as connection:
            current = self._current(connection, people.get(connection, person))
            held = {(row, scope) for row, scope in wanted if scope in current.scopes}
            rows = sorted({row for row, _ in held})
            found = documents.load(connection, rows)
            as_is = stages.indexed_as_is(connection, stage, rows)
        passing = {row: each for row, each in self._passing(current, found).items() if row in as_is}
        return {(row, scope): passing[row] for row, scope in held if row in passing}

    def _current(self, connection: Connection, known: KnownPerson) -> Entitlements:
        now = self._clock()
        with self._lock:
            remembered = self._remembered.get(known.person)
        if (
            remembered is not None
            and remembered.person == known
            and remembered.current(connection, now)
        ):
            return remembered
        fresh = resolve(connection, known, self._policy, now)
        with self._lock:
            self._remembered.pop(known.person, None)
            self._remembered[known.person] = fresh
            while len(self._remembered) > _REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
        return fresh

    def _passing(
        self, current: Entitlements, found: Mapping[int, StoredDocument]
    ) -> dict[int, StoredDocument]:
        now = self._clock()
        return {
            row: each
            for row, each in found.items()
            if each.removed_at is None
            and each.scope_id is not None
            and each.scope_id in current.scopes
            and not each.forgotten(self._policy, now)
        }
