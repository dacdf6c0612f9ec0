"""The index in service, followed when it moves to another version."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from index.interface import Index, SearchIndexError
from index.versions import Versions


class Lender(Protocol):
    """Lends an index for the length of one query."""

    def lend(self) -> AbstractContextManager[Index]:
        """The index to ask, not to be closed by the borrower."""
        ...

    def moved(self, index: Index) -> bool:
        """Whether another index than this one, which was lent, is to be asked by now."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


class Fixed:
    """Lends always the same index, whatever is in service."""

    def __init__(self, index: Index) -> None:
        """Lends `index`, and closes it with itself."""
        self._index = index

    @contextmanager
    def lend(self) -> Iterator[Index]:
        """The index."""
        yield self._index

    def moved(self, index: Index) -> bool:  # noqa: ARG002
        """See `Lender.moved`. Never."""
        return False

    def close(self) -> None:
        """Close the index."""
        self._index.close()


class Serving:
    """Lends the index in service. Each loan is of one version from beginning to end.

    Threads may share an object. A version that is no longer in service is closed when the last
    loan of it ends.
    """

    def __init__(
        self,
        versions: Versions,
        every: float = 1.0,
        fits: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Follows `versions`, looking for a switch at most once in `every` seconds.

        Args:
            versions: where versions are, and which is in service.
            every: seconds between looks.
            fits: tells by a version's name whether the asker's model made its vectors. One that
                does not fit is not followed: the last that did goes on serving.
        """
        self._versions = versions
        self._every = every
        self._fits = fits
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

    def moved(self, index: Index) -> bool:
        """See `Lender.moved`. Looks at once: its version may have been dropped after a switch."""
        with self._lock:
            self._looked = float("-inf")
            return self._follow() is not index

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
        if not self._fits(name):
            if self._current is None:
                raise SearchIndexError(
                    "the index in service was made by another embedding model; set that model "
                    "again, or run `bailiwick index rebuild` and `bailiwick index switch`"
                )
        elif self._current is None or self._current.version != name or not self._current.present():
            found = next((v for v in self._versions.all() if v.name == name), None)
            if found is None:
                raise SearchIndexError(
                    f"the index version {name}, which is in service, is not there or damaged: run"
                    " `bailiwick index rebuild` and `bailiwick index switch`"
                )
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
