import pytest

from chunking.errors import Encrypted, Unparsable
from chunking.sniff import Kind, NoText, Sniffed, sniff
from tests.chunking import samples
from tests.chunking.samples import DOCX, PDF, PPTX, XLSX

KINDS = {DOCX: Kind.DOCX, PPTX: Kind.PPTX, XLSX: Kind.XLSX, PDF: Kind.PDF}


@pytest.mark.parametrize("real", KINDS)
@pytest.mark.parametrize("label", [*KINDS, "text/plain", "application/octet-stream", ""])
def test_content_decides_over_label(real, label):
    assert sniff(samples.FILES[real], label) == Sniffed(KINDS[real])


@pytest.mark.parametrize("label", [*KINDS, "application/msword"])
def test_text_under_an_office_label_is_text_and_said_to_be(label):
    found = sniff(b"# not an office file", label)
    assert isinstance(found, Sniffed)
    assert found.kind is Kind.TEXT
    assert found.text == "# not an office file"
    assert "mislabelled" in found.notes[0]


def test_pdf_mark_may_stand_a_little_later():
    assert sniff(b"\n" * 100 + samples.FILES[PDF], "text/plain") == Sniffed(Kind.PDF)


@pytest.mark.parametrize(
    ("data", "label", "reason"),
    [
        (b"", "text/plain", "empty"),
        (b" \n\t", DOCX, "empty"),
        (b"\x89PNG\r\n\x1a\n...", "text/plain", "image"),
        (b"<svg/>", "image/svg+xml", "image"),
        (b"\0\0\0\x18ftypmp42", "application/octet-stream", "audio or video"),
        (b"\x1f\x8b\x08\0", "application/gzip", "archive"),
        (b"PK\x03\x04 not really", "application/zip", "archive"),
        (bytes(range(256)) * 4, "application/octet-stream", "binary"),
        (b"{\\rtf1 hello}", "application/rtf", "rich text format (RTF)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old",
            "application/msword",
            "Office format of before 2007",
        ),
    ],
)
def test_no_text(data, label, reason):
    assert sniff(data, label) == NoText(reason)


def test_encrypted_office_file():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(Encrypted, match="password"):
        sniff(data, XLSX)


def test_damaged_office_file():
    with pytest.raises(Unparsable, match="damaged"):
        sniff(samples.FILES[DOCX][:500], DOCX)
    with pytest.raises(Unparsable, match="labelled"):
        sniff(b"\x00\x01" * 100, PPTX)


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        ("ä€".encode(), "text/plain", "ä€"),
        ("ä€".encode("utf-8-sig"), "text/plain", "ä€"),
        ("ä€".encode("utf-16"), "text/plain", "ä€"),
        ("ä€".encode("cp1252"), "text/plain; charset=windows-1252", "ä€"),
        ("ä€".encode("cp1252"), "text/plain", "ä€"),
        ("ä".encode("latin-1"), "text/plain; charset=nonsense", "ä"),
        ('<meta charset="koi8-r">дом'.encode("koi8-r"), "text/html", '<meta charset="koi8-r">дом'),
    ],
)
def test_decoding(data, label, text):
    found = sniff(data, label)
    assert isinstance(found, Sniffed)
    assert found.text == text


@pytest.mark.parametrize(
    ("label", "title", "kind"),
    [
        ("text/html; charset=utf-8", "", Kind.HTML),
        ("text/markdown", "x.py", Kind.MARKDOWN),
        ("text/plain", "README.MD", Kind.MARKDOWN),
        ("text/plain", "a.py", Kind.CODE),
        ("application/octet-stream", "a.csv", Kind.CSV),
        ("text/plain", "Notes 1.5", Kind.TEXT),
        ("application/json", "", Kind.CODE),
        ("text/x-python", "", Kind.CODE),
    ],
)
def test_kinds_of_text(label, title, kind):
    found = sniff(b"a = 1", label, title)
    assert isinstance(found, Sniffed)
    assert found.kind is kind


def test_html_is_recognised_without_its_label():
    found = sniff(b"<!-- x --><!DOCTYPE html><p>a", "text/plain")
    assert isinstance(found, Sniffed)
    assert found.kind is Kind.HTML
