"""HTML, Word, PowerPoint and Excel to blocks, through unstructured's partitioners.

unstructured takes two seconds to import, so it is imported when first needed. Left to itself
it downloads a spaCy model, reports each run to its maker, and prints an advertisement; here it
does none of these. Its guess that a short line is a title is switched off: headings are what
the document itself marks as such. So is its guess whether a text is prose, which is most of the
time that it takes over a page, and which nothing here asks for.
"""

from __future__ import annotations

import io
import os
import re
import threading
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from html import unescape
from importlib import import_module
from typing import Any, cast

from chunking.blocks import Block, BlockKind, clean
from chunking.errors import TooLarge
from chunking.plain import table_row
from chunking.sniff import Kind

MAX_UNPACKED = 300_000_000
MAX_MEMBERS = 20_000
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DROPPED = re.compile(r"<(/?)(?:details|figure|form)\b", re.I)
_SUMMARY = re.compile(r"<(/?)summary\b", re.I)
_TABLE_MARKUP = re.compile(
    r"</?(?:table|thead|tbody|tfoot|tr|td|th|caption)\b[^>]*/?>|<br/?>", re.I
)
_SETTINGS = {
    "SCARF_NO_ANALYTICS": "true",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "UNSTRUCTURED_TITLE_MAX_WORD_LENGTH": "0",
    "XLSX_MAX_CELLS": "2000000",
    "DOCX_TABLE_MAX_CELLS": "1000000",
}
_MODULES = {
    Kind.HTML: ("html", "html.parser"),
    Kind.DOCX: ("docx", "docx"),
    Kind.PPTX: ("pptx", "pptx"),
    Kind.XLSX: ("xlsx", "xlsx"),
}
"""By kind, the module that has its partitioner and the one that guesses what its texts are."""
_PROSE = "is_possible_narrative_text"
_IGNORED = {"PageBreak", "PageNumber", "Header", "Footer", "Image"}
_LOCK = threading.Lock()


def html_blocks(text: str) -> list[Block]:
    """Blocks of a page. Navigation, scripts, styles and pictures are left out."""
    text = _SUMMARY.sub(r"<\1p", _DROPPED.sub(r"<\1div", _XML_DECLARATION.sub("", text, count=1)))
    return _to_blocks(_partitioner(Kind.HTML)(text=text, languages=[""]), Kind.HTML)


def office_blocks(data: bytes, kind: Kind) -> list[Block]:
    """Blocks of a Word, PowerPoint or Excel file; speakers' notes are read too.

    Raises:
        TooLarge: It would unpack to more than `MAX_UNPACKED` bytes or `MAX_MEMBERS` parts.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    # zipfile reads no further than the size that the directory states, so that size is a bound.
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
        raise TooLarge("the Office file unpacks to too much", "split it")
    options: dict[str, Any] = {"file": io.BytesIO(data), "languages": [""]}
    if kind is Kind.PPTX:
        options["include_slide_notes"] = True
    return _to_blocks(_partitioner(kind)(**options), kind)


@cache
def _partitioner(kind: Kind) -> Callable[..., Iterable[Any]]:
    with _LOCK:
        os.environ.update(_SETTINGS)
        _without_download()
        name, guessing = _MODULES[kind]
        module = import_module(f"unstructured.partition.{name}")
        vars(import_module(f"unstructured.partition.{guessing}"))[_PROSE] = _not_asked
        return cast(Callable[..., Iterable[Any]], getattr(module, f"partition_{name}"))


def _not_asked(*_: object, **__: object) -> bool:
    return False


def _without_download() -> None:
    """Hand unstructured an empty English pipeline in place of the model that it would fetch."""
    import spacy
    import unstructured.nlp.tokenize as tokenize

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    tokenize._get_nlp = lambda: pipeline  # type: ignore[assignment]


def _to_blocks(elements: Iterable[Any], kind: Kind) -> list[Block]:
    blocks: list[Block] = []
    sheet = None
    for element in elements:
        metadata = element.metadata
        page = metadata.page_number if kind in (Kind.DOCX, Kind.PPTX) else None
        if kind is Kind.XLSX and metadata.page_name != sheet:
            sheet = metadata.page_name
            blocks.append(Block(BlockKind.HEADING, clean(str(sheet)).strip(), 1))
        block = _block(type(element).__name__, element, page)
        if block.text:
            blocks.append(block)
    return blocks


def _block(name: str, element: Any, page: int | None) -> Block:
    text = clean(str(element.text)).strip("\n").rstrip()
    if name in _IGNORED:
        return Block(BlockKind.TEXT, "")
    if name == "Title":
        return Block(BlockKind.HEADING, " ".join(text.split()), _level(element), page)
    if name == "Table":
        return Block(BlockKind.TABLE, _rows(element.metadata.text_as_html) or text, 0, page)
    if name == "CodeSnippet":
        return Block(BlockKind.CODE, text, 0, page)
    kind = BlockKind.ITEM if name == "ListItem" else BlockKind.TEXT
    return Block(kind, text.strip(), 0, page)


def _level(element: Any) -> int:
    return int(element.metadata.category_depth or 0) + 1


def _rows(markup: str | None) -> str:
    """A table's rows, one a line."""
    if not markup:
        return ""
    rows = []
    for row in re.split(r"<tr\b[^>]*>", markup)[1:]:
        cells = re.split(r"<t[dh]\b[^>]*>", row)[1:]
        rows.append(table_row([clean(unescape(_TABLE_MARKUP.sub(" ", c))) for c in cells]))
    return "\n".join(row for row in rows if row)
