"""How a part of a site is read, be it a library, a page library or a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from access import AccessControl, Clause, Source
from connectors.sharepoint.bearers import Bearer, Guard
from connectors.sharepoint.flags import Unplaced
from connectors.sharepoint.parts import Part
from connectors.sharepoint.permissions import Permissions
from connectors.sharepoint.refusals import Met
from corpus import Document

MakePermissions = Callable[[], Permissions]
"""Begins a look at permissions, dated now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as a listing tells of it, with the means to read the rest."""

    id: str
    version: str
    access: Callable[[], AccessControl]
    """Who may read it; may raise `ConnectorError`."""
    read: Callable[[AccessControl], Document]
    """The document with its body; may raise `ConnectorError` and `Refused`."""


@dataclass(frozen=True, slots=True)
class PartPage:
    """A page of all that a part holds."""

    entries: tuple[Entry, ...]
    link: str
    """The address that this page was asked for with; empty for the first."""
    next: str | None
    """The address of the next page; None on the last."""
    mark: str = ""
    """On the last page, where to follow the changes, if that page tells."""
    within: Mapping[str, str | None] = field(default_factory=dict)
    """The folder that each thing on the page is in, folders too; None where it is not told. All
    of a list's rows count as in the list."""
    promised: Mapping[str, int | None] = field(default_factory=dict)
    """How many things each folder on the page says that it holds; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A page of what happened in a part."""

    entries: tuple[Entry, ...]
    """Documents that are new, or not as they were."""
    mark: str
    """Where to go on after this page."""
    gone: frozenset[str] = frozenset()
    """Ids of documents and of folders that are there no more."""
    lost: bool = False
    """Whether something is gone of which it is not told what it was."""
    beneath: Callable[[], Iterator[tuple[Entry, ...]]] | None = field(default=None)
    """Documents in a folder that was moved, renamed or shared: nothing is told of them."""
    top: str | None = None
    """A digest of the part's own permissions, to be handed to the next `since`; empty where they
    can't be told, None where they were not looked at."""
    clauses: tuple[Clause, ...] = ()
    """Those permissions. Documents that have the part's need not be looked at."""


class PartReader(Protocol):
    """Reads one part. Its permissions are looked at as one, until `begin` is called again."""

    part: Part

    def begin(self) -> None:
        """Forget what is known of permissions and folders: it may be what has changed."""
        ...

    def mark(self) -> str:
        """Where the changes stand now; empty where the last page of `whole` will tell."""
        ...

    def whole(self, link: str, page_size: int) -> Iterator[PartPage]:
        """Everything in the part, from a page on. Raises `ConnectorError` and `Refused`."""
        ...

    def everything(self) -> Iterator[tuple[Entry, ...]]:
        """Every document in the part, looked at anew; raises as `whole`."""
        ...

    def since(self, mark: str, top: str) -> Iterator[Happened]:
        """What happened since a place, where `top` was told last; empty where it is not known.

        Raises `CursorExpired`, and as `whole`.
        """
        ...

    def top(self) -> AccessControl:
        """Who reads what has the part's own permissions; raises `ConnectorError`."""
        ...


class Refusing:
    """Stands for the reader of a part that refused before it could be read."""

    def __init__(self, part: Part, refused: Met, permissions: MakePermissions):
        """Prepare, without a request.

        Args:
            part: which one.
            refused: what was met.
            permissions: begins a look at permissions, which may be told even so.
        """
        self.part = part
        self._refused = refused
        self._make = permissions

    def begin(self) -> None:
        """Forget nothing: nothing is known."""

    def mark(self) -> str:
        """Raises what was met."""
        raise self._refused

    def whole(self, link: str, page_size: int) -> Iterator[PartPage]:  # noqa: ARG002
        """Raises what was met."""
        raise self._refused

    def everything(self) -> Iterator[tuple[Entry, ...]]:
        """Raises what was met."""
        raise self._refused

    def since(self, mark: str, top: str) -> Iterator[Happened]:  # noqa: ARG002
        """Raises what was met."""
        raise self._refused

    def top(self) -> AccessControl:
        """Who reads what has the part's own permissions; raises `ConnectorError`."""
        bearer = Bearer(self.part.site, self.part.list)
        return self._make().access(Guard(bearer, self.part.drafts))


def guarded(
    permissions: Permissions,
    key: str,
    guard: Callable[[], Guard],
) -> AccessControl:
    """Who may read a document that is guarded so; unknown where that can't be told.

    Args:
        permissions: reads the bearer's role assignments.
        key: names the clause of a document whose guard can't be found.
        guard: finds it; may raise `Unplaced`.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
    """
    try:
        return permissions.access(guard())
    except Unplaced:
        reason = "whose permissions hold here can't be found out"
        unknown = Clause.unknown(Source.SHAREPOINT, key, reason, permissions.began)
        return AccessControl.all_of(unknown)
