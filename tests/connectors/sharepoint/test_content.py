"""What is read of a site."""

from __future__ import annotations

from email import message_from_bytes, policy

from connectors.sharepoint.pages import canvas_html
from simulator.sharepoint.render import render
from tests.connectors.sharepoint.there import (
    There,
    documents,
)


def test_files_pages_and_items_are_read_as_they_are(there: There) -> None:
    pages = there.read(there.connector())
    found = documents(pages)
    assert found.keys() == {
        there.made[name]
        for name in ("plan.docx", "costs.xlsx", "notes.md", "photo.png", "risk", "calm", "page")
    }
    parts = {document.part for document in found.values()}
    assert len(parts) == 3
    assert pages[-1].compare > parts
    assert not any(page.compare for page in pages[:-1])
    plan = found[there.made["plan.docx"]]
    assert plan.content.data == render("plan.docx", there.state.items[plan.id].text)
    assert (plan.title, plan.kind, plan.owners) == ("plan.docx", "file", ("ana@saltmarsh.example",))
    assert plan.url.endswith("/sites/team/Shared%20Documents/Plans%20%26%20drafts/plan.docx")
    photo = found[there.made["photo.png"]]
    assert photo.content.data is None
    assert "no text in this type" in photo.content.skipped


def test_the_text_of_every_web_part_is_read(there: There) -> None:
    page = documents(there.read(there.connector()))[there.made["page"]]
    assert (page.title, page.kind, page.content.media_type) == ("Welcome", "page", "text/html")
    assert page.url.endswith("/sites/team/SitePages/Welcome.aspx")
    said = (page.content.data or b"").decode()
    for words in ("Read this.", "Plans", "https://saltmarsh.example/plans", "Second part."):
        assert words in said


def test_an_item_is_its_fields_and_its_files_and_no_comment(there: There) -> None:
    found = documents(there.read(there.connector()))
    risk = found[there.made["risk"]]
    assert (risk.title, risk.kind) == ("Flood", "list_item")
    assert risk.url.endswith("/sites/team/Lists/Risks/DispForm.aspx?ID=1")
    assert risk.content.media_type == "multipart/mixed"
    whole = message_from_bytes(risk.content.data or b"", policy=policy.default)
    item, evidence = whole.iter_parts()  # type: ignore[attr-defined]
    said = item.get_payload(decode=True).decode()
    assert "Severity: High" in said
    assert "Notes: Watch &lt;it&gt;<br/>and act." in said
    assert "photo.jpg" in said
    assert "swordfish" not in said
    assert evidence.get_filename() == "it's evidence.txt"
    assert evidence.get_payload(decode=True) == b"It rained."
    assert found[there.made["calm"]].content.media_type == "text/html"


def test_what_another_list_says_is_not_read_with_an_item(there: There) -> None:
    """Its own readers may be others."""
    tasks = there.state.create_list(
        site=there.made["team"], title="Tasks", columns=["Risk", "Done"], lookups=["Risk"]
    )
    fields = {"Title": "Pump", "Risk": {"Title": "Flood"}, "Done": "Almost"}
    task = there.state.create_item(list=tasks, author="ana", fields=fields)
    said = documents(there.read(there.connector()))[task].content.data or b""
    assert b"Almost" in said
    assert b"Flood" not in said


def test_a_body_over_the_limit_is_left_out_and_a_large_attachment_named(there: There) -> None:
    big = there.state.create_file(
        parent=there.made["library"], name="big.txt", author="ana", text="x" * 3000
    )
    there.state.attach(item=there.made["calm"], name="long.txt", text="y" * 3000)
    found = documents(there.read(there.connector(max_bytes=2000)))
    assert found[big].content.skipped == "larger than the limit"
    calm = found[there.made["calm"]].content
    assert calm.media_type == "text/html"
    assert b"long.txt" in (calm.data or b"")
    assert b"yyy" not in (calm.data or b"")


def test_a_web_part_without_text_of_its_own_says_nothing() -> None:
    part = {"data": {"serverProcessedContent": {"htmlStrings": [{"key": "a", "value": " "}]}}}
    layout = {"horizontalSections": [{"columns": [{"webparts": [part, {"innerHtml": None}]}]}]}
    assert canvas_html({"canvasLayout": layout}) == "<div></div>"
    assert canvas_html({}) == ""
