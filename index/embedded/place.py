"""The folder of the embedded index, when it can't be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.interface import SearchIndexError


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Tell of a folder that can't be made, read or written in a line that says what to do.

    Args:
        folder: what is used in the block.

    Raises:
        SearchIndexError: the file system or SQLite refused.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SearchIndexError(
            f"the index in {folder.absolute()} can't be used ({reason}); see that this account may"
            " write there, or name another place in BAILIWICK_INDEX_FOLDER or BAILIWICK_HOME"
        ) from error
