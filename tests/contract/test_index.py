"""One suite over every index backend: what is written, changed and deleted is found as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from index.interface import Entry, Index, Reach, Where
from tests.contract.chunks import DIMENSIONS, START, chunk, everything, ids, vector


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
    now = {
        "scope": 9,
        "container": 4,
        "canonical": True,
        "owners": ("x",),
        "kind": "page",
        "url": "https://example.com/moved",
        "media_type": "text/html",
        "created_at": None,
        "modified_at": START + timedelta(days=30),
    }
    moved = [chunk(1, n, **now) for n in range(2)]
    index.put([(1, moved)])
    hits = index.by_keyword(["passag"], Reach(containers=frozenset([4])), Where(), 9)
    assert len(hits) == 2
    for hit in hits:
        assert {name: getattr(hit.chunk, name) for name in now} == now
        assert hit.chunk.title == "Document 1"
    found = index.by_vector(chunk(1, 1).vector, Reach(frozenset([9])), Where(), 1)
    assert ids(found) == [chunk(1, 1).id], "the vectors have stayed"
    assert set(index.entries()) == {Entry.of(1, 4, 9, [chunk(1, 0).id, chunk(1, 1).id])}
    assert everything(index, Reach(frozenset([1]), frozenset([1]))) == set()
    assert len(everything(index, Reach(frozenset([9])))) == 2
    assert len(everything(index, Reach(frozenset([9])), Where(owners=("x",), canonical=True))) == 2


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


def test_a_chunk_that_moves_within_one_put_stays(index: Index) -> None:
    moving, other = chunk(1, 0), chunk(1, 1)
    moved = replace(moving, document=2)
    reach = Reach(frozenset([1]))
    for order, held in (
        ([(1, []), (2, [moved])], {2: 1}),
        ([(2, [moved]), (1, [other])], {1: 1, 2: 1}),
    ):
        index.delete([1, 2])
        index.put([(1, [moving, other])])
        assert not index.put(order)
        assert index.documents() == held
        [hit] = index.by_vector(moving.vector, reach, Where(documents=(2,)), 5)
        assert hit.chunk.id == moving.id


CHANGES = {
    "source": "jira",
    "ordinal": 3,
    "text": "another passage",
    "title": "Another title",
    "headings": ("Another",),
    "content_hash": "f" * 64,
    "container": 5,
    "scope": 6,
    "url": "https://example.com/other",
    "kind": "page",
    "media_type": "text/html",
    "owners": ("owner2@example.com",),
    "canonical": True,
    "created_at": None,
    "modified_at": START + timedelta(days=3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_alone_is_written(index: Index, name: str) -> None:
    reach = Reach(frozenset([1, 6]))
    before = chunk(1, 0)
    index.put([(1, [before]), (2, [chunk(2, 0)])])
    assert not index.put([(1, [replace(before, **{name: CHANGES[name]})])])
    [hit] = index.by_vector(before.vector, reach, Where(documents=(1,)), 5)
    shown = replace(hit.chunk, analysed=before.analysed, vector=before.vector)
    assert shown == replace(before, **{name: CHANGES[name]})


def test_a_vector_or_words_that_change_alone_are_written(index: Index) -> None:
    reach = Reach(frozenset([1]))
    index.put([(1, [chunk(1, 0)])])
    assert not index.put([(1, [chunk(1, 0, vector=vector(77))])])
    [hit] = index.by_vector(vector(77), reach, Where(), 5)
    assert hit.score == pytest.approx(1, abs=1e-4)
    assert not index.put([(1, [chunk(1, 0, vector=vector(77), analysed="kettl")])])
    assert ids(index.by_keyword(["kettl"], reach, Where(), 5)) == [chunk(1, 0).id]
    assert not index.by_keyword(["passag"], reach, Where(), 5)
