"""Instants as JSON APIs write them."""

from __future__ import annotations

from datetime import datetime


def instant(text: object) -> datetime | None:
    """The instant that an RFC 3339 text names; None if it names none or has no time zone."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None
