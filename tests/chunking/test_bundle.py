"""Something and its attachments: one document, each part read as what it is."""

import io

import openpyxl
import pytest

from chunking.chunker import Chunker
from chunking.errors import Unparsable
from connectors.sharepoint.attachments import Attachment, bundled
from corpus import Content

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Depth", "Reading"])
    book.active.append(["12", "seven knots"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_of(content: Content) -> str:
    return "\n".join(chunk.text for chunk in Chunker().chunk(content, "NC-193").chunks)


def item(text: str = "<h1>NC-193</h1><p>Status: Open</p>") -> Attachment:
    return Attachment("", "text/html", text.encode())


def test_every_part_is_read_and_named() -> None:
    files = [
        Attachment('Ría "1".xlsx', XLSX, sheet()),
        Attachment("note.txt", "text/plain", "Grüße\r\n--boundary\r\n".encode()),
    ]
    said = text_of(bundled(item(), files))
    for words in ("Status: Open", "Ría", "seven knots", "Grüße", "--boundary"):
        assert words in said
    assert said.index("Status") < said.index("seven knots") < said.index("Grüße")


def test_equal_files_make_equal_bytes_and_others_do_not() -> None:
    one = [Attachment("a.txt", "text/plain", b"one")]
    assert bundled(item(), one) == bundled(item(), one)
    assert bundled(item(), one) != bundled(item(), [Attachment("b.txt", "text/plain", b"one")])
    assert bundled(item(), []) == Content(item().data, "text/html")


def test_a_damaged_file_takes_nothing_else_with_it() -> None:
    files = [
        Attachment("broken.xlsx", XLSX, b"PK\x03\x04 torn"),
        Attachment("note.txt", "text/plain", b"still here"),
    ]
    found = Chunker().chunk(bundled(item(), files), "NC-193")
    said = "\n".join(chunk.text for chunk in found.chunks)
    assert "Status: Open" in said
    assert "still here" in said
    assert "broken.xlsx" in said
    assert found.notes == ("an attached file could not be parsed",)


def test_a_body_that_only_says_so_is_unparsable() -> None:
    with pytest.raises(Unparsable):
        Chunker().chunk(Content(b"no parts at all", "multipart/mixed"), "x")


def test_a_multipart_inside_is_not_opened() -> None:
    """Nothing that a stranger attached decides how deep we go."""
    inner = bundled(item("<p>inner</p>"), [Attachment("x.txt", "text/plain", b"deep")])
    assert inner.data is not None
    outer = bundled(item(), [Attachment("mail.txt", "text/plain", inner.data)])
    said = text_of(outer)
    assert "Status: Open" in said
    assert "mail.txt" in said
