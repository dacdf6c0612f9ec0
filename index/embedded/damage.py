"""What went wrong with the files of an embedded index, in a line that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.interface import SearchIndexError

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""Any other error is of the disk, a lock or a connection: nothing is wrong with the file."""


class Lost(Exception):
    """A part of the index that its other parts speak of is not there."""


class Damaged(SearchIndexError):
    """A file of the index is not as it was written."""

    def __init__(self, folder: Path, reason: str) -> None:
        """Say what is wrong with the index in `folder`, and how to have it again."""
        super().__init__(
            f"the embedded index is damaged ({reason}): delete the folder {folder} and run"
            " `bailiwick index rebuild`; nothing is fetched or embedded again"
        )


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Raise what SQLite or the disk says of the index in `folder` as a `SearchIndexError`."""
    try:
        yield
    except Lost as error:
        raise Damaged(folder, str(error)) from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        undecodable = code is None and "decode" in str(error)
        if undecodable or (code is not None and code & 0xFF in _BROKEN):
            raise Damaged(folder, "text that is no text" if undecodable else str(error)) from error
        raise _unusable(folder, str(error)) from error
    except UnicodeDecodeError as error:  # of a name that SQLite quotes
        raise Damaged(folder, "names that are no text") from error
    except OSError as error:
        raise _unusable(folder, str(error.strerror)) from error


@contextmanager
def as_written(folder: Path) -> Iterator[None]:
    """Raise what comes of reading rows that are not as they were written as `Damaged`."""
    try:
        yield
    except (KeyError, ValueError, TypeError, IndexError, OverflowError) as error:
        raise Damaged(folder, f"rows that do not fit together, {type(error).__name__}") from error


def _unusable(folder: Path, reason: str) -> SearchIndexError:
    return SearchIndexError(
        f"the index in {folder.absolute()} can't be used ({reason}); see that this account"
        " may write there and the disk has room, or name another place in BAILIWICK_INDEX_FOLDER"
        " or BAILIWICK_HOME"
    )
