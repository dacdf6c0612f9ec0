"""Where the connector is in a container, inside the token of a `Position`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from access import Source
from connectors.position import Position, unreadable
from corpus import Cursor

CRAWL = "crawl"
"""Reading everything; the change log's place was noted before."""
CHANGES = "changes"
"""Following the change log."""
SWEEP = "sweep"
"""Reading every permission."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in one of the feeds of a container."""

    phase: str
    page: str = ""
    """The page to read next: of the listing, or of the change log."""
    start: str = ""
    """Where the change log stood before the crawl; empty where there is none."""
    account: str | None = None
    """Whom the container is read as: page tokens are theirs, so another account begins anew."""
    doubt: bool = False
    """Whether the change log told, before this, of something gone that may have been a folder."""

    def cursor(self) -> Cursor:
        """This place, to be saved."""
        token = json.dumps([self.page, self.start, self.account, self.doubt])
        return Position(self.phase, token).cursor()

    def at(self, page: str) -> Place:
        """The same, at another page."""
        return replace(self, page=page)

    @classmethod
    def saved(cls, since: Cursor | None, phases: tuple[str, ...]) -> Place | None:
        """The place that `since` saved; None at the beginning of a feed.

        Raises:
            CursorExpired: this connector, as it is now, did not write `since`.
        """
        if since is None:
            return None
        place = Position.start(Source.GOOGLE_DRIVE, since, phases)
        if not place.token:
            return None  # at its beginning, or after its end
        try:
            page, start, account, *doubt = json.loads(place.token)
        except (ValueError, TypeError):
            raise unreadable(Source.GOOGLE_DRIVE) from None
        return cls(place.phase, str(page), str(start), account, any(doubt))
