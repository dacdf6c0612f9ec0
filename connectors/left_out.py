"""Why a body is left out: words that are the same in every source, so that they can be counted."""

from __future__ import annotations

TOO_LARGE = "larger than the limit"


def no_text(media_type: str) -> str:
    """That there is no text to be had from files of a type."""
    return f"no text in this type: {media_type}"
