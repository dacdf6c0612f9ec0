"""What a body is: its content decides over its label."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from chunking.errors import Encrypted, Unparsable

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURE_MAGIC = (
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x01\x00",
)
_SOUND_MAGIC = (b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"RIFF")
_ARCHIVE_MAGIC = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.I)


class Kind(Enum):
    """Which parser reads a body."""

    HTML = "HTML"
    MARKDOWN = "Markdown"
    TEXT = "plain text"
    CODE = "source code"
    CSV = "CSV"
    DOCX = "Word"
    PPTX = "PowerPoint"
    XLSX = "Excel"
    PDF = "PDF"


@dataclass(frozen=True, slots=True)
class NoText:
    """A body without text to be had, which is no error."""

    reason: str
    """Why, in words that are the same for every document with that reason."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a body turned out to be."""

    kind: Kind
    text: str = ""
    """The decoded text of a textual kind."""
    notes: tuple[str, ...] = ()
    """What was odd about it, in words that are the same for every document."""


_OFFICE = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Kind.DOCX,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": Kind.PPTX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Kind.XLSX,
    "application/vnd.ms-word.document.macroenabled.12": Kind.DOCX,
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": Kind.PPTX,
    "application/vnd.ms-excel.sheet.macroenabled.12": Kind.XLSX,
    "application/pdf": Kind.PDF,
}
_LEGACY = {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}
_TEXTUAL = {
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
    "text/markdown": Kind.MARKDOWN,
    "text/x-markdown": Kind.MARKDOWN,
    "text/plain": Kind.TEXT,
    "text/csv": Kind.CSV,
    "text/tab-separated-values": Kind.CSV,
}
_EXTENSIONS = {
    **dict.fromkeys((".md", ".markdown", ".mdx"), Kind.MARKDOWN),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Kind.HTML),
    **dict.fromkeys((".csv", ".tsv"), Kind.CSV),
    **dict.fromkeys(
        (
            *(".py", ".js", ".ts", ".tsx", ".jsx", ".java", ".go", ".rs", ".c", ".h", ".cc"),
            *(".cpp", ".hpp", ".cs", ".rb", ".php", ".swift", ".kt", ".scala", ".sh", ".sql"),
            *(".json", ".yaml", ".yml", ".toml", ".xml", ".ini", ".cfg", ".tf", ".css"),
        ),
        Kind.CODE,
    ),
}


def sniff(data: bytes, media_type: str, title: str = "") -> Sniffed | NoText:
    """Find out what to parse a body as.

    Args:
        data: The body.
        media_type: Its label; parameters such as ``charset`` are understood.
        title: The document's name, whose extension tells kinds of text apart where the label
            says no more than ``text/plain``.

    Raises:
        Unparsable: It is a damaged or encrypted Office file.
    """
    label = media_type.partition(";")[0].strip().lower()
    if not data.strip():
        return NoText("empty")
    if b"%PDF" in data[:1024]:
        return Sniffed(Kind.PDF)
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _zip(data, label)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Encrypted("the Office file is encrypted", "remove its password")
        return NoText("Office format of before 2007")
    if reason := _no_text(data, label):
        return NoText(reason)
    decoded = _decode(data, media_type)
    if decoded is None:
        if label in _OFFICE:
            raise Unparsable(
                f"not a {_OFFICE[label].value} file, though labelled as one",
                "open it in its application and save it again",
            )
        return NoText("binary")
    text, notes = decoded
    if label in _OFFICE or label in _LEGACY:
        notes = (*notes, "mislabelled: plain text under an Office or PDF label")
    if text.startswith("{\\rtf"):
        return NoText("rich text format (RTF)")
    return Sniffed(_textual(text, label, title), text, notes)


def _no_text(data: bytes, label: str) -> str:
    family = label.partition("/")[0]
    if family == "image" or data.startswith(_PICTURE_MAGIC):
        return "image"
    if family in ("audio", "video") or data.startswith(_SOUND_MAGIC) or data[4:8] == b"ftyp":
        return "audio or video"
    return "archive" if data.startswith(_ARCHIVE_MAGIC) else ""


def _zip(data: bytes, label: str) -> Sniffed | NoText:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except Exception as error:
        if label in _OFFICE:
            raise Unparsable(
                f"the {_OFFICE[label].value} file is damaged", "restore an earlier version of it"
            ) from error
        return NoText("archive")
    folders = {name.partition("/")[0] for name in names}
    if "[Content_Types].xml" in names:
        for folder, kind in (("word", Kind.DOCX), ("ppt", Kind.PPTX), ("xl", Kind.XLSX)):
            if folder in folders:
                return Sniffed(kind)
    return NoText("archive")


def _decode(data: bytes, media_type: str) -> tuple[str, tuple[str, ...]] | None:
    """The text and what was odd about it; None when this is no text."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode(errors="replace"), ()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), ()
    if b"\x00" in data[:8192]:
        return None
    named = _CHARSET.search(media_type)
    meta = None if named else _META_CHARSET.search(data[:1024])
    names = [named.group(1)] if named else [meta.group(1).decode()] if meta else []
    for name in (*names, "utf-8"):
        try:
            return data.decode(name), ()
        except (LookupError, ValueError):  # unknown charset, or not in it
            continue
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:8192])
    if controls > len(data[:8192]) * 0.02:
        return None
    return data.decode("cp1252", errors="replace"), ("not UTF-8: read as Windows-1252",)


def _textual(text: str, label: str, title: str) -> Kind:
    kind = _TEXTUAL.get(label)
    if kind is not None and kind is not Kind.TEXT:
        return kind
    if _HTML_START.match(text[:4096]):
        return Kind.HTML
    if label in ("text/plain", "application/octet-stream", ""):
        return _EXTENSIONS.get(PurePosixPath(title.lower()).suffix, Kind.TEXT)
    if label.startswith(("text/x-", "application/")) and label not in {*_OFFICE, *_LEGACY}:
        return Kind.CODE
    return Kind.TEXT
