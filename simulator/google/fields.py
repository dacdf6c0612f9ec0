"""Google's partial responses: the ``fields`` parameter as a tree, and what it leaves of JSON.

Grammar: https://developers.google.com/workspace/drive/api/guides/fields-parameter: names joined
by commas, ``a/b`` and ``a(b,c)`` for what is inside, ``*`` for everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

Mask = dict[str, Any]
"""Name → the mask of what is inside; an empty mask is everything."""
EVERYTHING: Mask = {}
_TOKEN = re.compile(r"\s*([\w*.]+|[(),/])\s*")


class InvalidMask(ValueError):
    """The fields parameter does not parse, or names a field that there is not."""


@lru_cache(maxsize=512)
def parse_mask(text: str) -> Mask:
    """The mask that `text` says. Do not change what comes back: it is kept.

    Raises:
        InvalidMask: it does not parse.
    """
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidMask(text[at:])
        tokens.append(match[1])
        at = match.end()
    mask, end = _group(tokens, 0)
    if end != len(tokens):
        raise InvalidMask(tokens[end])
    return mask


def _group(tokens: list[str], at: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        if at >= len(tokens) or tokens[at] in "(),/":
            raise InvalidMask("".join(tokens[at : at + 1]))
        path = [tokens[at]]
        at += 1
        while at < len(tokens) and tokens[at] == "/":
            if at + 1 >= len(tokens) or tokens[at + 1] in "(),/":
                raise InvalidMask("/")
            path.append(tokens[at + 1])
            at += 2
        inner: Mask = {}
        if at < len(tokens) and tokens[at] == "(":
            inner, at = _group(tokens, at + 1)
            if at >= len(tokens) or tokens[at] != ")":
                raise InvalidMask("(")
            at += 1
        for name in reversed(path):
            inner = {name: inner}
        _merge(mask, inner)
        if at >= len(tokens) or tokens[at] != ",":
            return mask, at
        at += 1


def _merge(mask: Mask, more: Mask) -> None:
    for name, inner in more.items():
        if name in mask and mask[name] and inner:
            _merge(mask[name], inner)
        else:
            mask[name] = {} if name in mask else inner


def inside(mask: Mask, name: str) -> Mask | None:
    """The mask for what is under `name`; None where the mask leaves it out."""
    found: Mask | None = mask.get(name, mask.get("*")) if mask else EVERYTHING
    return found


def check(mask: Mask, names: Iterable[str]) -> None:
    """Refuse names that the resource does not have.

    Raises:
        InvalidMask: with the first such name.
    """
    known = set(names)
    for name in mask:
        if name != "*" and name not in known:
            raise InvalidMask(name)


def keep(content: Any, mask: Mask) -> Any:
    """What the mask leaves of `content`."""
    if not mask:
        return content
    if isinstance(content, list):
        return [keep(each, mask) for each in content]
    if not isinstance(content, dict):
        return content
    kept = {}
    for name, value in content.items():
        inner = inside(mask, name)
        if inner is not None:
            kept[name] = keep(value, inner)
    return kept
