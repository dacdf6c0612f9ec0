"""A page is as old as the first asking for it, ours or its connector's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from corpus import Cursor, Page
from sync.asking import asking

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_page_read_ahead_is_as_old_as_it_says_and_never_younger_than_we_asked() -> None:
    hour = timedelta(hours=1)
    pages = [Page((), Cursor(""), asked=when) for when in (None, NOW - hour, NOW + hour)]
    assert [asked for _, asked in asking(pages, lambda: NOW)] == [NOW, NOW - hour, NOW]
