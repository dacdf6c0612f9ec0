"""One suite over every index backend: what a search returns, and in which order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.analyser import EXACT, MAX_TERMS, analyse, terms
from index.interface import Index, IndexedChunk, Reach, SearchIndexError, Where
from tests.contract.chunks import (
    KINDS,
    MEDIA,
    OWNERS,
    SOURCES,
    START,
    WORDS,
    OpenIndex,
    chunk,
    everything,
    ids,
    vector,
)

TIES = 1e-4  # scores nearer than this are tied, as far as the order of two backends goes


@pytest.fixture(scope="module")
def world(open_index: OpenIndex) -> tuple[Index, list[IndexedChunk]]:
    """An index of a few hundred varied chunks, never written to again, and those chunks."""
    rng = random.Random(7)
    index = open_index()
    documents = []
    for number in range(1, 121):
        modified = None if number % 9 == 0 else START + timedelta(days=rng.randrange(60))
        shared = chunk(
            number,
            0,
            container=rng.randrange(1, 9),
            scope=rng.randrange(1, 40),
            source=rng.choice(SOURCES),
            kind=rng.choice(KINDS),
            media_type=rng.choice(MEDIA),
            owners=tuple(rng.sample(OWNERS, rng.randrange(0, 4))),
            canonical=rng.random() < 0.3,
            modified_at=modified,
        )
        count = rng.randrange(1, 5)
        documents.append(
            (
                number,
                [
                    chunk(
                        number,
                        ordinal,
                        like=shared,
                        text=" ".join(rng.choices(WORDS, k=rng.randrange(3, 30))),
                    )
                    for ordinal in range(count)
                ],
            )
        )
    assert not index.put(documents)
    return index, [c for _, chunks in documents for c in chunks]


def admits(reach: Reach, where: Where, c: IndexedChunk) -> bool:
    """The contract's words, read by somebody else."""
    if c.scope not in reach.scopes and c.container not in reach.containers:
        return False
    timed = where.modified_from is not None or where.modified_until is not None
    if timed and c.modified_at is None:
        return False
    return all(
        [
            not where.sources or c.source in where.sources,
            not where.containers or c.container in where.containers,
            not where.documents or c.document in where.documents,
            not where.kinds or c.kind in where.kinds,
            not where.media_types or c.media_type in where.media_types,
            not where.owners or bool(set(c.owners) & set(where.owners)),
            where.canonical is None or c.canonical == where.canonical,
            where.modified_from is None or c.modified_at >= where.modified_from,
            where.modified_until is None or c.modified_at < where.modified_until,
        ]
    )


days = st.none() | st.integers(-1, 61).map(lambda d: START + timedelta(days=d))


def some(values: Sequence[object], most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


reaches = st.builds(
    Reach,
    scopes=st.frozensets(st.integers(0, 45), max_size=30),
    containers=st.frozensets(st.integers(0, 10), max_size=4),
)
wheres = st.builds(
    Where,
    sources=some([*SOURCES, "confluence"]),
    containers=some(range(1, 10), 5),
    documents=st.just(()) | some(range(1, 130), 40),
    kinds=some([*KINDS, "folder"]),
    media_types=some(MEDIA),
    owners=some([*OWNERS, "owner2"]),
    canonical=st.none() | st.booleans(),
    modified_from=days,
    modified_until=days,
)
relaxed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@relaxed
@given(reach=reaches, where=wheres | st.just(Where()), seed=st.integers(0, 5))
def test_vector_leg_against_brute_force(world, reach: Reach, where: Where, seed: int) -> None:
    index, chunks = world
    asked = vector(seed)
    admitted = {c.id: c for c in chunks if admits(reach, where, c)}
    found = index.by_vector(asked, reach, where, 1000)
    assert set(ids(found)) == set(admitted)
    assert len(found) == len(admitted)
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    for hit in found:
        assert hit.score == pytest.approx(float(admitted[hit.chunk.id].vector @ asked), abs=TIES)
    few = index.by_vector(asked, reach, where, 7)
    assert ids(few) == ids(found)[:7]


@relaxed
@given(
    reach=reaches,
    where=wheres | st.just(Where()),
    asked=st.lists(st.sampled_from([*WORDS, "absent"]), min_size=1, max_size=5),
)
def test_keyword_leg_against_brute_force(world, reach: Reach, where: Where, asked) -> None:
    index, chunks = world
    wanted = terms(" ".join(asked))
    admitted = {
        c.id: c
        for c in chunks
        if admits(reach, where, c) and set(c.analysed.split(" ")) & set(wanted)
    }
    found = index.by_keyword(wanted, reach, where, 1000)
    assert set(ids(found)) == set(admitted)
    assert len(found) == len(admitted)
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    few = index.by_keyword(wanted, reach, where, 5)
    assert [hit.score for hit in few] == pytest.approx(scores[:5], abs=TIES)


@pytest.mark.parametrize("size", [0, 1, 5_000, 50_000])
def test_reach_of_any_size(world, size: int) -> None:
    index, chunks = world
    # The person's scopes: the first few real ones among many that no chunk carries.
    reach = Reach(scopes=frozenset([*range(1, 21), *range(1_000, 1_000 + size)][:size]))
    expected = {c.id for c in chunks if c.scope in reach.scopes}
    assert everything(index, reach) == expected
    word = analyse("policy")
    found = set(ids(index.by_keyword(word, reach, Where(), 1000)))
    assert found == {
        c.id for c in chunks if c.id in expected and set(word) & set(c.analysed.split(" "))
    }


def test_an_empty_reach_asks_nothing(index: Index) -> None:
    # A closed index would raise if it were asked.
    index.put([(1, [chunk(1, 0)])])
    index.close()
    assert list(index.by_vector(vector(1), Reach(), Where(), 10)) == []
    assert list(index.by_keyword(["passag"], Reach(), Where(), 10)) == []
    assert list(index.by_keyword([], Reach(frozenset([1])), Where(), 10)) == []


HOSTILE = [
    "",
    " ",
    '"',
    "'",
    '""" OR "a',
    "a AND NOT b",
    "NEAR(a b, 5)",
    "analysed:kettle",
    "kettle*",
    "^kettle",
    "-kettle +kettle",
    "{kettle}",
    "kettle; DROP TABLE gate; --",
    "\\",
    "\x00kettle\x00",
    "\ud83d\ude80".encode("utf-16", "surrogatepass").decode("utf-16"),
    "👩‍👩‍👧‍👦 👍🏽",
    "AND",
    "OR",
    "NOT",
    "( ) [ ]",
    "%_",
    "ſﬁ İı ß",
    "\u202ekettle\u202c",
    "kettle " * 20_000,
    "".join(f"w{n} " for n in range(20_000)),
    "x" * 100_000,
    "a-" * 50_000,
    "'" * 100_000,
]


@pytest.mark.parametrize("question", HOSTILE, ids=lambda q: ascii(q[:12]))
def test_hostile_questions(world, question: str) -> None:
    index, chunks = world
    reach = Reach(frozenset(range(100)))
    wanted = terms(question)
    found = index.by_keyword(wanted, reach, Where(), 1000)
    assert set(ids(found)) == {c.id for c in chunks if set(wanted) & set(c.analysed.split(" "))}
    # And terms that no analyser made: nothing is an operator.
    raw = [question[:5_000], *question[:5_000].split()]
    index.by_keyword(raw, reach, Where(), 10)


def test_only_the_first_terms_count(world) -> None:
    index, _ = world
    reach = Reach(frozenset(range(100)))
    many = [f"absent{n}" for n in range(MAX_TERMS)]
    assert not index.by_keyword([*many, *analyse("policy")], reach, Where(), 10)
    assert index.by_keyword([*many[1:], *analyse("policy")], reach, Where(), 10)


def test_identifiers_are_found(index: Index) -> None:
    texts = [
        "see JIRA-123 first",
        "see JIRA-124 first",
        "use C++ here",
        "use C here",
        "run src/app.py",
    ]
    index.put([(n, [chunk(n, 0, text=text)]) for n, text in enumerate(texts)])
    reach = Reach(frozenset([1]))
    for question, best in [("jira-123", 0), ("JIRA-124", 1), ("C++", 2), ("src/app.py", 4)]:
        found = index.by_keyword(terms(question), reach, Where(), 5)
        assert found[0].chunk.document == best, question
        # The whole identifier is one token, which its parts do not match.
        whole = next(term for term in terms(question) if term.startswith(EXACT))
        assert [hit.chunk.document for hit in index.by_keyword([whole], reach, Where(), 5)] == [
            best
        ]


def test_limits(world) -> None:
    index, chunks = world
    reach = Reach(frozenset(range(100)))
    assert len(index.by_vector(vector(1), reach, Where(), 10_000)) == len(chunks)
    assert len(index.by_vector(vector(1), reach, Where(), 1)) == 1
    assert not index.by_vector(vector(1), reach, Where(), 0)
    assert not index.by_keyword(["polici"], reach, Where(), 0)


def test_a_vector_of_the_wrong_size_is_refused(index: Index) -> None:
    with pytest.raises(SearchIndexError):
        index.by_vector(np.ones(3, np.float32), Reach(frozenset([1])), Where(), 5)


def test_ties_go_by_id(index: Index) -> None:
    same = [chunk(n, 0, text="one kettle", title="", vector=vector(1)) for n in range(1, 30)]
    index.put([(c.document, [c]) for c in same])
    reach = Reach(frozenset([1]))
    expected = sorted(c.id for c in same)
    assert ids(index.by_vector(vector(2), reach, Where(), 29)) == expected
    assert ids(index.by_keyword(["kettl"], reach, Where(), 29)) == expected


def test_owners_are_whole(index: Index) -> None:
    index.put([(1, [chunk(1, 0, owners=("Team One", "a@b.c"))]), (2, [chunk(2, 0, owners=())])])
    reach = Reach(frozenset([1]))
    assert everything(index, reach, Where(owners=("Team",))) == set()
    assert everything(index, reach, Where(owners=("team one",))) == set()
    assert everything(index, reach, Where(owners=("Team One",))) == {chunk(1, 0).id}


def test_an_empty_index_answers(index: Index) -> None:
    reach = Reach(frozenset([1]), frozenset([1]))
    assert not index.by_vector(vector(1), reach, Where(), 5)
    assert not index.by_keyword(["a"], reach, Where(), 5)
    assert index.documents() == {}
    assert list(index.entries()) == []
    index.delete([1])


def test_times_far_away_are_never_left_out(index: Index) -> None:
    years = (1, 1601, 1677, 1900, 2026, 2263, 9999)
    times = {n: datetime(y, 12, 31, 23, 59, 59, 999_999, UTC) for n, y in enumerate(years)}
    index.put([(n, [chunk(n, 0, modified_at=t, created_at=t)]) for n, t in times.items()])
    index.put([(99, [chunk(99, 0, modified_at=None)])])
    reach = Reach(frozenset([1]))
    bounds = [datetime(y, 6, 1, tzinfo=UTC) for y in (1, 1600, 1677, 1800, 2000, 2262, 2500, 9999)]
    for bound in bounds:
        since = everything(index, reach, Where(modified_from=bound))
        assert since >= {chunk(n, 0).id for n, t in times.items() if t >= bound}
        until = everything(index, reach, Where(modified_until=bound))
        assert until >= {chunk(n, 0).id for n, t in times.items() if t < bound}
        assert chunk(99, 0).id not in since | until
        # And exact where nothing is beyond what a server can compare.
        if 1800 <= bound.year <= 2000:
            assert not since & until
    shown = index.by_vector(vector(0), reach, Where(documents=tuple(times)), 50)
    for hit in shown:
        assert hit.chunk.modified_at is not None
        assert abs(hit.chunk.modified_at - times[hit.chunk.document]) < timedelta(milliseconds=1)
    assert len(shown) == len(times)


def test_a_condition_that_is_no_text_matches_nothing(index: Index) -> None:
    index.put([(1, [chunk(1, 0)])])
    reach = Reach(frozenset([1]))
    for where in (Where(owners=("\udcff",)), Where(kinds=("\ud800",)), Where(sources=("a\udfff",))):
        assert everything(index, reach, where) == set()
