"""Files from their source text, byte for byte alike: Word, PowerPoint, Excel, PDF and text."""

from __future__ import annotations

import base64
import csv
import io
import re
import textwrap
import zipfile
from datetime import UTC, datetime
from functools import lru_cache

_FIXED = datetime(2024, 1, 1, tzinfo=UTC)
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "md": "text/markdown",
    "csv": "text/csv",
    "txt": "text/plain",
    "json": "application/json",
    "py": "text/x-python",
}


def ending(name: str) -> str:
    """The ending of a file's name, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def media_type(name: str) -> str:
    """What SharePoint takes a file for, going by its name."""
    return MEDIA.get(ending(name), "application/octet-stream")


@lru_cache(maxsize=1024)
def render(name: str, text: str) -> bytes:
    """The bytes of a file with this name and source.

    Word and PDF take Markdown (headings, lists, tables with ``|``); PowerPoint slides parted by
    ``---``, the first line of each its title; Excel CSV, sheets parted by ``# name`` lines.
    """
    make = {"docx": _docx, "pptx": _pptx, "xlsx": _xlsx, "pdf": _pdf}.get(ending(name))
    return make(text) if make else text.encode()


@lru_cache(maxsize=1024)
def quick_xor_hash(content: bytes) -> str:
    """SharePoint's content hash: bytes XORed into 160 bits, 11 bits further for each."""
    folded = 0
    for start in range(0, len(content), 160):
        folded ^= int.from_bytes(content[start : start + 160].ljust(160, b"\0"), "little")
    total, mask = 0, (1 << 160) - 1
    for place, byte in enumerate(folded.to_bytes(160, "little")):
        shifted = byte << (place * 11 % 160)
        total ^= (shifted & mask) | (shifted >> 160)
    total ^= len(content) << 96
    return base64.b64encode((total & mask).to_bytes(20, "little")).decode()


def _repacked(made: io.BytesIO) -> bytes:
    """The archive again, with no trace of when it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, (2024, 1, 1, 0, 0, 0)), old.read(entry))
    return out.getvalue()


def _docx(text: str) -> bytes:
    import docx

    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = _FIXED
    table: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not all(set(cell) <= set("-: ") for cell in cells):
                table.append(cells)
            continue
        if table:
            grid = document.add_table(rows=0, cols=max(map(len, table)))
            for cells in table:
                for cell, said in zip(grid.add_row().cells, cells, strict=False):
                    cell.text = said
            table = []
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            document.add_heading(line.lstrip("# "), min(level, 4))
        elif line.startswith("- "):
            document.add_paragraph(line[2:], style="List Bullet")
        elif line.strip():
            document.add_paragraph(line.strip())
    made = io.BytesIO()
    document.save(made)
    return _repacked(made)


def _pptx(text: str) -> bytes:
    import pptx

    deck = pptx.Presentation()
    deck.core_properties.created = deck.core_properties.modified = _FIXED
    for part in re.split(r"^---$", text, flags=re.MULTILINE):
        lines = [line for line in part.strip().splitlines() if line.strip()]
        if not lines:
            continue
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = lines[0].lstrip("# ")
        spoken = [line[6:].strip() for line in lines if line.startswith("Notes:")]
        shown = [line.removeprefix("- ") for line in lines[1:] if not line.startswith("Notes:")]
        slide.placeholders[1].text = "\n".join(shown)
        if spoken:
            slide.notes_slide.notes_text_frame.text = "\n".join(spoken)
    made = io.BytesIO()
    deck.save(made)
    return _repacked(made)


def _xlsx(text: str) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = _FIXED.replace(tzinfo=None)
    book.remove(book.worksheets[0])
    sheets: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("# "):
            sheets.append((line[2:].strip(), []))
        elif line.strip():
            if not sheets:
                sheets.append(("Sheet1", []))
            sheets[-1][1].append(line)
    for name, lines in sheets or [("Sheet1", [])]:
        sheet = book.create_sheet(name[:31])
        for row in csv.reader(lines):
            sheet.append([float(c) if re.fullmatch(r"-?\d+(\.\d+)?", c) else c for c in row])
    made = io.BytesIO()
    book.save(made)
    return _repacked(made)


def _pdf(text: str) -> bytes:
    """A PDF of one font, about 48 lines a page."""
    lines: list[tuple[int, str]] = []
    for line in text.splitlines():
        size = 15 if line.startswith("#") else 10
        said = line.lstrip("# ") if line.startswith("#") else line
        width = 60 if size == 15 else 92
        lines += [(size, part) for part in textwrap.wrap(said, width) or [""]]
    pages = [lines[at : at + 46] for at in range(0, len(lines), 46)] or [[]]
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", ""]
    objects[2] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    kids = []
    for page in pages:
        drawn = ["BT 50 800 Td"]
        for size, said in page:
            escaped = said.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            drawn.append(f"/F1 {size} Tf 0 -16 Td ({escaped}) Tj")
        stream = "\n".join([*drawn, "ET"])
        length = len(stream.encode("cp1252", "replace"))
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {length} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252", "replace")
    at = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{place:010d} 00000 n \n" for place in places).encode()
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"
    return bytes(out + trailer.encode())
