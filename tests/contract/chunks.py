"""Varied chunks, made up, for the suite over every index backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import numpy as np

from index.analyser import analyse
from index.interface import Index, IndexedChunk, Reach, Where

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

OpenIndex = Callable[[], Index]


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
