"""A look is dated before the source was asked for it, however long it then waits to be told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from connectors.sharepoint.drives import Drive, DrivePage
from tests.connectors.sharepoint.there import There, settled


def test_what_waits_for_a_folder_is_as_old_as_the_page_that_listed_it(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dated later, it would bring back what was deleted, and told to be, while it waited."""
    state, made = there.state, there.made
    late = state.create_file(parent=made["library"], name="late.txt", author="ana", text="Late.")
    parent = state.create_folder(parent=made["folder"], name="Late", author="ana")
    state.move(item=late, parent=parent)  # Graph lists the folder after it
    connector = there.connector()
    cursor = settled(there.read(connector))
    state.edit(item=made["notes.md"], text="It lies in no folder that is looked into.")
    state.share_with(item=made["folder"], principal="user:ben")
    state.limit_pages(1)
    changed: dict[str, datetime] = {}
    listed: dict[str, datetime] = {}
    pages = Drive.pages

    def slow(drive: Drive, link: str, page_size: int) -> Iterator[DrivePage]:
        seen = changed if link else listed
        for page in pages(drive, link, page_size):
            seen.update((item.id, there.running.world.now()) for item in page.items)
            there.running.world.time.advance(seconds=5)
            yield page

    monkeypatch.setattr(Drive, "pages", slow)
    asked = {
        each.document_id if hasattr(each, "document_id") else each.document.id: page.asked
        for page in there.read(connector, cursor)
        for each in page.changes
    }
    assert asked[late] <= listed[late]
    assert asked[made["notes.md"]] <= changed[made["notes.md"]]
