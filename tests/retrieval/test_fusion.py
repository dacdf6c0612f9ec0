"""One order from two legs: the formula, and what may hide what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.interface import Hit, IndexedChunk
from retrieval.fusion import Ranked, Ranking, distinct, fuse
from tests.fixtures.chunk import indexed

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = Ranking(recency=0.0, canonical=0.0)


def chunk(number: int, **facts: object) -> IndexedChunk:
    plain = {"id": UUID(int=number), "document": number, "content_hash": str(number)}
    return indexed(**{**plain, "modified_at": NOW, **facts})


def leg(*numbers: int) -> list[Hit]:
    return [Hit(chunk(n), 1.0 / (place + 1)) for place, n in enumerate(numbers)]


def ids(ranked: list[Ranked]) -> list[int]:
    return [each.chunk.id.int for each in ranked]


def test_first_in_both_legs_is_one():
    (only,) = fuse(leg(7), leg(7), PLAIN, NOW)
    assert only.score == pytest.approx(1.0)
    assert only.legs == ("meaning", "words")


def test_the_formula():
    ranked = fuse(leg(1, 2), leg(2, 3), PLAIN, NOW)
    scores = {each.chunk.id.int: each.score for each in ranked}
    assert scores[1] == pytest.approx(0.5)
    assert scores[2] == pytest.approx(0.5 * 61 / 62 + 0.5)
    assert scores[3] == pytest.approx(0.5 * 61 / 62)
    assert ids(ranked) == [2, 1, 3]
    assert {each.chunk.id.int: each.legs for each in ranked} == {
        1: ("meaning",),
        2: ("meaning", "words"),
        3: ("words",),
    }


legs = st.lists(st.integers(0, 9), unique=True)


@given(legs, legs, st.floats(0, 1))
def test_nothing_is_lost_made_up_or_out_of_order(meaning, words, weight):
    ranked = fuse(leg(*meaning), leg(*words), replace(PLAIN, meaning=weight), NOW)
    assert sorted(ids(ranked)) == sorted({*meaning, *words})
    scores = [(-each.score, each.chunk.id) for each in ranked]
    assert scores == sorted(scores)
    assert all(0 <= each.score <= 1 + 1e-9 for each in ranked)


@given(legs, legs)
def test_a_leg_with_all_the_weight_decides(meaning, words):
    ranked = fuse(leg(*meaning), leg(*words), replace(PLAIN, meaning=1.0), NOW)
    assert ids(ranked)[: len(meaning)] == meaning


def test_of_two_alike_the_younger_and_the_canonical_come_first():
    old = Hit(chunk(1, modified_at=NOW - timedelta(days=900)), 1.0)
    young = Hit(chunk(2, modified_at=NOW), 1.0)
    undated = Hit(chunk(3, modified_at=None), 1.0)
    future = Hit(chunk(4, modified_at=NOW + timedelta(days=5)), 1.0)
    canonical = Hit(chunk(5, canonical=True), 1.0)
    score = {
        n: fuse([hit], [], Ranking(), NOW)[0].score
        for n, hit in enumerate((old, young, undated, future, canonical), start=1)
    }
    assert score[5] > score[2] == score[4] > score[3] > score[1]
    assert score[2] == pytest.approx(0.5)
    assert score[3] == pytest.approx(0.5 * 0.95), "undated counts as one half-life old"
    assert score[5] == pytest.approx(0.55)


def test_age_takes_no_more_than_its_share():
    ancient = Hit(chunk(1, modified_at=NOW - timedelta(days=100_000)), 1.0)
    (only,) = fuse([ancient], [], Ranking(recency=0.3), NOW)
    assert only.score == pytest.approx(0.5 * 0.7)


def ranked(*chunks: IndexedChunk) -> list[Ranked]:
    return [Ranked(each, 1.0, ("words",)) for each in chunks]


def test_of_equal_passages_the_best_ranked_stays():
    found = ranked(
        chunk(1, content_hash="same"), chunk(2, content_hash="same"), chunk(3, content_hash="other")
    )
    assert ids(distinct(found, per_document=2)) == [1, 3]


def test_a_document_gets_no_more_than_its_share():
    found = ranked(*(chunk(n, document=n % 2) for n in range(8)))
    assert ids(distinct(found, per_document=2)) == [0, 1, 2, 3]


def test_a_repeated_passage_does_not_use_up_the_share():
    found = ranked(
        chunk(1, document=9, content_hash="a"),
        chunk(2, document=9, content_hash="a"),
        chunk(3, document=9, content_hash="b"),
    )
    assert ids(distinct(found, per_document=2)) == [1, 3]
