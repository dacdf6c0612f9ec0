"""Each kind of body to blocks."""

import pytest

from chunking.blocks import Block, BlockKind, clean
from chunking.elements import read_blocks
from chunking.markdown import inline, markdown_blocks
from chunking.plain import code_blocks, csv_blocks, text_blocks
from tests.chunking import samples
from tests.chunking.samples import DOCX, PDF, PPTX, XLSX

HEADING, TEXT, ITEM, TABLE, CODE = BlockKind


def blocks(data, label):
    found, _ = read_blocks(data, label, "", 10**9)
    return found


def short(found):
    return [(b.kind, b.text) for b in found]


def test_docx_headings_are_those_of_its_styles():
    found = blocks(samples.FILES[DOCX], DOCX)
    assert short(found) == [
        (HEADING, "Handbook"),
        (TEXT, "Restart the broker first"),
        (HEADING, "Leave"),
        (TEXT, "Annual leave is 25 days."),
        (ITEM, "ask your lead"),
        (TABLE, "Name | Days\nAda | 25"),
    ]
    assert [b.level for b in found if b.kind is HEADING] == [1, 2]


def test_pptx_has_slides_and_notes():
    found = blocks(samples.FILES[PPTX], PPTX)
    assert [(b.text, b.page) for b in found] == [
        ("remember the joke", 1),
        ("Plan", 1),
        ("First point", 1),
        ("Second point", 1),
        ("Numbers", 2),
        ("Seven", 2),
    ]
    assert [b.text for b in found if b.kind is HEADING] == ["Plan", "Numbers"]


def test_xlsx_sheets_are_headings_and_ids_stay_as_written():
    assert short(blocks(samples.FILES[XLSX], XLSX)) == [
        (HEADING, "Parts"),
        (TABLE, "ID | Name | Qty\n007 | bolt | 3\n012 | nut |"),
        (HEADING, "Notes"),
        (TEXT, "alone"),
    ]


def test_pdf_pages():
    assert blocks(samples.FILES[PDF], PDF) == [
        Block(TEXT, "Hello PDF world.", page=1),
        Block(TEXT, "Second page here.", page=2),
    ]


def test_html():
    page = """<?xml version="1.0" encoding="utf-8"?><html><head><title>no</title></head><body>
    <nav>Home</nav><form><h1>Handbook</h1><p>Intro <b>bold</b> line</p></form>
    <ul><li>one<ul><li>nested</li></ul></li></ul>
    <table><tr><th>A</th><th>B</th></tr><tr><td>1 &amp; 2</td><td></td></tr></table>
    <pre>code\n  indented</pre>
    <details><summary>More</summary>folded text</details>
    <figure><figcaption>the caption</figcaption></figure>
    <script>no</script><h3>Deep</h3>tail</body></html>"""
    assert short(blocks(page.encode(), "text/html")) == [
        (HEADING, "Handbook"),
        (TEXT, "Intro bold line"),
        (ITEM, "one"),
        (ITEM, "nested"),
        (TABLE, "A | B\n1 & 2 |"),
        (CODE, "code\n  indented"),
        (TEXT, "More"),
        (TEXT, "folded text"),
        (TEXT, "the caption"),
        (HEADING, "Deep"),
        (TEXT, "tail"),
    ]


def test_markdown():
    text = """---
title: x
---
# Top #
First
line <!-- hidden
over lines --> end

Under
=====
Sub
---
- [x] done
- item
  goes on

  1. inner

| a | b\\|c |
|---|:-:|
| 1 | **2** |

```py
# no heading

x = 1
```
    indented fence
<details><summary>Log</summary>

kept &amp; read [link](http://x.y/z "t") ![pic](a.png)
***
end"""
    assert short(markdown_blocks(text)) == [
        (CODE, "title: x"),
        (HEADING, "Top"),
        (TEXT, "First\nline  end"),
        (HEADING, "Under"),
        (HEADING, "Sub"),
        (ITEM, "done"),
        (ITEM, "item\ngoes on"),
        (ITEM, "inner"),
        (TABLE, "a | b|c\n1 | 2"),
        (CODE, "# no heading\n\nx = 1"),
        (TEXT, "indented fence\n  Log"),
        (TEXT, "kept & read link pic"),
        (TEXT, "end"),
    ]


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("see [the *docs*](https://a.b/c)", "see the *docs*"),
        ("a **bold** and __strong__ word", "a bold and strong word"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("if a < b && c > d", "if a < b && c > d"),
        ("<b>x</b><br/>y &lt;z&gt;", "x  y <z>"),
        ("[![badge](x.svg)](http://y)", "badge"),
    ],
)
def test_markdown_inline(raw, read):
    assert inline(raw) == read


def test_plain_text_and_code_keep_their_lines():
    assert short(text_blocks("a\nb\n\n \nc\n")) == [(TEXT, "a\nb"), (TEXT, "c")]
    assert short(code_blocks("def f():\n    x\n\n    y\n")) == [
        (CODE, "def f():\n    x"),
        (CODE, "    y"),
    ]


@pytest.mark.parametrize(
    "text", ["id;name\n007;a,b\n", "id\tname\n007\ta,b\n", 'id,name\n007,"a,b"\n']
)
def test_csv_cells_stay_as_written(text):
    assert short(csv_blocks(text)) == [(TABLE, "id | name\n007 | a,b")]


def test_clean():
    assert clean("a\x00b\r\nc\rd\u2028e\ud800" + " " * 500 + "f") == "ab\nc\nd\ne?" + " " * 64 + "f"


@pytest.mark.parametrize(
    "unit",
    ["[", "[a](", "**", "<a ", "|-", "- ", "`", "* * ", "<!--", "a|\n|-|", "#", "_ ", "1. ", "> "],
)
@pytest.mark.timeout(60)
def test_markdown_has_no_quadratic_trap(unit):
    """Each would take many minutes if a pattern went back over what it has read."""
    for text in (unit * 100_000, unit * 100_000 + "x", "\n".join([unit] * 100_000)):
        markdown_blocks(text)


@pytest.mark.parametrize("kind", ["text/html", DOCX, PPTX, XLSX])
def test_no_text_is_examined_for_being_prose(kind, monkeypatch):
    # The guess costs more than all the rest of a page, and nothing asks for its outcome.
    import unstructured.nlp.tokenize as tokenize

    data = samples.FILES.get(kind, b"<p>A sentence nobody asked about. And one more of these.</p>")
    before = blocks(data, kind)
    for cached in vars(tokenize).values():
        getattr(cached, "cache_clear", int)()
    examined = []
    monkeypatch.setattr(tokenize, "_process", examined.append)
    assert blocks(data, kind) == before
    assert before
    assert examined == []
