"""Files as their readers see them."""

import base64
import io

import docx
import openpyxl
import pptx
import pypdfium2

from simulator.sharepoint.company import entries
from simulator.sharepoint.render import media_type, quick_xor_hash, render

TEXT = "# Moorings\n\nChain, twice the depth.\n\n- shackle\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n"


def test_word():
    made = docx.Document(io.BytesIO(render("a.docx", TEXT)))
    assert [p.text for p in made.paragraphs][:3] == [
        "Moorings",
        "Chain, twice the depth.",
        "shackle",
    ]
    assert [cell.text for cell in made.tables[0].rows[1].cells] == ["1", "2"]


def test_powerpoint():
    made = pptx.Presentation(io.BytesIO(render("a.pptx", "# One\n- a\n---\n# Two\nNotes: said")))
    assert [slide.shapes.title.text for slide in made.slides] == ["One", "Two"]
    assert made.slides[1].notes_slide.notes_text_frame.text == "said"


def test_excel():
    made = openpyxl.load_workbook(io.BytesIO(render("a.xlsx", "# Bands\nLevel,EUR\n1,34000\n")))
    assert [[c.value for c in row] for row in made["Bands"].rows] == [["Level", "EUR"], [1, 34000]]


def test_pdf():
    long = "# Über Kreide\n\n" + "Vigo and Bergen. " * 400
    made = pypdfium2.PdfDocument(render("a.pdf", long))
    assert len(made) > 1
    text = "".join(page.get_textpage().get_text_range() for page in made)
    assert "Über Kreide" in text
    assert text.count("Bergen") == 400


def test_the_same_text_makes_the_same_bytes():
    for ending in ("docx", "pptx", "xlsx", "pdf", "md"):
        first = render(f"a.{ending}", TEXT)
        render.cache_clear()
        assert render(f"a.{ending}", TEXT) == first
    assert media_type("A.DOCX").endswith("wordprocessingml.document")


def test_quick_xor_hash():
    """Against the definition, a byte at a time over 160 bits."""
    for length in (0, 1, 159, 160, 161, 1000):
        content = bytes((i * 7 + 3) % 256 for i in range(length))
        bits = 0
        for place, byte in enumerate(content):
            for bit in range(8):
                bits ^= (byte >> bit & 1) << ((place * 11 + bit) % 160)
        packed = bytearray(bits.to_bytes(20, "little"))
        for place, byte in enumerate(length.to_bytes(8, "little")):
            packed[12 + place] ^= byte
        assert quick_xor_hash(content) == base64.b64encode(packed).decode()


def test_every_kind_of_document_is_in_the_company():
    sites = ("intranet", "people", "finance", "quality", "field")
    found = [
        e for name in (*sites, "legal", "product", "security", "customers") for e in entries(name)
    ]
    assert len(found) > 95
    endings = {e.where.rpartition(".")[2] for e in found if e.kind == "file"}
    assert {"docx", "xlsx", "pptx", "pdf", "md", "csv"} <= endings
    assert all(len(e.text) > 60 for e in found)
