"""Virtual time: it moves when told to, or with the wall clock from a fixed start."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
"""When a world begins unless told otherwise: a Monday."""


class Clock:
    """What time it is in the world; never runs backwards."""

    __slots__ = ("_mark", "_now", "ticking")

    def __init__(self, start: datetime = START, *, ticking: bool = False):
        """Begin at `start`; `ticking` lets the wall clock add to it."""
        self._now = start
        self._mark = time.monotonic()
        self.ticking = ticking

    def now(self) -> datetime:
        """The world's time: aware, UTC."""
        if not self.ticking:
            return self._now
        return self._now + timedelta(seconds=time.monotonic() - self._mark)

    def advance(self, seconds: float) -> datetime:
        """Move on by `seconds` (0 or more) and tell the new time.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError("time does not run backwards")
        return self.set(self.now() + timedelta(seconds=seconds))

    def set(self, instant: datetime) -> datetime:
        """Jump to `instant` if it is later than now; tell the new time."""
        self._now = max(self.now(), instant)
        self._mark = time.monotonic()
        return self._now


def parse(text: str) -> datetime:
    """An RFC 3339 time as an aware UTC datetime; without an offset it is UTC.

    Raises:
        ValueError: the text is no such time.
    """
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def rfc3339(instant: datetime) -> str:
    """The instant as RFC 3339 in UTC with milliseconds: ``2026-06-15T09:00:00.000Z``."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
