"""When a provider asks to wait, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may succeed."""


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait: RFC 9110 10.2.3, seconds or a date.

    None when it is absent or cannot be read; a date that has passed is 0.
    """
    if value is None:
        return None
    value = value.strip()
    if value.replace(".", "", 1).isdigit() and value.isascii():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def backoff(attempt: int) -> float:
    """Seconds to wait after the given failed attempt, from 1, when nobody says how long."""
    return min(30.0, 0.5 * 2.0 ** (attempt - 1))
