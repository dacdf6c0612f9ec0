"""From a file's source text to the bytes that Drive gives: real documents, always the same."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from html import escape
from typing import Any

import docx
import openpyxl
import pptx

from simulator.google.html import html_of
from simulator.google.objects import APP, DOC, SHEET, SLIDES, File
from simulator.google.pdf import pdf

_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = _OFFICE + "wordprocessingml.document"
XLSX = _OFFICE + "spreadsheetml.sheet"
PPTX = _OFFICE + "presentationml.presentation"
PDF, HTML, PLAIN, MARKDOWN = "application/pdf", "text/html", "text/plain", "text/markdown"
CSV, TSV = "text/csv", "text/tab-separated-values"
EXPORTS: dict[str, dict[str, str]] = {
    DOC: {DOCX: "docx", PDF: "pdf", HTML: "html", PLAIN: "txt", MARKDOWN: "markdown"},
    SHEET: {XLSX: "xlsx", PDF: "pdf", CSV: "csv", TSV: "tsv"},
    SLIDES: {PPTX: "pptx", PDF: "pdf", PLAIN: "txt"},
}
"""What each kind can be exported to, with the short name that Drive's links use."""
_EPOCH = datetime(2026, 1, 1)  # noqa: DTZ001
_WORD_BODY = "word/document.xml"
_KEPT = 256
_made: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
"""By what they are made from, as two worlds under one seed have equal ids."""


def is_native(mime: str) -> bool:
    """Whether this is one of Google's own kinds, which have no bytes of their own."""
    return mime.startswith(APP)


def bytes_of(file: File) -> bytes:
    """The content of a file that is not native."""
    return _cached(file, file.mime)


def export(file: File, mime: str) -> bytes | None:
    """A native file as `mime`; None where Drive has no such conversion."""
    return _cached(file, mime) if mime in EXPORTS.get(file.mime, {}) else None


def _cached(file: File, mime: str) -> bytes:
    text = file.text
    key = (text, file.mime, mime)
    found = _made.get(key)
    if found is None:
        found = _made[key] = _make(text, file.mime, mime)
        if len(_made) > _KEPT:
            _made.popitem(last=False)
    return found


def _make(text: str, native: str, mime: str) -> bytes:
    if mime == PLAIN and native in (DOC, SLIDES):
        return "\ufeff".encode() + "\r\n".join(plain(text)).encode()
    maker = _MAKERS.get(mime)
    return maker(text) if maker is not None else text.encode()


def plain(text: str) -> list[str]:
    """Markdown as lines without its marks."""
    lines = []
    for line in text.splitlines():
        if line.strip("|-: ") == "" and "|" in line:
            continue
        bare = line.lstrip("#").strip() if line.startswith("#") else line
        if bare.startswith("|"):
            bare = "\t".join(cell.strip() for cell in bare.strip("| ").split("|"))
        bare = "* " + bare[2:] if bare.startswith("- ") else bare
        lines.append(bare.replace("**", "").replace("`", ""))
    return lines


def sheets(text: str) -> list[tuple[str, list[list[str]]]]:
    """CSV source as named tables; a line ``## name`` begins one."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("## "):
            found.append((line[3:].strip(), []))
        else:
            if not found:
                found.append(("Sheet1", []))
            found[-1][1].append(line)
    return [(name, [row for row in csv.reader(lines) if row]) for name, lines in found] or [
        ("Sheet1", [])
    ]


def _html(text: str) -> bytes:
    body = html_of(text)
    head = '<html><head><meta content="text/html; charset=UTF-8" http-equiv="content-type"></head>'
    return f'{head}<body class="doc-content">{body}</body></html>'.encode()


@cache
def _word_template() -> tuple[tuple[str, bytes], ...]:
    """python-docx's own blank document, part by part: parsing it anew each time takes 30 ms."""
    with zipfile.ZipFile(io.BytesIO(_zipped(docx.Document()))) as blank:
        names = [name for name in blank.namelist() if name != _WORD_BODY]
        return tuple((name, blank.read(name)) for name in names)


def _docx(text: str) -> bytes:
    body: list[str] = []
    rows: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            if line.strip("|-: "):
                cells = line.strip("| ").split("|")
                said = (f"<w:tc>{_word_paragraph(cell.strip())}</w:tc>" for cell in cells)
                rows.append(f"<w:tr>{''.join(said)}</w:tr>")
            continue
        if rows:
            grid = "<w:gridCol/>" * max(row.count("<w:tc>") for row in rows)
            table = f"<w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}"
            body.append(f"<w:tbl>{table}</w:tbl>")
            rows = []
        bare = line.replace("**", "").replace("`", "")
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            body.append(_word_paragraph(bare.lstrip("# "), f"Heading{min(level, 9)}"))
        elif line.startswith("- "):
            body.append(_word_paragraph(bare[2:], "ListBullet"))
        elif line.strip():
            body.append(_word_paragraph(bare))
    whole = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w='
        '"http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        f"{''.join(body)}<w:sectPr/></w:body></w:document>"
    )
    return _archive((*_word_template(), (_WORD_BODY, whole.encode())))


def _word_paragraph(text: str, style: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    said = f'<w:r><w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>' if text else ""
    return f"<w:p>{styled}{said}</w:p>"


def _xlsx(text: str) -> bytes:
    made = openpyxl.Workbook()
    for position, (name, rows) in enumerate(sheets(text)):
        sheet = made.active if position == 0 else made.create_sheet()
        sheet.title = name[:31]
        for row in rows:
            sheet.append([_number(cell) for cell in row])
    return _zipped(made)


def _number(cell: str) -> Any:
    try:
        return int(cell) if cell.lstrip("-").isdecimal() else float(cell)
    except ValueError:
        return cell


def _pptx(text: str) -> bytes:
    made = pptx.Presentation()
    for slide in text.split("\n---\n"):
        title, _, rest = slide.strip().partition("\n")
        layout = made.slide_layouts[1]
        page = made.slides.add_slide(layout)
        page.shapes.title.text = title.lstrip("# ")
        body, _, notes = rest.partition("\nNotes:")
        page.placeholders[1].text = "\n".join(plain(body.strip()))
        if notes:
            page.notes_slide.notes_text_frame.text = notes.strip()
    return _zipped(made)


def _zipped(made: Any) -> bytes:
    """An Office file saved with every time in it fixed."""
    properties = getattr(made, "core_properties", None) or made.properties
    properties.created = properties.modified = _EPOCH
    raw = io.BytesIO()
    made.save(raw)
    parts = []
    with zipfile.ZipFile(raw) as old:
        # The content types come first by convention; python-docx orders the rest by address.
        for name in sorted(old.namelist()):
            data = old.read(name)
            start, mark, rest = data.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
            if name == "docProps/core.xml" and rest:
                data = start + mark + b"2026-01-01T00:00:00Z" + rest[rest.index(b"<") :]
            parts.append((name, data))
    return _archive(parts)


def _archive(parts: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, data in parts:
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, data)
    return out.getvalue()


def _table(text: str, delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(sheets(text)[0][1])
    return out.getvalue().encode()


def _pdf(text: str) -> bytes:
    return pdf(plain(text.replace("\n---\n", "\n\n")))


_MAKERS: dict[str, Callable[[str], bytes]] = {
    HTML: _html,
    DOCX: _docx,
    XLSX: _xlsx,
    PPTX: _pptx,
    PDF: _pdf,
    CSV: lambda text: _table(text, ","),
    TSV: lambda text: _table(text, "\t"),
}
