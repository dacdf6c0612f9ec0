"""Parts of a site that can't be read, told apart from a site, or a server, that can't."""

from __future__ import annotations

from connectors.interface import ConnectorError, PartUnavailable, SourceUnavailable
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.sites import unreadable

Met = SharePointRefused | SourceUnavailable
"""What reading a part may meet."""
_DOWN = 2
"""Parts that fail one after the other, with a server error in spite of every retry, before the
server counts as down."""


class Refusals:
    """Which parts of a site refused in one pass; the first of their errors is told at its end."""

    def __init__(self, what: str):
        """Begin with none.

        Args:
            what: what can't be done with a part that says no, without names.
        """
        self.parts: set[str] = set()
        """The keys of those that could not be read."""
        self.error: ConnectorError | None = None
        """What the first of them met; None where all were read."""
        self._what = what
        self._row = 0

    def answered(self) -> None:
        """A part was read: the server works."""
        self._row = 0

    def met(self, key: str, error: Met) -> None:
        """A part can't be read; return if the next one should be.

        A no (403, 404) concerns that part alone. So does one server error that outlasts every
        retry; the next part's, in a row, does not, and no third part's patience is spent on it.

        Raises:
            SourceUnavailable: the source as a whole is at fault.
        """
        if isinstance(error, SharePointRefused):
            self._row = 0
            found: ConnectorError = unreadable(error, self._what)
        else:
            self._row += 1
            if error.status is None or error.status < 500 or self._row >= _DOWN:
                raise error
            found = error
        self.parts.add(key)
        self.error = self.error or found

    def told(self) -> None:
        """Raise what the first part met that could not be read, if any.

        Raises:
            PartUnavailable: some could not be; the others were.
        """
        if (met := self.error) is not None:
            raise PartUnavailable(met.source, met.reason, met.remedy, met.status) from None
