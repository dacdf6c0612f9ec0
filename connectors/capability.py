"""What a sync needs of a source, each thing tried with a real request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from connectors.interface import AuthenticationFailed, ConnectorError
from connectors.refused import Refused


class Outcome(StrEnum):
    """How a try ended."""

    WORKS = "works"
    FAILS = "fails"
    UNTRIED = "untried"
    """There was nothing to try it on, such as no file or no group."""


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that a sync needs to do, and whether it can."""

    name: str
    """What is done: ``list shared drives``."""
    needed_for: str
    """What does not happen without it."""
    outcome: Outcome
    reason: str = ""
    """Why it fails, or was not tried; without secrets, titles or addresses."""
    remedy: str = ""
    """What to grant or switch on, and where."""

    @classmethod
    def untried(cls, name: str, needed_for: str, reason: str) -> Capability:
        """One that there is nothing to try on."""
        return cls(name, needed_for, Outcome.UNTRIED, reason)


def tried(
    name: str, needed_for: str, request: Callable[[], object], remedy: str = ""
) -> Capability:
    """Make a request, and tell how it ended.

    Args:
        name: what is done.
        needed_for: what does not happen without it.
        request: does it once; may raise `ConnectorError` and `Refused`.
        remedy: what to do if the source says no to this request alone.

    Raises:
        AuthenticationFailed: the credentials themselves are refused, so that nothing works.
    """
    try:
        request()
    except AuthenticationFailed:
        raise
    except Refused as refused:
        reason = f"HTTP {refused.status} {refused.reason}".rstrip()
        return Capability(name, needed_for, Outcome.FAILS, reason, refused.remedy or remedy)
    except ConnectorError as error:
        said = f"HTTP {error.status}: " if error.status is not None else ""
        return Capability(name, needed_for, Outcome.FAILS, said + error.reason, error.remedy)
    return Capability(name, needed_for, Outcome.WORKS)
