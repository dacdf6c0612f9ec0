"""Light markup, and how it reads as Confluence storage format, as ADF and as text.

One block a paragraph; ``## `` headings, ``- `` and ``1. `` lists, ``| a | b |`` tables (first
row heads), ```` ```lang ```` code, ``!info text`` (also note, warning, tip) panels, ``!toc``.
Inside a line: ``**strong**``, `` `code` ``, ``[text](address)`` and ``@person`` mentions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from simulator.atlassian.accounts import account_id

_INLINE = re.compile(
    r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`|\[(?P<text>[^\]]+)\]\((?P<href>[^)\s]+)\)"
    r"|(?<![\w.])@(?P<who>[a-z][a-z-]+)"
)
_PANELS = ("info", "note", "warning", "tip")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a text."""

    kind: str
    """paragraph, heading, bullets, numbers, table, code, panel or toc."""
    lines: tuple[str, ...]
    detail: str = ""
    """Heading level, code language or panel kind."""


def blocks(text: str) -> list[Block]:
    """Cut a text into blocks."""
    found: list[Block] = []
    lines = text.strip("\n").split("\n")
    at = 0
    while at < len(lines):
        line = lines[at].rstrip()
        at += 1
        if not line:
            continue
        if line.startswith("```"):
            body = []
            while at < len(lines) and not lines[at].startswith("```"):
                body.append(lines[at])
                at += 1
            at += 1
            found.append(Block("code", ("\n".join(body),), line[3:].strip()))
            continue
        taken = [line]
        kind, detail = _kind(line)
        if kind in ("paragraph", "bullets", "numbers", "table"):
            while at < len(lines) and lines[at].strip() and _kind(lines[at])[0] == kind:
                taken.append(lines[at].rstrip())
                at += 1
        if kind == "paragraph":
            taken = [" ".join(one.strip() for one in taken)]
        found.append(Block(kind, tuple(_strip(kind, one) for one in taken), detail))
    return found


def _kind(line: str) -> tuple[str, str]:
    if line == "!toc":
        return "toc", ""
    if line.startswith("```"):
        return "code", ""
    if line.startswith("#"):
        return "heading", str(min(len(line) - len(line.lstrip("#")), 6))
    if line.startswith("- "):
        return "bullets", ""
    if re.match(r"\d+\. ", line):
        return "numbers", ""
    if line.startswith("|"):
        return "table", ""
    word = line[1:].partition(" ")[0] if line.startswith("!") else ""
    return ("panel", word) if word in _PANELS else ("paragraph", "")


def _strip(kind: str, line: str) -> str:
    if kind == "heading":
        return line.lstrip("#").strip()
    if kind == "bullets":
        return line[2:]
    if kind == "numbers":
        return line.partition(" ")[2]
    if kind == "panel":
        return line.partition(" ")[2]
    return line


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _spans(line: str, plain: Callable[[str], Any], marked: Callable[[re.Match[str]], Any]) -> Any:
    found, end = [], 0
    for hit in _INLINE.finditer(line):
        if hit.start() > end:
            found.append(plain(line[end : hit.start()]))
        found.append(marked(hit))
        end = hit.end()
    if end < len(line):
        found.append(plain(line[end:]))
    return found


def _storage_line(line: str) -> str:
    def marked(hit: re.Match[str]) -> str:
        if hit["strong"]:
            return f"<strong>{escape(hit['strong'], quote=False)}</strong>"
        if hit["code"]:
            return f"<code>{escape(hit['code'], quote=False)}</code>"
        if hit["href"]:
            return f'<a href="{escape(hit["href"])}">{escape(hit["text"], quote=False)}</a>'
        account = account_id(hit["who"])
        return f'<ac:link><ri:user ri:account-id="{account}" /></ac:link>'

    return "".join(_spans(line, lambda text: escape(text, quote=False), marked))


def to_storage(text: str) -> str:
    """The text in Confluence's storage format."""
    return "".join(_storage(block) for block in blocks(text))


def _storage(block: Block) -> str:
    lines = [_storage_line(line) for line in block.lines]
    if block.kind == "heading":
        return f"<h{block.detail}>{lines[0]}</h{block.detail}>"
    if block.kind in ("bullets", "numbers"):
        tag = "ul" if block.kind == "bullets" else "ol"
        return f"<{tag}>" + "".join(f"<li><p>{line}</p></li>" for line in lines) + f"</{tag}>"
    if block.kind == "table":
        rows = []
        for number, line in enumerate(block.lines):
            tag = "td" if number else "th"
            cells = "".join(f"<{tag}><p>{_storage_line(c)}</p></{tag}>" for c in _cells(line))
            rows.append(f"<tr>{cells}</tr>")
        return f"<table><tbody>{''.join(rows)}</tbody></table>"
    if block.kind == "code":
        named = f'<ac:parameter ac:name="language">{block.detail or "none"}</ac:parameter>'
        body = block.lines[0].replace("]]>", "]]]]><![CDATA[>")
        return (
            '<ac:structured-macro ac:name="code" ac:schema-version="1">'
            f"{named}<ac:plain-text-body><![CDATA[{body}]]></ac:plain-text-body>"
            "</ac:structured-macro>"
        )
    if block.kind == "panel":
        return (
            f'<ac:structured-macro ac:name="{block.detail}" ac:schema-version="1">'
            f"<ac:rich-text-body><p>{lines[0]}</p></ac:rich-text-body></ac:structured-macro>"
        )
    if block.kind == "toc":
        return '<ac:structured-macro ac:name="toc" ac:schema-version="1" />'
    return f"<p>{lines[0]}</p>"


def _adf_line(line: str) -> list[Any]:
    def marked(hit: re.Match[str]) -> dict[str, Any]:
        if hit["strong"]:
            return {"type": "text", "text": hit["strong"], "marks": [{"type": "strong"}]}
        if hit["code"]:
            return {"type": "text", "text": hit["code"], "marks": [{"type": "code"}]}
        if hit["href"]:
            link = {"type": "link", "attrs": {"href": hit["href"]}}
            return {"type": "text", "text": hit["text"], "marks": [link]}
        return {
            "type": "mention",
            "attrs": {"id": account_id(hit["who"]), "text": f"@{hit['who'].capitalize()}"},
        }

    return list(_spans(line, lambda text: {"type": "text", "text": text}, marked))


def _paragraph(line: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": _adf_line(line)}


def to_adf(text: str) -> dict[str, Any]:
    """The text as an ADF document."""
    found = [_adf(block) for block in blocks(text) if block.kind != "toc"]
    return {"version": 1, "type": "doc", "content": found or [{"type": "paragraph", "content": []}]}


def _adf(block: Block) -> dict[str, Any]:
    if block.kind == "heading":
        level = {"level": int(block.detail)}
        return {"type": "heading", "attrs": level, "content": _adf_line(block.lines[0])}
    if block.kind in ("bullets", "numbers"):
        items = [{"type": "listItem", "content": [_paragraph(line)]} for line in block.lines]
        kind = "bulletList" if block.kind == "bullets" else "orderedList"
        return {"type": kind, "content": items}
    if block.kind == "table":
        rows = []
        for number, line in enumerate(block.lines):
            kind = "tableCell" if number else "tableHeader"
            cells = [{"type": kind, "content": [_paragraph(cell)]} for cell in _cells(line)]
            rows.append({"type": "tableRow", "content": cells})
        return {"type": "table", "content": rows}
    if block.kind == "code":
        words = [{"type": "text", "text": block.lines[0]}] if block.lines[0] else []
        held = {"type": "codeBlock", "content": words}
        return held | ({"attrs": {"language": block.detail}} if block.detail else {})
    if block.kind == "panel":
        sort = {"panelType": "success" if block.detail == "tip" else block.detail}
        return {"type": "panel", "attrs": sort, "content": [_paragraph(block.lines[0])]}
    return _paragraph(block.lines[0])


def is_adf(document: Any) -> bool:
    """Whether a value has the shape of an ADF document: nodes with types, content in lists."""
    return isinstance(document, dict) and document.get("type") == "doc" and _is_node(document)


def _is_node(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return False
    attrs, inner, text = node.get("attrs", {}), node.get("content", []), node.get("text", "")
    sound = isinstance(attrs, dict) and isinstance(inner, list) and isinstance(text, str)
    return sound and all(_is_node(child) for child in inner)


def adf_text(node: Any) -> str:
    """The words of an ADF document, one line a block."""
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "text":
        return str(node.get("text", ""))
    if node.get("type") == "mention":
        return str(node.get("attrs", {}).get("text", ""))
    if node.get("type") == "hardBreak":
        return "\n"
    inner = [adf_text(child) for child in node.get("content", [])]
    blocky = any(
        isinstance(child, dict) and child.get("type") not in ("text", "mention", "hardBreak")
        for child in node.get("content", [])
    )
    return ("\n" if blocky else "").join(inner)


class _Words(HTMLParser):
    _BREAKS = frozenset({"p", "li", "tr", "h1", "h2", "h3", "h4", "ac:plain-text-body"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.skipping += tag == "ac:parameter"

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag == "ac:parameter"
        if tag in self._BREAKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.said.append(data)

    def unknown_decl(self, data: str) -> None:
        self.said.append(data.removeprefix("CDATA["))


def storage_text(storage: str) -> str:
    """The words of a body in storage format, one line a block."""
    reader = _Words()
    reader.feed(storage)
    reader.close()
    lines = (line.strip() for line in unescape("".join(reader.said)).split("\n"))
    return "\n".join(line for line in lines if line)


def storage_adf(storage: str) -> dict[str, Any]:
    """A body in storage format as ADF, its structure reduced to paragraphs."""
    lines = storage_text(storage).split("\n")
    found = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines if line
    ]
    return {"version": 1, "type": "doc", "content": found}
