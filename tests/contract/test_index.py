"""One suite over every index backend: what a search may and may not return."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.analyser import EXACT, MAX_TERMS, analyse, terms
from index.interface import (
    Amendment,
    Entry,
    Index,
    IndexedChunk,
    Reach,
    SearchIndexError,
    Where,
)

DIMENSIONS = 16
START = datetime(2026, 1, 1, tzinfo=UTC)
NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
SOURCES = ("github", "google_drive", "jira")
KINDS = ("file", "issue", "page")
MEDIA = ("text/plain", "text/markdown", "application/pdf")
OWNERS = ("owner1@example.com", "owner2@example.com", "Team O'Three", "owner2@example.com.au", "")
WORDS = (
    *("harbour", "tariff", "policy", "invoice", "payments", "retry", "queue", "latency", "rota"),
    *("JIRA-123", "snake_case", "CamelCase", "C++", "src/app/main.py", "réunion", "2.4.1"),
    *("onboarding", "holiday", "kettle"),
)
TIES = 1e-4  # scores nearer than this are tied, as far as the order of two backends goes

OpenIndex = Callable[[], Index]


@pytest.fixture(params=["embedded", "weaviate"], scope="module")
def open_index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenIndex]:
    """Opens empty indexes of one backend, and closes them all at the end."""
    opened: list[Index] = []
    if request.param == "embedded":
        from index.embedded import EmbeddedIndex

        def fresh() -> Index:
            folder = tmp_path_factory.mktemp("embedded")
            opened.append(EmbeddedIndex(folder, "1", DIMENSIONS))
            return opened[-1]

    else:
        open_weaviate = request.getfixturevalue("open_weaviate")

        def fresh() -> Index:
            opened.append(open_weaviate("1", DIMENSIONS))
            return opened[-1]

    yield fresh
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: OpenIndex) -> Index:
    """An empty index."""
    return open_index()


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


def vector(seed: object) -> np.ndarray:
    """A unit vector that `seed` decides."""
    found = np.random.default_rng(abs(hash(str(seed))) if isinstance(seed, str) else seed)
    raw = found.standard_normal(DIMENSIONS).astype(np.float32)
    return raw / np.linalg.norm(raw)


def chunk(document: int, ordinal: int, like: IndexedChunk | None = None, **told: object):
    """A chunk of `document`, as told, the rest like another or made up."""
    text = str(told.pop("text", f"passage {ordinal} of document {document}"))
    made = IndexedChunk(
        id=uuid5(NAMESPACE, f"{document}/{ordinal}"),
        document=document,
        container=1,
        scope=1,
        source="github",
        ordinal=ordinal,
        text=text,
        analysed=" ".join(analyse(text)),
        title=f"Document {document}",
        headings=("One", "Two é"),
        url=f"https://example.com/{document}",
        kind="file",
        media_type="text/plain",
        owners=("owner1@example.com",),
        canonical=False,
        created_at=START,
        modified_at=START + timedelta(days=1),
        indexed_at=START + timedelta(days=2, microseconds=123456),
        content_hash=f"{document:032x}{ordinal:032x}",
        vector=vector(document * 1000 + ordinal),
    )
    if like is not None:
        told = {
            name: getattr(like, name)
            for name in (
                "container",
                "scope",
                "source",
                "kind",
                "media_type",
                "owners",
                "canonical",
                "modified_at",
            )
        } | told
    return replace(made, **told)


def ids(hits: Sequence[object]) -> list[UUID]:
    return [hit.chunk.id for hit in hits]  # type: ignore[attr-defined]


def everything(index: Index, reach: Reach, where: Where = Where()) -> set[UUID]:  # noqa: B008
    """The ids that the vector leg can reach at all."""
    return set(ids(index.by_vector(vector(0), reach, where, 10_000)))


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


def test_everything_about_a_chunk_comes_back(index: Index) -> None:
    stored = chunk(
        7,
        3,
        text='Line one\nline two — ünïcode 🚀 "quoted" and a tab\t.',
        owners=("b", "a,b", 'c"d'),
        canonical=True,
        created_at=None,
        container=2**40,
        scope=2**41,
    )
    assert not index.put([(7, [stored])])
    [hit] = index.by_vector(stored.vector, Reach(frozenset([stored.scope])), Where(), 5)
    assert hit.score == pytest.approx(1, abs=1e-4)
    assert replace(hit.chunk, analysed=stored.analysed, vector=stored.vector) == stored
    [hit] = index.by_keyword(["line"], Reach(containers=frozenset([2**40])), Where(), 5)
    assert replace(hit.chunk, analysed=stored.analysed, vector=stored.vector) == stored


def test_put_replaces_and_drops_the_surplus(index: Index) -> None:
    reach = Reach(frozenset([1]))
    index.put([(1, [chunk(1, n) for n in range(4)]), (2, [chunk(2, 0)])])
    assert index.documents() == {1: 4, 2: 1}
    index.put([(1, [chunk(1, 0), chunk(1, 1, text="a kettle", vector=vector(5))])])
    assert index.documents() == {1: 2, 2: 1}
    assert everything(index, reach) == {chunk(1, 0).id, chunk(1, 1).id, chunk(2, 0).id}
    assert ids(index.by_keyword(["kettl"], reach, Where(), 9)) == [chunk(1, 1).id]
    assert ids(index.by_vector(vector(5), reach, Where(), 1)) == [chunk(1, 1).id]
    assert len(index.by_keyword(["passag"], reach, Where(), 9)) == 2
    index.put([(1, [])])
    assert index.documents() == {2: 1}


def test_put_is_idempotent(index: Index) -> None:
    documents = [(n, [chunk(n, k) for k in range(3)]) for n in range(1, 6)]
    for _ in range(3):
        assert not index.put(documents)
    assert index.documents() == dict.fromkeys(range(1, 6), 3)
    # An unchanged chunk is not rewritten: it keeps the time at which it was indexed.
    later = [
        (n, [replace(c, indexed_at=START + timedelta(days=9)) for c in chunks])
        for n, chunks in documents
    ]
    index.put(later)
    hits = index.by_vector(vector(1), Reach(frozenset([1])), Where(), 100)
    assert {hit.chunk.indexed_at for hit in hits} == {chunk(1, 0).indexed_at}


def test_the_same_document_twice_in_one_put(index: Index) -> None:
    index.put([(1, [chunk(1, 0), chunk(1, 1)]), (1, [chunk(1, 0, text="kettle")])])
    assert index.documents() == {1: 1}
    reach = Reach(frozenset([1]))
    assert ids(index.by_keyword(["kettl"], reach, Where(), 9)) == [chunk(1, 0).id]


def test_metadata_changes_without_text(index: Index) -> None:
    index.put([(1, [chunk(1, 0), chunk(1, 1)])])
    moved = [chunk(1, n, scope=9, container=4, canonical=True, owners=("x",)) for n in range(2)]
    index.put([(1, moved)])
    assert everything(index, Reach(frozenset([1]), frozenset([1]))) == set()
    assert len(everything(index, Reach(frozenset([9])))) == 2
    assert len(everything(index, Reach(frozenset([9])), Where(owners=("x",), canonical=True))) == 2


def test_amend(index: Index) -> None:
    index.put([(1, [chunk(1, 0), chunk(1, 1)]), (2, [chunk(2, 0)])])
    amendment = Amendment(
        document=1,
        container=5,
        scope=6,
        url="https://example.com/moved",
        kind="page",
        media_type="text/html",
        owners=("owner2@example.com",),
        canonical=True,
        created_at=None,
        modified_at=START + timedelta(days=30),
    )
    failures = index.amend([amendment, replace(amendment, document=99)])
    assert [failure.document for failure in failures] == [99]
    assert everything(index, Reach(frozenset([1]))) == {chunk(2, 0).id}
    hits = index.by_keyword(["passag"], Reach(containers=frozenset([5])), Where(), 9)
    assert len(hits) == 2
    for hit in hits:
        assert hit.chunk.url == amendment.url
        assert hit.chunk.kind == "page"
        assert hit.chunk.owners == ("owner2@example.com",)
        assert hit.chunk.created_at is None
        assert hit.chunk.modified_at == amendment.modified_at
        assert hit.chunk.title == "Document 1"
    # A put that says the same changes nothing, and the vectors have stayed.
    assert ids(index.by_vector(chunk(1, 1).vector, Reach(frozenset([6])), Where(), 1)) == [
        chunk(1, 1).id
    ]
    assert set(index.entries()) == {
        Entry.of(1, 5, 6, [chunk(1, 0).id, chunk(1, 1).id]),
        Entry.of(2, 1, 1, [chunk(2, 0).id]),
    }
    assert not index.amend([amendment])


def test_delete(index: Index) -> None:
    index.put([(n, [chunk(n, k) for k in range(3)]) for n in range(1, 5)])
    index.delete([2, 3, 77])
    index.delete([])
    assert index.documents() == {1: 3, 4: 3}
    assert len(everything(index, Reach(frozenset([1])))) == 6
    assert len(index.by_keyword(["passag"], Reach(frozenset([1])), Where(), 99)) == 6
    index.delete([2, 1, 4])
    assert index.documents() == {}
    assert everything(index, Reach(frozenset([1]))) == set()


def test_delete_of_a_document_with_many_chunks(index: Index) -> None:
    count = 1200
    index.put([(1, [chunk(1, k) for k in range(count)]), (2, [chunk(2, 0)])])
    assert index.documents() == {1: count, 2: 1}
    index.delete([1])
    assert index.documents() == {2: 1}


def test_an_id_belongs_to_the_document_that_put_it_last(index: Index) -> None:
    index.put([(1, [chunk(1, 0), chunk(1, 1)])])
    index.put([(8, [replace(chunk(8, 0, scope=3), id=chunk(1, 1).id)])])
    assert index.documents() == {1: 1, 8: 1}
    assert everything(index, Reach(frozenset([3]))) == {chunk(1, 1).id}
    assert everything(index, Reach(frozenset([1]))) == {chunk(1, 0).id}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda: [chunk(1, 0), chunk(1, 0)], id="id twice"),
        pytest.param(lambda: [chunk(1, 0, vector=np.ones(3, np.float32))], id="vector size"),
        pytest.param(
            lambda: [chunk(1, 0, vector=np.full(DIMENSIONS, np.nan, np.float32))], id="nan"
        ),
        pytest.param(lambda: [chunk(2, 0)], id="another document's"),
        pytest.param(
            lambda: [chunk(1, 0, modified_at=datetime(2026, 1, 1))],  # noqa: DTZ001
            id="no time zone",
        ),
    ],
)
def test_a_bad_document_fails_alone(index: Index, wrong) -> None:
    index.put([(1, [chunk(1, 5)])])
    failures = index.put([(3, [chunk(3, 0)]), (1, wrong()), (4, [chunk(4, 0)])])
    assert [failure.document for failure in failures] == [1]
    assert failures[0].reason
    assert index.documents() == {1: 1, 3: 1, 4: 1}
    assert everything(index, Reach(frozenset([1]))) == {
        chunk(n, k).id for n, k in [(1, 5), (3, 0), (4, 0)]
    }


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
