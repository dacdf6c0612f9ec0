"""Text of other people's making, as a terminal may be given it."""

from __future__ import annotations

import unicodedata

_LEFT_OUT = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Control and format characters, bidirectional ones among them, surrogates and line separators."""
_JOINERS = {"\u200c", "\u200d"}
"""Persian and Indic words and many emoji are spelt with them, and no terminal obeys them."""


def hostile(character: str) -> bool:
    """Whether a terminal may obey `character`, or be led to show something else by it."""
    return unicodedata.category(character) in _LEFT_OUT and character not in _JOINERS


def plain(text: str) -> str:
    """`text` without what a terminal obeys; line breaks stay."""
    return "".join(each for each in text if each == "\n" or not hostile(each))


def line(text: str) -> str:
    """`text` as one plain line: what a title says can't pass for a line of ours."""
    return plain(" ".join(text.split()))
