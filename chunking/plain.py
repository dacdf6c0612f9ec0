"""Plain text, source code and CSV to blocks."""

from __future__ import annotations

import csv
import io
import re

from chunking.blocks import Block, BlockKind

_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_DELIMITERS = ",;\t|"


def text_blocks(text: str) -> list[Block]:
    """Paragraphs, which blank lines separate; lines are kept."""
    return [Block(BlockKind.TEXT, part.strip()) for part in _parts(text)]


def code_blocks(text: str) -> list[Block]:
    """Stanzas, which blank lines separate; lines and their indentation are kept."""
    return [Block(BlockKind.CODE, part.strip("\n").rstrip()) for part in _parts(text)]


def csv_blocks(text: str) -> list[Block]:
    """One table. Cells stay as written: 007 does not become 7, as it does in a data frame."""
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(2**31 - 1)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines = [table_row(row) for row in rows]
    table = "\n".join(line for line in lines if line)
    return [Block(BlockKind.TABLE, table)] if table else []


def table_row(cells: list[str]) -> str:
    """A row as one line of text; empty when all its cells are."""
    flat = [" ".join(cell.split()) for cell in cells]
    return " | ".join(flat).strip() if any(flat) else ""


def _parts(text: str) -> list[str]:
    return [part for part in _BLANK_LINES.split(text) if part.strip()]
