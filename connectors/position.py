"""Where a connector is in a crawl, as the text of a cursor."""

from __future__ import annotations

import json
from dataclasses import dataclass

from access import Source
from connectors.interface import CursorExpired, SourceUnavailable
from corpus import Cursor

END = "end"
"""The phase of a cursor from which the next call starts afresh."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a feed that is read page by page."""

    phase: str
    """Which part of the feed; `END` when there is no more."""
    token: str = ""
    """The source's own token of the page to read next; empty for the first page."""

    def cursor(self) -> Cursor:
        """This place, to be saved."""
        return Cursor(json.dumps({"v": 1, "phase": self.phase, "token": self.token}))

    @classmethod
    def start(cls, source: Source, since: Cursor | None, phases: tuple[str, ...]) -> Position:
        """The place that `since` saved, or the first of `phases` for None and for an ended feed.

        Raises:
            CursorExpired: this connector, as it is now, did not write `since`.
        """
        if since is None:
            return cls(phases[0])
        try:
            saved = json.loads(since.token)
            known = saved["v"] == 1 and saved["phase"] in (*phases, END)
            place = cls(str(saved["phase"]), str(saved["token"])) if known else None
        except (ValueError, KeyError, TypeError):
            place = None
        if place is None:
            raise unreadable(source)
        return cls(phases[0]) if place.phase == END else place


def unreadable(source: Source) -> CursorExpired:
    """The error about a saved place that this connector, as it is now, did not write."""
    return CursorExpired(source, "the saved place can't be read", "Reconcile from the start.")


class PageTokens:
    """Watches the page tokens of one listing, so that a server's mistake is no endless loop."""

    def __init__(self, source: Source, first: str = ""):
        """Begin at the page whose token is `first`."""
        self._source = source
        self._seen = {hash(first)}

    def checked(self, token: str) -> str:
        """`token`, if it was not used before in this listing.

        Raises:
            SourceUnavailable: it was.
        """
        if hash(token) in self._seen:
            raise SourceUnavailable(
                self._source,
                "repeated page token",
                "The source's paging is at fault; run the sync again later.",
            )
        self._seen.add(hash(token))
        return token
