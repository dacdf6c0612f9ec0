"""Text of other people's making, as a row may hold it."""

from __future__ import annotations


def storable(text: str) -> str:
    """Text as both databases take it: lone surrogates and NUL have no place in a row."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
