"""Trying a request again: bounded, jittered, and at the server's own word."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from access import Source
from connectors.interface import SourceUnavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Again:
    """The judgement that a failed request may succeed later."""

    reason: str
    """What happened, without titles, addresses or secrets."""
    status: int | None = None
    """The HTTP status; None when there was no answer."""
    after: float | None = None
    """Seconds that the server asked to wait; None when it did not say."""


Judge = Callable[[Exception], "Again | Exception"]
"""Tells what a failed request means: try `Again`, or raise the error that it gives."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How one source's requests are tried again."""

    source: Source
    attempts: int
    """How often in all."""
    longest_wait: float
    """Seconds that one wait may last; a server that asks for more is not waited for."""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)
    """Uniform in [0, 1)."""

    def call(self, request: Callable[[], T], judge: Judge) -> T:
        """The answer to `request`, tried until it succeeds or no more is allowed.

        Waits what the server asks, else full-jittered exponential back-off from one second.

        Raises:
            SourceUnavailable: every attempt failed, or the server asks for too long a wait.
            Exception: whatever `judge` made of an error that is not worth another try.
        """
        again = Again("not tried")
        for attempt in range(1, self.attempts + 1):
            try:
                return request()
            except Exception as error:  # noqa: BLE001 - the judge sorts them
                verdict = judge(error)
                if not isinstance(verdict, Again):
                    raise verdict from None
                again = verdict
            wait = again.after
            if wait is not None and wait > self.longest_wait:
                raise SourceUnavailable(
                    self.source,
                    f"{again.reason}, to be tried again in {wait:.0f} seconds",
                    "Run the sync again then; it goes on where it stopped.",
                    again.status,
                )
            if attempt < self.attempts:
                backoff = min(self.longest_wait, 2.0 ** (attempt - 1)) * self.jitter()
                self.sleep(wait if wait is not None else backoff)
        raise SourceUnavailable(
            self.source,
            f"{again.reason}, {self.attempts} times in a row",
            "Run the sync again later; it goes on where it stopped.",
            again.status,
        )


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait by a ``Retry-After`` header (RFC 9110 §10.2.3): a number or a date.

    None when there is no header or it can't be read; never negative.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
