"""Whether a listing gave everything that it promised."""

from __future__ import annotations

from collections import Counter

from connectors.sharepoint.reader import PartPage


class Tally:
    """Counts what a listing of a part gave, folder by folder.

    One sum over all folders would let a file that came into one folder stand for another that
    was left out elsewhere.
    """

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._seen: set[str] = set()
        self._given: Counter[str | None] = Counter()
        self._promised: dict[str, int | None] = {}

    def add(self, page: PartPage) -> None:
        """Count a page; what came on an earlier one too counts once."""
        self._promised.update(page.promised)
        for id, folder in page.within.items():
            if id not in self._seen:
                self._seen.add(id)
                self._given[folder] += 1

    @property
    def complete(self) -> bool:
        """Whether each folder gave as many things as it said that it holds.

        What lies in a folder that was not told of, or that does not say how much it holds,
        proves nothing.
        """
        if not self._promised or not self._given.keys() <= self._promised.keys():
            return False
        return all(
            count is not None and self._given[folder] >= count
            for folder, count in self._promised.items()
        )
