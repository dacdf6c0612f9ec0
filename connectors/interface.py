"""The contract between a source system and the rest.

ConnectorError
├── NotConfigured
├── AuthenticationFailed
├── MissingScope
├── ApiDisabled
├── SourceUnavailable
│   ├── PartUnavailable
│   └── Throttled
└── CursorExpired
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from access import Source
from corpus import Container, Cursor, MembershipPage, Page, PermissionPage

if TYPE_CHECKING:
    from connectors.capability import Capability

KnownVersions = Callable[[Sequence[str]], Mapping[str, str]]
"""Tells, for some document ids, the versions whose bodies are already stored. A connector asks
once a page and then downloads only what differs, reporting the rest as `Reacl`."""


class ConnectorError(Exception):
    """Root of every error that a connector raises.

    An error about one document is never raised: it is a `Failed` among the changes.
    """

    def __init__(self, source: Source, reason: str, remedy: str, status: int | None = None):
        """Keep what an operator needs to know.

        Args:
            source: the system concerned.
            reason: what went wrong, without secrets, titles or addresses.
            remedy: what to do about it.
            status: the HTTP status, where there was one.
        """
        said = f"HTTP {status}: " if status is not None else ""
        super().__init__(f"{source}: {said}{reason}. {remedy}")
        self.source = source
        self.reason = reason
        self.remedy = remedy
        self.status = status


class NotConfigured(ConnectorError):
    """The settings name no credentials for this source."""


class AuthenticationFailed(ConnectorError):
    """The source refused the credentials; trying again is no use."""


class MissingScope(ConnectorError):
    """The credentials are good but may not do what is needed."""


class ApiDisabled(ConnectorError):
    """The credentials are good, but the vendor's API is switched off for them."""


class SourceUnavailable(ConnectorError):
    """The source did not answer, or not sensibly, after retries; trying later may help."""


class PartUnavailable(SourceUnavailable):
    """A part of a container can't be read. Raised at the end: everything else was told."""


class Throttled(SourceUnavailable):
    """Too much was asked with these credentials, whatever it was about: only time helps."""


class CursorExpired(ConnectorError):
    """The source no longer knows this place in its feed: reconcile before going on."""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Some of the documents that a container holds now."""

    versions: Mapping[str, str]
    """Version by document id."""
    complete: bool
    """True on the last page alone, and only if every page of every part was read and the source
    itself did not say that the list was cut short. Absence from a listing without such a page
    proves nothing of the container, and of a part only what `whole` and `parts` say."""
    part: str = ""
    """The part of the container that `versions` are in; empty where the source has no parts."""
    whole: bool = False
    """Whether everything in `part` has been told with this page, by the same proof."""
    parts: frozenset[str] | None = None
    """On the last page, every part that the container has, read or not: what was in another is
    gone. None where that is not proven, and where the source has no parts."""
    refused: ConnectorError | None = None
    """On the last page, why a part could not be read, though the others could."""


class SourceConnector(Protocol):
    """One source system, read-only.

    Errors about the whole source raise `ConnectorError`; errors about one document are
    `Failed` changes. Iterators are lazy: a caller that stops early costs no more requests.
    """

    source: Source

    def containers(self) -> Iterator[Container]:
        """Every container that the credentials and the settings admit."""
        ...

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """What changed in `container` after `since`, or all of it when None.

        The cursor of each page is a place to go on from, should the reader die there.
        """
        ...

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        """Who may read what in `container`, where it changed after `since`, or all of it."""
        ...

    def listing(
        self, container: Container, parts: Collection[str] | None = None
    ) -> Iterator[ListingPage]:
        """The ids and versions of all that `changes` would report, without their bodies.

        An id names a document of one part: what moves to another part either gets another id
        there, or the feeds of both parts tell of the move.

        Args:
            container: what to list.
            parts: only these of its parts, as a page asked for with `compare`; None is all. A
                source without parts is always listed whole.

        Raises:
            ConnectorError: the container can't be listed. One of its parts that can't be is
                `refused` on the last page instead.
        """
        ...

    def memberships(self) -> Iterator[MembershipPage]:
        """The members of every group that the source can list."""
        ...

    def capabilities(self) -> Iterator[Capability]:
        """Everything that a sync with these settings needs to do, each tried with a request.

        Raises:
            AuthenticationFailed: the credentials are refused, so that nothing can be tried.
        """
        ...
