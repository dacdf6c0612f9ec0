"""Trying a request again: bounded, jittered, and at the server's own word."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

from access import Source
from connectors.budget import Budget
from connectors.interface import SourceUnavailable, Throttled

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
    throttled: bool = False
    """Whether too much was asked of this credential, so that all who use it have to wait."""
    host: str = ""
    """Who was asked, with the port where there is one; told where there was no sensible answer."""
    setting: str = ""
    """What names the host: a variable, or where it stands."""

    def of(self, url: str, setting: str) -> Again:
        """This, with who was asked: of an address, which may hold a password, the host alone."""
        try:
            host = urlsplit(url).netloc.rpartition("@")[2]
        except ValueError:
            host = ""  # no address at all, such as one with half an IPv6 host
        return replace(self, host=host, setting=setting)


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
    budget: Budget | None = None
    """What every process with this credential shares; each attempt takes its place there."""

    def call(self, request: Callable[[], T], judge: Judge) -> T:
        """The answer to `request`, tried until it succeeds or no more is allowed.

        Waits what the server asks, else full-jittered exponential back-off from one second. What
        one process is told of throttling makes all others of the budget wait too.

        Raises:
            SourceUnavailable: every attempt failed, or the server asks for too long a wait;
                `Throttled` where that is for all who use the credential.
            Exception: whatever `judge` made of an error that is not worth another try.
        """
        again = Again("not tried")
        for attempt in range(1, self.attempts + 1):
            self._admitted()
            try:
                return request()
            except Exception as error:  # noqa: BLE001 - the judge sorts them
                verdict = judge(error)
                if not isinstance(verdict, Again):
                    raise verdict from None
                again = verdict
            backoff = min(self.longest_wait, 2.0 ** (attempt - 1)) * self.jitter()
            wait = again.after if again.after is not None else backoff
            everybody = self.budget if again.throttled else None
            if everybody is not None:
                everybody.pause(wait)
            if wait > self.longest_wait:
                raise self._later(again, wait)
            if attempt < self.attempts and everybody is None:
                self.sleep(wait)
        asked = f" from {again.host}" if again.host else ""
        asked += f", {self.attempts} times in a row" if self.attempts > 1 else ""
        remedy = "Run the sync again later; it goes on where it stopped."
        if again.setting:
            remedy = f"See that {again.setting} names the right host, and that it can be reached"
            remedy += " from here. Then run the sync again; it goes on where it stopped."
        raise _kind(again)(
            self.source,
            f"{again.reason}{asked}",
            remedy,
            again.status,
        )

    def _admitted(self) -> None:
        """Wait for a place in the budget."""
        while self.budget is not None and (wait := self.budget.take()):
            if wait > self.longest_wait:
                noted = f"throttled, as noted in {self.budget.path.name}"
                raise self._later(Again(noted, throttled=True), wait)
            self.sleep(wait)

    def _later(self, again: Again, wait: float) -> SourceUnavailable:
        return _kind(again)(
            self.source,
            f"{again.reason}, to be tried again in {wait:.0f} seconds",
            "Run the sync again then; it goes on where it stopped.",
            again.status,
        )


def _kind(again: Again) -> type[SourceUnavailable]:
    return Throttled if again.throttled else SourceUnavailable


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
