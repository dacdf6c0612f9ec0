"""Answers as text for a terminal, or as JSON for a program."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from workspace.terminal import hostile, line, plain

_WIDTH = 96


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under heads in aligned columns; numbers stand to the right."""
    cells = [[_cell(each) for each in row] for row in rows]
    right = [
        bool(cells) and all(row[i].lstrip("-").isdigit() for row in cells)
        for i in range(len(heads))
    ]
    lines = [list(heads), *cells]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def echo(text: str, *, err: bool = False) -> None:
    """Print text for people, without what a terminal would obey."""
    click.echo(plain(text), err=err)


def paragraph(text: str, indent: str, most: int = 240) -> str:
    """Text folded into lines, cut at `most` characters."""
    flat = line(text)
    shown = flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"
    return textwrap.fill(shown, width=_WIDTH, initial_indent=indent, subsequent_indent=indent)


def echo_json(value: object) -> None:
    """Print a value, dataclasses included, as JSON."""
    told = json.dumps(value, default=_plain, ensure_ascii=False, indent=2)
    # Within strings alone: json itself escapes no more than the oldest control characters.
    click.echo("".join(_escaped(each) for each in told))


def _escaped(character: str) -> str:
    if character == "\n" or not hostile(character):
        return character
    return json.dumps(character)[1:-1]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return line(str(value))


def _plain(value: Any) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return str(value)
