"""A page is as old as the first asking for it, ours or its connector's."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from corpus import Cursor, Page
from sync.asking import asking

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_page_read_ahead_is_as_old_as_it_says_and_never_younger_than_we_asked() -> None:
    hour = timedelta(hours=1)
    pages = [Page((), Cursor(""), asked=when) for when in (None, NOW - hour, NOW + hour)]
    assert [asked for _, asked in asking(pages, lambda: NOW)] == [NOW, NOW - hour, NOW]


def test_a_process_ends_after_an_error_while_its_threads_have_read_ahead(tmp_path: Path) -> None:
    """The interpreter joins its threads before it ends: none may wait for a page to be taken."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.sync.disk_full", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.rstrip().endswith("[Errno 28] No space left on device")
