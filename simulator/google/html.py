"""Markdown as HTML: headings, paragraphs, lists, tables, bold, italics, code. Fast."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby

_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![*\w])\*([^*]+)\*"), r"<em>\1</em>"),
)
_LISTED = re.compile(r"(?:-|\*|\d+\.) +(.*)")
_HEADING = re.compile(r"(#{1,6}) +(.*)")


def html_of(text: str) -> str:
    """The body's HTML."""
    return "\n".join(
        _block(kind, [*lines]) for kind, lines in groupby(text.splitlines(), key=_kind) if kind
    )


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.startswith("|"):
        return "table"
    if line.startswith("#"):
        return "heading"
    if _LISTED.match(line):
        return "ul" if line[0] in "-*" else "ol"
    return "p"


def _inline(text: str) -> str:
    text = escape(text, quote=False)
    for pattern, into in _INLINE:
        text = pattern.sub(into, text)
    return text


def _block(kind: str, lines: list[str]) -> str:
    if kind == "heading":
        return "".join(_heading(line) for line in lines)
    if kind in ("ul", "ol"):
        found = (_LISTED.match(line) for line in lines)
        items = "".join(f"<li>{_inline(match[1])}</li>" for match in found if match)
        return f"<{kind}>{items}</{kind}>"
    if kind == "table":
        rows = [[_inline(cell.strip()) for cell in line.strip("| ").split("|")] for line in lines
                if line.strip("|-: ")]  # fmt: skip
        said = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in said) + "</table>"
    return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _heading(line: str) -> str:
    match = _HEADING.match(line)
    if match is None:
        return f"<p>{_inline(line)}</p>"
    level = len(match[1])
    return f"<h{level}>{_inline(match[2])}</h{level}>"
