"""The clock by which grants expire and knowledge grows old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present instant, time zone aware. A parameter, so that tests can move it."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of two of our machines may differ. Knowledge dated later than this is not
young: some clock was wrong, and until it is confirmed again nobody can say how old it is."""


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


def is_young(told: datetime, now: datetime, max_age: timedelta) -> bool:
    """Whether knowledge of the moment `told` may be acted on at `now`: no older, nor to come."""
    return -CLOCK_SKEW <= now - told <= max_age
