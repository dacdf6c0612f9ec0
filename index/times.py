"""Times as numbers: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NEVER = -(2**63)
"""Stands for no time; less than any time."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND


def to_number(time: datetime | None) -> int:
    """`time` (time zone aware) as a number.

    Raises:
        ValueError: the time has no time zone.
    """
    if time is None:
        return NEVER
    if time.tzinfo is None:
        raise ValueError("a time without a time zone")
    return (time - EPOCH) // MICROSECOND


def to_time(number: int) -> datetime | None:
    """The time that `to_number` made `number` from, in UTC.

    A number beyond all times, which one that passed through a float may have become, is the
    nearest time.
    """
    return None if number == NEVER else EPOCH + min(max(number, _FIRST), _LAST) * MICROSECOND
