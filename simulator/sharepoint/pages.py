"""Site pages: the canvas of web parts that a page's Markdown becomes."""

from __future__ import annotations

from html import escape
from typing import Any

from simulator.sharepoint.ids import guid
from simulator.sharepoint.model import Item

Json = dict[str, Any]
_QUICK_LINKS = "c70391ea-0b10-4ee9-b2b4-006d3fcad0cd"
_CALLOUT = "490d7c76-1824-45b2-9de3-676421c997fa"


def html(text: str) -> str:
    """Markdown as the HTML of a text web part: headings, lists, tables and paragraphs."""
    out: list[str] = []
    open_list = open_table = False
    for line in text.strip().splitlines():
        item, row = line.startswith("- "), line.startswith("|")
        if open_list and not item:
            out.append("</ul>")
        if open_table and not row:
            out.append("</tbody></table></div>")
        if item and not open_list:
            out.append("<ul>")
        if row and not open_table:
            out.append('<div class="canvasRteResponsiveTable"><table><tbody>')
        open_list, open_table = item, row
        if item:
            out.append(f"<li>{escape(line[2:])}</li>")
        elif row:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not all(set(cell) <= set("-: ") for cell in cells):
                out.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
        elif line.startswith("#"):
            level = min(len(line) - len(line.lstrip("#")) + 1, 4)
            out.append(f"<h{level}>{escape(line.lstrip('# '))}</h{level}>")
        elif line.strip():
            out.append(f"<p>{escape(line)}</p>")
    out += ["</ul>"] if open_list else ["</tbody></table></div>"] if open_table else []
    return "".join(out)


def parts(page: Item) -> list[list[Json]]:
    """The page's web parts by section.

    Sections are parted by ``---`` lines. A line ``!links | title | label > address | ...``
    makes a Quick links web part, ``!callout | title | text`` a custom one.
    """
    sections: list[list[Json]] = []
    for number, source in enumerate(f"\n{page.text}\n".split("\n---\n")):
        made: list[Json] = []
        plain: list[str] = []
        for line in [*source.splitlines(), "!end"]:
            if not line.startswith("!"):
                plain.append(line)
                continue
            if "".join(plain).strip():
                made.append(_text(page, number, len(made), "\n".join(plain)))
                plain = []
            kind, *said = (word.strip() for word in line[1:].split("|"))
            if kind != "end":
                made.append(_standard(page, number, len(made), kind, said))
        sections.append(made)
    return sections


def _id(page: Item, *key: int) -> str:
    return guid("webpart", page.id, *map(str, key))


def _text(page: Item, section: int, number: int, text: str) -> Json:
    return {
        "@odata.type": "#microsoft.graph.textWebPart",
        "id": _id(page, section, number),
        "innerHtml": html(text),
    }


def _standard(page: Item, section: int, number: int, kind: str, said: list[str]) -> Json:
    title, words = (said[0] if said else ""), said[1:]
    processed: Json = {"htmlStrings": [], "searchablePlainTexts": [], "links": []}
    processed["imageSources"] = []
    texts, links = processed["searchablePlainTexts"], processed["links"]
    texts.append({"key": "title", "value": title})
    for place, word in enumerate(words):
        label, _, address = (part.strip() for part in word.partition(">"))
        texts.append({"key": f"items[{place}].title", "value": label})
        if address:
            links.append({"key": f"items[{place}].sourceItem.url", "value": address})
    return {
        "@odata.type": "#microsoft.graph.standardWebPart",
        "id": _id(page, section, number),
        "webPartType": _QUICK_LINKS if kind == "links" else _CALLOUT,
        "data": {
            "title": "Quick links" if kind == "links" else "Callout",
            "description": "",
            "dataVersion": "2.2",
            "properties": {"hideWebPartWhenEmpty": True},
            "serverProcessedContent": processed,
        },
    }


def canvas(page: Item) -> Json:
    """The page's ``canvasLayout``."""
    sections = [
        {
            "id": str(number),
            "layout": "oneColumn",
            "emphasis": "none",
            "columns": [{"id": "1", "width": 12, "webparts": made}],
        }
        for number, made in enumerate(parts(page), 1)
    ]
    return {"horizontalSections": sections}


def canvas_content(page: Item) -> str:
    """The page as the ``CanvasContent1`` field holds it."""
    out = []
    for section in parts(page):
        for part in section:
            inner = part.get("innerHtml")
            if inner is None:
                texts = part["data"]["serverProcessedContent"]["searchablePlainTexts"]
                said = "".join(
                    f'<div data-sp-prop-name="{t["key"]}" data-sp-searchableplaintext="true">'
                    f"{escape(t['value'])}</div>"
                    for t in texts
                )
                inner = f'<div data-sp-webpart="" data-sp-webpartdataversion="2.2">{said}</div>'
            else:
                inner = f'<div data-sp-rte="">{inner}</div>'
            out.append(
                f'<div data-sp-canvascontrol="" data-sp-canvasdataversion="1.0">{inner}</div>'
            )
    return f"<div>{''.join(out)}</div>"
