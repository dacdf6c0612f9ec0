"""How fast the index backends write and search, beside the raw library doing the same.

    python -m benchmarks.index [--quick] [--only embedded|weaviate] [--chunks N]

Weaviate is measured where a server can be had (see tests/weaviate_server.py); its ratios are to
the raw client in the same run, on the same server. The last line is JSON with every figure.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks.timing import machine
from index.embedded import EmbeddedIndex
from index.interface import Index, IndexedChunk, Reach, Where
from index.settings import IndexSettings

DIMENSIONS = 384
SCOPES = 60_000
EACH = 90  # scopes in a container
WORDS_EACH = 120
VOCABULARY = 30_000
COMMON = 40  # the most frequent words, which questions leave out as stop words
LIMIT = 50
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """Chunks and questions with word frequencies like a language's (Zipf)."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        share = 1 / np.arange(1, VOCABULARY + 1)
        self._share = share / share.sum()
        rare = share.copy()
        rare[:COMMON] = 0
        self._asked = rare / rare.sum()
        # As the analyser does, about half of the words also have a marked exact form.
        self._forms = [f"w{n} =w{n}" if n % 2 else f"w{n}" for n in range(VOCABULARY)]

    def chunks(self, first: int, count: int) -> list[IndexedChunk]:
        """`count` chunks, five to a document, numbered from `first`."""
        vectors = self.vectors(count)
        words = self.rng.choice(VOCABULARY, (count, WORDS_EACH), p=self._share)
        keys = self.rng.bytes(16 * count)
        out = []
        for i in range(count):
            number = first + i
            document = number // 5
            scope = document * 7919 % SCOPES
            out.append(
                IndexedChunk(
                    id=UUID(bytes=keys[16 * i : 16 * i + 16]),
                    document=document,
                    container=scope // EACH,
                    scope=scope,
                    source="github",
                    ordinal=number % 5,
                    text=" ".join(f"w{w}" for w in words[i]),
                    analysed=" ".join(self._forms[w] for w in words[i]),
                    title=f"Document {document}",
                    headings=("Heading",),
                    url=f"https://example.com/{document}",
                    kind="file",
                    media_type="text/markdown",
                    owners=("owner1@example.com",),
                    canonical=False,
                    created_at=NOW,
                    modified_at=NOW,
                    indexed_at=NOW,
                    content_hash=f"{number:064x}",
                    vector=vectors[i],
                )
            )
        return out

    def vectors(self, count: int) -> np.ndarray:
        """Random unit vectors. Shape (count, dimensions)."""
        raw = self.rng.standard_normal((count, DIMENSIONS)).astype(np.float32)
        return raw / np.linalg.norm(raw, axis=1, keepdims=True)

    def terms(self) -> list[str]:
        """A question of six words, analysed."""
        words = self.rng.choice(VOCABULARY, 6, p=self._asked)
        return " ".join(self._forms[w] for w in words).split()

    def scattered(self, scopes: int) -> Reach:
        """This many scopes, of no container in whole."""
        return Reach(frozenset(self.rng.choice(SCOPES, scopes, replace=False).tolist()))

    def typical(self) -> Reach:
        """5,000 scopes: 50 containers readable in whole, and 50 scopes of each of 10 more."""
        chosen = self.rng.choice(SCOPES // EACH, 60, replace=False).tolist()
        parts = [scope for c in chosen[50:] for scope in range(c * EACH, c * EACH + 50)]
        return Reach(frozenset(parts), frozenset(chosen[:50]))


def documents(chunks: Sequence[IndexedChunk]) -> list[tuple[int, list[IndexedChunk]]]:
    """Chunks by document, as `put` wants them."""
    found: dict[int, list[IndexedChunk]] = {}
    for chunk in chunks:
        found.setdefault(chunk.document, []).append(chunk)
    return list(found.items())


def percentiles(ask: Callable[[], object], times: int) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - start) * 1000)
    p50, p95 = np.percentile(taken, [50, 95])
    return float(p50), float(p95)


def by_turns(one: Callable[[], object], other: Callable[[], object], times: int) -> Any:
    """Percentiles of two, taken by turns so that other work on the machine falls on both.

    Gives an array of shape (2, 2): who, then the median and the 95th percentile in milliseconds.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for who, ask in enumerate((one, other)):
            start = time.perf_counter()
            ask()
            taken[who].append((time.perf_counter() - start) * 1000)
    return np.percentile(taken, [50, 95], axis=1).T


def fused(legs: Sequence[Sequence[Any]]) -> list[UUID]:
    """Reciprocal rank fusion with k = 60, as the query module does it."""
    scores: dict[UUID, float] = {}
    for leg in legs:
        for rank, hit in enumerate(leg):
            scores[hit.chunk.id] = scores.get(hit.chunk.id, 0.0) + 1 / (60 + rank + 1)
    return sorted(scores, key=lambda key: -scores[key])[:LIMIT]


def both_legs(pool: ThreadPoolExecutor, index: Index, world: World, reach: Reach) -> list[UUID]:
    """One search: both legs at the same time, fused."""
    vector, terms = world.vectors(1)[0], world.terms()
    near = pool.submit(index.by_vector, vector, reach, Where(), LIMIT)
    worded = pool.submit(index.by_keyword, terms, reach, Where(), LIMIT)
    return fused([near.result(), worded.result()])


def embedded(count: int, times: int) -> Iterator[tuple[str, float]]:
    """The embedded index; its ratio is to one NumPy product over the same matrix in memory."""
    world = World()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        index = EmbeddedIndex(Path(folder), "1", DIMENSIONS)
        taken = 0.0
        batch = min(5_000, count)
        last: list[tuple[int, list[IndexedChunk]]] = []
        for first in range(0, count, batch):
            last = documents(world.chunks(first, batch))
            start = time.perf_counter()
            index.put(last)
            taken += time.perf_counter() - start
        yield "embedded_chunks", count
        yield "embedded_ingest_per_second", count / taken
        start = time.perf_counter()
        index.put(last)
        yield "embedded_unchanged_per_second", batch / (time.perf_counter() - start)
        both_legs(pool, index, world, world.typical())
        raw = world.vectors(count)
        plain = percentiles(lambda: np.argpartition(raw @ world.vectors(1)[0], -LIMIT), times)
        yield "numpy_product_p50_ms", plain[0]
        reaches: list[tuple[str, Callable[[], Reach]]] = [
            ("typical", world.typical),
            ("5000", lambda: world.scattered(5_000)),
            ("50000", lambda: world.scattered(50_000)),
        ]
        for name, reach in reaches:
            ready = [reach() for _ in range(times)]
            turn = iter(ready)
            p50, p95 = percentiles(lambda t=turn: both_legs(pool, index, world, next(t)), times)
            yield f"embedded_search_{name}_p50_ms", p50
            yield f"embedded_search_{name}_p95_ms", p95
        index.close()


def weaviate(server: Any, count: int, times: int) -> Iterator[tuple[str, float]]:
    """Weaviate through us, as a ratio to the raw client on the same server."""
    from weaviate.classes.query import HybridFusion

    from index.weaviate import WeaviateIndex
    from index.weaviate.connection import connect

    settings = IndexSettings(
        _env_file=None,
        backend="weaviate",
        weaviate_url=server.url,
        weaviate_grpc_port=server.grpc_port,
        weaviate_api_key=server.key or None,
        weaviate_collection="Benchmark",
    )
    client = connect(settings)
    world = World()
    # Ours and the raw client's take turns, batch by batch, so that both meet the same server.
    raw_index = WeaviateIndex(settings, "raw", DIMENSIONS, client)
    index = WeaviateIndex(settings, "ours", DIMENSIONS, client)
    raw = client.collections.get(raw_index.collection)
    yield "weaviate_chunks", count
    compared = min(count, 20_000)
    yield "weaviate_ingest_compared_chunks", compared
    batch = min(5_000, compared // 4)
    taken = {"raw": 0.0, "ours": 0.0}
    for first in range(0, count, batch):
        chunks = world.chunks(first, batch)
        if first < compared:
            order = ["raw", "ours"] if first // batch % 2 else ["ours", "raw"]
        else:
            order = ["ours"]
        for who in order:
            start = time.perf_counter()
            if who == "raw":
                raw_ingest(raw, chunks)
            else:
                failures = index.put(documents(chunks))
                if failures:
                    raise SystemExit(f"not written: {failures[0]}")
            if first < compared:
                taken[who] += time.perf_counter() - start
    yield "weaviate_ingest_per_second", compared / taken["ours"]
    yield "raw_ingest_per_second", compared / taken["raw"]
    yield "weaviate_ingest_ratio", taken["raw"] / taken["ours"]
    client.collections.delete(raw_index.collection)

    collection = client.collections.get(index.collection)

    def unfiltered() -> object:
        return collection.query.hybrid(
            query=" ".join(world.terms()),
            vector=world.vectors(1)[0].tolist(),
            query_properties=["analysed"],
            alpha=0.5,
            fusion_type=HybridFusion.RANKED,
            limit=LIMIT,
            return_properties=["text", "title", "url", "document", "scope"],
        ).objects

    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            unfiltered()
            both_legs(pool, index, world, world.typical())
        reaches: list[tuple[str, Callable[[], Reach]]] = [
            ("typical", world.typical),
            ("5000", lambda: world.scattered(5_000)),
            ("50000", lambda: world.scattered(50_000)),
        ]
        for name, reach in reaches:
            ready = iter([reach() for _ in range(times)])
            raw_took, ours_took = by_turns(
                unfiltered, lambda t=ready: both_legs(pool, index, world, next(t)), times
            )
            for point, theirs, mine in zip(("p50", "p95"), raw_took, ours_took, strict=True):
                yield f"raw_hybrid_beside_{name}_{point}_ms", theirs
                yield f"weaviate_search_{name}_{point}_ms", mine
                yield f"weaviate_search_{name}_{point}_ratio", mine / theirs
    client.collections.delete(index.collection)
    client.close()


def raw_ingest(collection: Any, chunks: Sequence[IndexedChunk]) -> None:
    """The client's own best: server-side batching, the same properties, nothing checked."""
    from index.weaviate import objects

    with collection.batch.stream() as batch:
        for chunk in chunks:
            batch.add_object(
                properties=objects.properties(chunk),
                uuid=chunk.id,
                vector=chunk.vector.tolist(),
            )


def _server_module() -> ModuleType:
    path = Path(__file__).parents[1] / "tests" / "weaviate_server.py"
    spec = importlib.util.spec_from_file_location("weaviate_server", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, under 45 seconds")
    parser.add_argument("--only", choices=["embedded", "weaviate"])
    parser.add_argument("--chunks", type=int, help="instead of 100,000 and 200,000")
    told = parser.parse_args()
    figures: dict[str, float] = {}
    times = 20 if told.quick else 100

    def note(found: Iterator[tuple[str, float]]) -> None:
        for name, value in found:
            figures[name] = round(value, 3)
            print(f"{name:40} {value:12.2f}", flush=True)

    if told.only != "weaviate":
        note(embedded(told.chunks or (20_000 if told.quick else 100_000), times))
    if told.only != "embedded":
        servers = _server_module()
        if importlib.util.find_spec("weaviate") is None:
            print("Weaviate left out: its client is not installed")
        elif servers.binary() is None:
            print(f"Weaviate left out: {servers.NONE_HERE}")
        else:
            with (
                tempfile.TemporaryDirectory() as folder,
                servers.running(Path(folder), {"GOMEMLIMIT": "6GiB"}) as server,
            ):
                note(weaviate(server, told.chunks or (5_000 if told.quick else 200_000), times))
    print(json.dumps({**figures, **machine()}))


if __name__ == "__main__":
    main()
