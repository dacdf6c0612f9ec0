"""Putting the two legs together: one formula, whichever index served them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from index.interface import Hit, IndexedChunk

_SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """How results are ordered."""

    meaning: float = 0.5
    """Weight of the vector leg, from 0 to 1; the keyword leg has the rest."""
    rrf_k: int = 60
    """The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""
    half_life_days: float = 365.0
    """Age at which half of the recency share is lost."""
    recency: float = 0.1
    """The share of a score that age can take away, from 0 to 1."""
    canonical: float = 0.1
    """The share that a document of a canonical container gains."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk with its place in the fused order."""

    chunk: IndexedChunk
    score: float
    """From 0 to about 1; comparable within one query only."""
    legs: tuple[str, ...]
    """Which legs found it: ``meaning``, ``words``."""


def fuse(
    meaning: Sequence[Hit], words: Sequence[Hit], ranking: Ranking, now: datetime
) -> list[Ranked]:
    """One order from two, best first; ties by chunk id.

    Weighted reciprocal rank fusion: each leg gives ``weight * (k + 1) / (k + rank)``, rank
    counting from 1, so that being first in both legs is 1. Raw scores never leave this
    function: they would tell about documents that the asker may not read.
    """
    chunks: dict[UUID, IndexedChunk] = {}
    scores: dict[UUID, float] = {}
    legs: dict[UUID, tuple[str, ...]] = {}
    weighted = (("meaning", meaning, ranking.meaning), ("words", words, 1.0 - ranking.meaning))
    for name, hits, weight in weighted:
        for rank, hit in enumerate(hits, start=1):
            key = hit.chunk.id
            chunks[key] = hit.chunk
            gain = weight * (ranking.rrf_k + 1) / (ranking.rrf_k + rank)
            scores[key] = scores.get(key, 0.0) + gain
            legs[key] = (*legs.get(key, ()), name)
    ranked = [
        Ranked(chunk, scores[key] * _preference(chunk, ranking, now), legs[key])
        for key, chunk in chunks.items()
    ]
    return sorted(ranked, key=lambda each: (-each.score, each.chunk.id))


def distinct(ranked: Sequence[Ranked], per_document: int) -> list[Ranked]:
    """`ranked` without repeated passages, and with so many of each document at the most.

    Of equal passages the best ranked stays: the same text copied elsewhere answers nothing new.
    """
    seen: set[str] = set()
    taken: dict[int, int] = {}
    kept = []
    for each in ranked:
        count = taken.get(each.chunk.document, 0)
        if each.chunk.content_hash in seen or count >= per_document:
            continue
        seen.add(each.chunk.content_hash)
        taken[each.chunk.document] = count + 1
        kept.append(each)
    return kept


def _preference(chunk: IndexedChunk, ranking: Ranking, now: datetime) -> float:
    """What recency and standing make of a score: ``2 ** (-age / half-life)`` within its share.

    A document without a modified time counts as one half-life old.
    """
    age = ranking.half_life_days
    if chunk.modified_at is not None:
        age = max((now - chunk.modified_at).total_seconds() / _SECONDS_PER_DAY, 0.0)
    freshness: float = 2.0 ** (-age / ranking.half_life_days)
    preference = 1.0 - ranking.recency * (1.0 - freshness)
    return preference * (1.0 + ranking.canonical) if chunk.canonical else preference
