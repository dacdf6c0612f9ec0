"""A block: what the parsers make of a body and the splitter cuts into chunks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_NEWLINE = re.compile("\r\n?|\u2028|\u2029|\x85|\x0c")
_LONG_BLANK = re.compile(r"[^\S\n]{65,}")


class BlockKind(Enum):
    """How a block is cut and joined."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table or piece of code."""

    kind: BlockKind
    text: str
    """Its text, lines kept; a table has one row a line."""
    level: int = 0
    """Of a heading: 1 is the outermost."""
    page: int | None = None
    """The page or slide that it stands on, from 1; None where there are no pages."""


def clean(text: str) -> str:
    r"""`text` with lines ended by ``\n``, fit for any database and any UTF-8 writer.

    Control characters go (PostgreSQL takes no NUL), lone surrogates become ``?``, and blanks
    beyond 64 in a row are cut, since they carry nothing and make tokenizers slow.
    """
    text = text.encode(errors="replace").decode()
    text = _CONTROL.sub("", _NEWLINE.sub("\n", text))
    return _LONG_BLANK.sub(lambda match: match.group()[:64], text)
