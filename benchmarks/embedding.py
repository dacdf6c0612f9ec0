"""The bundled model against OpenVINO's own loop, and the chunker's throughput.

    python -m benchmarks.embedding [--quick]

The texts are the standard library's reference pages, in chunks of the chunker's default size.
"OpenVINO's own loop" is what one would write by hand with the same model, tokenizer and compile
settings: all texts tokenised, sorted by length, padded in batches of 32, mean pooled. The two
take turns, so that other work on the machine falls on both; the ratio is the median over rounds,
above 1 where the bundled model is faster, by the clock and (`_cpu`) by the cores' time. `as_is`
is the same loop with activations rounded to int8, which is what OpenVINO does by itself where it
computes in f32, and the bundled model when asked for ``int8``.

The last line is one line of JSON.
"""

from __future__ import annotations

import argparse
import html
import json
import statistics
import time
from collections.abc import Callable
from pydoc_data.topics import topics

import numpy as np

from chunking import Chunker
from corpus import Content
from embedding.bundled import BundledModel, model_bytes
from embedding.openvino_runtime import load_openvino, safe_precision
from embedding.wordpiece import minilm_tokenizer


def own_loop(**changes: object) -> Callable[[list[str]], np.ndarray]:
    """A plain loop over OpenVINO, compiled as the bundled model is, `changes` aside."""
    tokenizer = minilm_tokenizer(256)
    settings = {"PERFORMANCE_HINT": "LATENCY", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0, **changes}
    if safe_precision("auto") != "auto":
        settings["INFERENCE_PRECISION_HINT"] = safe_precision("auto")
    core = load_openvino().Core()
    compiled = core.compile_model(core.read_model(model_bytes()), "CPU", settings)
    request = compiled.create_infer_request()

    def embed(texts: list[str]) -> np.ndarray:
        encodings = tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: -len(encodings[i].ids))
        vectors = np.empty((len(texts), 384), np.float32)
        for start in range(0, len(order), 32):
            places = order[start : start + 32]
            width = len(encodings[places[0]].ids)
            ids = np.zeros((len(places), width), np.int64)
            mask = np.zeros((len(places), width), np.int64)
            for row, place in enumerate(places):
                ids[row, : len(encodings[place].ids)] = encodings[place].ids
                mask[row, : len(encodings[place].ids)] = 1
            hidden = request.infer([ids, mask, np.zeros_like(ids)])[0]
            pooled = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            vectors[places] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors

    return embed


def seconds_of_cpu(work: Callable[[], object]) -> tuple[float, float]:
    """How long it takes, and how much time of all cores."""
    start = time.process_time()
    wall = seconds(work)
    return wall, time.process_time() - start


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def embedding(texts: list[str], rounds: int) -> dict[str, float]:
    """Speed beside OpenVINO's loop, and how far vectors depend on the batch."""
    tokenizer = minilm_tokenizer(256)
    tokens = sum(len(e.ids) for e in tokenizer.encode_batch(texts))
    ours, loop, as_is = BundledModel(), own_loop(), own_loop(DYNAMIC_QUANTIZATION_GROUP_SIZE=32)
    vectors = ours.passages(texts)
    agreement = float((vectors * loop(texts)).sum(1).min())
    as_is(texts[:32])
    times = []
    for number in range(rounds):
        turns = [lambda: ours.passages(texts), lambda: loop(texts), lambda: as_is(texts)]
        order = [0, 1, 2] if number % 2 else [2, 1, 0]
        taken = dict(zip(order, [seconds_of_cpu(turns[i]) for i in order], strict=True))
        times.append([taken[0], taken[1], taken[2]])
    sample = range(0, len(texts), max(1, len(texts) // 24))
    alone = [float(ours.query(texts[i]) @ vectors[i]) for i in sample]
    best = min(ours[0] for ours, *_ in times)

    def ratio(other: int, clock: int) -> float:
        return statistics.median(turn[other][clock] / turn[0][clock] for turn in times)

    return {
        "ratio_to_openvino_loop": ratio(1, 0),
        "ratio_to_openvino_loop_cpu": ratio(1, 1),
        "ratio_to_openvino_as_is": ratio(2, 0),
        "ratio_to_openvino_as_is_cpu": ratio(2, 1),
        "texts_per_second": len(texts) / best,
        "tokens_per_second": tokens / best,
        "least_cosine_to_loop": agreement,
        "least_cosine_alone_and_in_batch": min(alone),
    }


def chunking(pages: list[str], rounds: int) -> dict[str, float]:
    """Chunks a second, parsing included."""
    chunker = Chunker()
    markdown = [f"# Page {i}\n\n{page}" for i, page in enumerate(pages)]
    marked = [
        "".join(f"<p>{html.escape(part)}</p>" for part in page.split("\n\n")) for page in pages
    ]
    bodies = {
        "text": ("text/plain", pages),
        "markdown": ("text/markdown", markdown),
        "code": ("text/x-python", pages),
        "html": ("text/html", marked),
    }
    figures = {}
    for name, (media_type, texts) in bodies.items():
        contents = [Content(text.encode(), media_type) for text in texts]
        chunker.chunk(contents[0], "warm")
        count = sum(len(chunker.chunk(content, "page").chunks) for content in contents)
        best = min(
            seconds(lambda: [chunker.chunk(c, "page") for c in contents])  # noqa: B023
            for _ in range(rounds)
        )
        size = sum(len(content.data or b"") for content in contents)
        figures[f"{name}_chunks_per_second"] = count / best
        figures[f"{name}_megabytes_per_second"] = size / best / 1e6
    return figures


def main() -> None:
    """Run, print a table, then the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer texts and rounds")
    quick = parser.parse_args().quick
    pages = list(topics.values())
    chunker = Chunker()
    chunks = [c for p in pages for c in chunker.chunk(Content(p.encode(), "text/plain"), "").chunks]
    texts = [chunk.text for chunk in chunks][:: len(chunks) // (48 if quick else 640)]
    figures = {
        **embedding(texts, 3 if quick else 5),
        **chunking(pages[: 20 if quick else None], 2 if quick else 3),
        "texts": len(texts),
        "precision": safe_precision("auto"),
    }
    for name, figure in figures.items():
        print(f"{name:34} {figure:,.4g}" if isinstance(figure, float) else f"{name:34} {figure}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
