"""The index in service, followed when it moves to another version."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from index.interface import Index, SearchIndexError, UnknownVersion
from index.versions import Versions


class Serving:
    """Lends the index in service. Each loan is of one version from beginning to end.

    Threads may share an object. A version that is no longer in service is closed when the last
    loan of it ends.
    """

    def __init__(self, versions: Versions, every: float = 1.0) -> None:
        """Follows `versions`, looking for a switch at most once in `every` seconds."""
        self._versions = versions
        self._every = every
        self._lock = threading.Lock()
        self._current: Index | None = None
        self._looked = float("-inf")
        self._loans: dict[int, int] = {}

    @contextmanager
    def lend(self) -> Iterator[Index]:
        """The index in service, not to be closed by the borrower.

        Raises:
            SearchIndexError: no version is in service, or it can't be opened.
        """
        with self._lock:
            index = self._follow()
            self._loans[id(index)] = self._loans.get(id(index), 0) + 1
        try:
            yield index
        finally:
            with self._lock:
                self._loans[id(index)] -= 1
                self._retire(index)

    def close(self) -> None:
        """Close the index in service; loans must have ended."""
        with self._lock:
            if self._current is not None:
                self._current.close()
                self._current = None
            self._looked = float("-inf")

    def _follow(self) -> Index:
        now = time.monotonic()
        if self._current is not None and now - self._looked < self._every:
            return self._current
        name = self._versions.serving()
        if name is None:
            raise SearchIndexError("no index version is in service yet")
        if self._current is None or self._current.version != name:
            found = next((v for v in self._versions.all() if v.name == name), None)
            if found is None:
                raise UnknownVersion(name)
            old, self._current = self._current, self._versions.open(name, found.dimensions)
            if old is not None:
                self._retire(old)
        self._looked = now
        return self._current

    def _retire(self, index: Index) -> None:
        if not self._loans.get(id(index)):
            self._loans.pop(id(index), None)
            if index is not self._current:
                index.close()
