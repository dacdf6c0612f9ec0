"""How often one credential may ask, shared by every process that uses it.

A vendor counts requests per credential, while Dagster runs many partitions in processes of their
own. They meet in a small file: it holds one number, the time at which the bucket is full again
(the "theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371). A lock of the
operating system is held only while the number is read and written, so a process that dies holds
nothing, and one that waits has taken nothing yet.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from access import Source
from connectors.interface import NotConfigured

_FULL = struct.Struct("<d")
_LONGEST = 86_400.0
"""Seconds. What lies further ahead is no pause but a clock that was set back."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A token bucket in a file."""

    source: Source
    path: Path
    """The file; its name is a hash, and it holds nothing of the credential."""
    rate: float
    """Requests a second that the bucket is filled with."""
    burst: int
    """Requests that it holds when full."""
    clock: Callable[[], float] = field(default=time.time, repr=False)
    """Seconds since the epoch, the same in every process."""

    @classmethod
    def of(
        cls, folder: Path | None, source: Source, credential: str, rate: float, burst: int
    ) -> Self | None:
        """The budget of a credential; None without a folder, for a client that is alone.

        Args:
            folder: where the processes of this installation meet.
            source: whose API it is.
            credential: what the vendor counts by: a token, a key. Only its hash is kept.
            rate: requests a second, more than 0.
            burst: requests at once, at least 1.
        """
        if folder is None:
            return None
        digest = hashlib.sha256(f"{source.value}\0{credential}".encode()).hexdigest()
        return cls(source, folder / f"{source.value}-{digest[:32]}", rate, burst)

    def take(self) -> float:
        """Take one request's place and give 0, or give the seconds after which to try again.

        Raises:
            NotConfigured: the file can't be written.
        """
        with self._held() as file:
            now = self.clock()
            full = self._read(file, now)
            wait = full - self._ahead - now
            if wait > 0:
                return wait
            _write(file, max(full, now) + 1 / self.rate)
            return 0.0

    def pause(self, seconds: float) -> None:
        """Let nobody ask for so many seconds, and nobody make up for them afterwards.

        Raises:
            NotConfigured: the file can't be written.
        """
        with self._held() as file:
            now = self.clock()
            until = now + min(seconds, _LONGEST) + self._ahead
            _write(file, max(self._read(file, now), until))

    @property
    def _ahead(self) -> float:
        """By how many seconds the bucket may be short of full for a request to pass."""
        return (self.burst - 1) / self.rate

    @contextmanager
    def _held(self) -> Iterator[int]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
            finally:
                os.close(file)
        except OSError as error:
            raise NotConfigured(
                self.source,
                f"the budget of its credential can't be kept ({error.strerror})",
                f"See to {self.path}: who syncs must be able to write it, and its disk have room.",
            ) from None

    def _read(self, file: int, now: float) -> float:
        told = os.pread(file, _FULL.size, 0)
        full = float(_FULL.unpack(told)[0]) if len(told) == _FULL.size else 0.0
        # Also false for what is no number: a file that something else wrote over.
        return full if 0 <= full <= now + _LONGEST + self._ahead else 0.0


def _write(file: int, full: float) -> None:
    os.pwrite(file, _FULL.pack(full), 0)
