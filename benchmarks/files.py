"""Files to ingest, made from the standard library's reference pages."""

from __future__ import annotations

import html
import random
from pathlib import Path
from pydoc_data.topics import topics

PARAGRAPHS = 10


def write(folder: Path, count: int, seed: int = 7) -> int:
    """Write `count` files, by turns Markdown, HTML and text; gives their size in bytes."""
    rng = random.Random(seed)
    paragraphs = [
        part.strip()
        for page in topics.values()
        for part in page.split("\n\n")
        if 200 < len(part) < 1200
    ]
    folder.mkdir(parents=True)
    size = 0
    for number in range(count):
        # No two files share a passage word for word, so that nobody gains by a cache.
        body = [f"{part} ({number})" for part in rng.sample(paragraphs, PARAGRAPHS)]
        suffix, text = _DRESS[number % len(_DRESS)](f"Page {number}", body)
        size += (folder / f"page-{number:05}.{suffix}").write_text(text)
    return size


def _markdown(title: str, body: list[str]) -> tuple[str, str]:
    half = len(body) // 2
    parts = [f"# {title}", *body[:half], "## More", *body[half:]]
    return "md", "\n\n".join(parts) + "\n"


def _html(title: str, body: list[str]) -> tuple[str, str]:
    parts = "\n".join(f"<p>{html.escape(part)}</p>" for part in body)
    return "html", f"<html><body><h1>{title}</h1>\n{parts}\n</body></html>\n"


def _text(title: str, body: list[str]) -> tuple[str, str]:
    return "txt", "\n\n".join([title, *body]) + "\n"


_DRESS = (_markdown, _html, _text)
