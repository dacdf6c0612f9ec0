"""Parts of a site that can't be read, told apart from a site, or a server, that can't."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from connectors.interface import (
    ConnectorError,
    CursorExpired,
    PartUnavailable,
    SourceUnavailable,
    Throttled,
)
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.sites import unreadable

T = TypeVar("T")
Met = SharePointRefused | SourceUnavailable | CursorExpired
"""What reading a part may meet."""
MET = (SharePointRefused, SourceUnavailable, CursorExpired)
_ASK = 2
"""Parts that fail one after the other, with a server error or without any answer in spite of every
retry, before the site itself is asked: unless it answers, the server is down."""
_DOWN = 5
"""Such parts before the server counts as down whatever the site says. The retries of each may take
minutes, and an outage may concern all that is in a site and not the site."""


class Refusals:
    """Which parts of a site refused in one pass; the first of their errors is told at its end."""

    def __init__(self, what: str, ask: Callable[[], object]):
        """Begin with none.

        Args:
            what: what can't be done with a part that says no, without names.
            ask: asks for something of the site that is in no part, such as `sites.asked`.
        """
        self.parts: set[str] = set()
        """The keys of those that could not be read."""
        self.error: ConnectorError | None = None
        """What the first of them met; None where all were read."""
        self._what = what
        self._ask = ask
        self._row = 0

    def answered(self) -> None:
        """A part was read: the server works."""
        self._row = 0

    def met(self, key: str, error: Met) -> None:
        """A part can't be read; return if the next one should be.

        A no (403, 404) concerns that part alone, and so does a listing that is forgotten while it
        is read (410). So does one server error, or one silence, that outlasts every retry. Of the
        next part's, in a row, the site decides, which is asked then; a few more are borne with.

        Raises:
            ConnectorError: the source as a whole is at fault; `Throttled` at once.
        """
        if isinstance(error, SourceUnavailable):
            self._row += 1
            if isinstance(error, Throttled) or self._row >= _DOWN:
                raise error
            if self._row == _ASK and not self._works():
                raise error
        else:
            self._row = 0
        self.parts.add(key)
        self.error = self.error or meaning(error, self._what)

    def _works(self) -> bool:
        try:
            self._ask()
        except SharePointRefused:
            return True  # a no is an answer
        except Throttled:
            raise
        except SourceUnavailable:
            return False
        return True

    def told(self) -> None:
        """Raise what the first part met that could not be read, if any.

        Raises:
            PartUnavailable: some could not be; the others were.
        """
        if (met := self.error) is not None:
            raise PartUnavailable(met.source, met.reason, met.remedy, met.status) from None


def meaning(error: Met, what: str) -> ConnectorError:
    """What it means that a part, or a site, can't be read.

    A `CursorExpired` would say that the place in the feed is lost, of which nothing is known here.

    Args:
        error: what was met.
        what: what can't be done, without names.
    """
    if isinstance(error, SharePointRefused):
        return unreadable(error, what)
    if isinstance(error, CursorExpired):
        reason = f"{what} (its listing is forgotten while it is read)"
        return SourceUnavailable(error.source, reason, "Sync again later.", error.status)
    return error


def afresh(read: Callable[[str], Iterator[T]], link: str = "") -> Iterator[T]:
    """A listing, from a page on; if that is forgotten meanwhile (410), all of it once more.

    Raises:
        CursorExpired: it is forgotten again.
    """
    try:
        yield from read(link)
    except CursorExpired:
        yield from read("")
