"""An index that lags behind the catalog, or never catches up, leaks nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import AccessControl, Clause, Evidence, IdentityLink
from catalog import clauses, containers, documents, orphans, people, stages
from catalog.policy import AccessPolicy
from corpus import chunk_id
from embedding.hashing import HashingEmbedder
from index.embedded import EmbeddedIndex
from index.interface import IndexedChunk, Reach
from index.serving import Fixed
from retrieval.gate import Gate
from retrieval.search import Retrieval
from tests.catalog.worlds import CONTAINER, DAY, DRIVE, NOW, PEOPLE, USERS, document, empty
from tests.fixtures.chunk import indexed

DOCUMENTS = range(4)
KEYS = ("a", "b", "c")
VECTOR = HashingEmbedder(8)

steps = st.one_of(
    st.tuples(st.just("share"), st.sampled_from(KEYS), st.frozensets(st.sampled_from(USERS[:2]))),
    st.tuples(
        st.just("move"),
        st.sampled_from(DOCUMENTS),
        st.frozensets(st.sampled_from(KEYS), max_size=2),
    ),
    st.tuples(st.just("remove"), st.sampled_from(DOCUMENTS), st.none()),
    st.tuples(st.just("edit"), st.sampled_from(DOCUMENTS), st.none()),
    st.tuples(st.just("index"), st.sampled_from(DOCUMENTS), st.none()),
    st.tuples(st.just("sweep"), st.none(), st.none()),
)


class World:
    """The truth, told plainly, beside a catalog and an index that is written now and then."""

    def __init__(self, connection) -> None:
        self.now = NOW
        self.shared = dict.fromkeys(KEYS, frozenset())
        self.guards = dict.fromkeys(DOCUMENTS, frozenset())
        self.gone = set()
        self.edits = dict.fromkeys(DOCUMENTS, 0)
        self.indexed_under = {}
        empty(connection)
        for who, user in zip(PEOPLE, USERS[:2], strict=False):
            people.store(connection, who, name="")
            link = IdentityLink(who, user, Evidence.EXPLICIT)
            people.replace_links(connection, [link], user.id, NOW)
        containers.store(connection, [CONTAINER], NOW)
        self.container = containers.number(connection, DRIVE, CONTAINER.id)
        for n in DOCUMENTS:
            self.write(connection, n)
        self.rows = documents.present(connection, self.container)

    def clause(self, key) -> Clause:
        return Clause.of(DRIVE, key, self.shared[key], self.now)

    def write(self, connection, n) -> None:
        access = AccessControl.all_of(*map(self.clause, self.guards[n]))
        body = f"{self.edits[n]:064x}"
        documents.store(connection, self.container, False, [(document(n, access), body)], self.now)

    def readable(self, user, n) -> bool:
        guards = self.guards[n]
        return (
            n not in self.gone and bool(guards) and all(user in self.shared[key] for key in guards)
        )

    def apply(self, connection, index, step) -> None:
        what, which, how = step
        self.now += DAY / 10_000
        if what == "share":
            self.shared[which] = how
            clauses.store(connection, [self.clause(which)], lambda: self.now)
        elif what == "move":
            self.guards[which] = how
            self.gone.discard(which)
            self.write(connection, which)
        elif what == "edit":
            self.edits[which] += 1
            self.gone.discard(which)
            self.write(connection, which)
        elif what == "remove":
            self.gone.add(which)
            documents.remove(connection, DRIVE, [f"d{which}"], self.now)
        elif what == "sweep":
            orphans.sweep(connection, AccessPolicy(), self.now + 2 * DAY)
        else:
            stored = documents.get(connection, self.rows[f"d{which}"])
            self.indexed_under[which] = (self.guards[which], self.edits[which])
            index.put([(stored.id, [_chunk(stored, which)])])
            mark = (stored.id, f"{stored.body_key}:", 1)
            stages.mark(connection, stages.index_stage("embedded", "v"), [mark], self.now)


def _chunk(stored, n) -> IndexedChunk:
    return indexed(
        stored.id,
        id=chunk_id(DRIVE, stored.native_id, "v", 0),
        container=stored.container_id,
        scope=stored.scope_id or 0,
        source=DRIVE.value,
        text=f"word {n}",
        analysed=f"word {n}",
        title=stored.title,
        content_hash=f"{n:064x}",
        vector=np.asarray(VECTOR.query(f"word {n}")),
    )


class Everything:
    """A filter as coarse as can be: every leg gives all that the index has."""

    def __init__(self, index) -> None:
        self._index = index

    def __getattr__(self, name):
        return getattr(self._index, name)

    def by_vector(self, vector, reach, where, limit):
        return self._index.by_vector(vector, _all(), where, limit)

    def by_keyword(self, terms, reach, where, limit):
        return self._index.by_keyword(terms, _all(), where, limit)


def _all():
    return Reach(scopes=frozenset(range(1000)), containers=frozenset(range(1000)))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=4, max_size=25), st.booleans())
def test_what_is_found_is_readable_now_and_under_the_scope_it_was_indexed_with(
    catalog, moves, coarse
):
    with TemporaryDirectory() as folder, closing(EmbeddedIndex(Path(folder), "v", 8)) as index:
        with catalog.writing() as connection:
            world = World(connection)
        gate = Gate(catalog, AccessPolicy(), lambda: world.now)
        backend = Everything(index) if coarse else index
        retrieval = Retrieval(catalog, Fixed(backend), VECTOR, gate, clock=lambda: world.now)
        for step in moves:
            with catalog.writing() as connection:
                world.apply(connection, index, step)
            for who, user in zip(PEOPLE, USERS[:2], strict=False):
                found = {
                    int(each.passage.split()[1]) for each in retrieval.search("word", who, k=10)
                }
                for n in DOCUMENTS:
                    guards, edit = world.indexed_under.get(n, (None, None))
                    held = bool(guards) and all(user in world.shared[key] for key in guards)
                    if n in found:
                        assert world.readable(user, n)
                        assert held
                        assert edit == world.edits[n]
                    elif guards == world.guards[n] and edit == world.edits[n]:
                        # The index has caught up, so nothing may be missing either.
                        assert not world.readable(user, n)
        retrieval.close()
