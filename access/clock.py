"""The clock by which grants expire and knowledge grows old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, time zone aware. A parameter, so that tests can move it."""


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)
