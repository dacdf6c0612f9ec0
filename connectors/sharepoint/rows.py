"""Rows of a list or page library, by SharePoint's REST, and which of them changed, by Graph.

Graph tells nothing of permissions on list items and pages; REST tells with each row whether it
has role assignments of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any
from urllib.parse import quote

from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.sites.item.lists.item.items.delta.delta_request_builder import (
    DeltaRequestBuilder,
)

from access import Source
from connectors.instants import instant
from connectors.interface import SourceUnavailable
from connectors.position import PageTokens
from connectors.sharepoint.bearers import Bearer
from connectors.sharepoint.client import GraphPage, SharePointClient, asking
from connectors.sharepoint.errors import SharePointRefused, placed
from connectors.sharepoint.flags import Unplaced
from connectors.sharepoint.parts import Part

_ALWAYS = (
    "Id,Title,UniqueId,Created,Modified,FileRef,FileLeafRef,FileDirRef,FileSystemObjectType,"
    "HasUniqueRoleAssignments,OData__UIVersionString,OData__ModerationStatus,"
    "Author/Name,Author/Title,Author/EMail"
)
_PREFERRED = ("deltashowremovedasdeleted", "deltashowsharingchanges", "hierarchicalsharing")
_FOLDER = 1
_TOGETHER = 30
"""Rows that are asked for by number at once, so that the address stays short."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, which may be a folder."""

    number: int
    id: str
    """Its GUID, in lower case."""
    title: str
    name: str
    """The last part of its path."""
    path: str
    """On the host."""
    above: str
    """The path of the folder that it is in."""
    folder: bool
    unique: bool
    """Whether it has role assignments of its own."""
    version: str
    """The number of its newest version, such as ``2.0``."""
    moderation: int | None
    """0 where that is approved; None where it is not told."""
    author: str
    """The login name of who made it; empty where it is not told."""
    owners: tuple[str, ...]
    created_at: datetime | None
    modified_at: datetime | None
    told: dict[str, Any]
    """All that SharePoint told."""

    @classmethod
    def read(cls, told: dict[str, Any]) -> Row:
        """The row that an ``SP.ListItem`` is."""
        author = told.get("Author") or {}
        owner = author.get("EMail") or author.get("Email") or author.get("Title")
        return cls(
            number=int(told["Id"]),
            id=str(told["UniqueId"]).lower(),
            title=str(told.get("Title") or ""),
            name=str(told.get("FileLeafRef") or ""),
            path=str(told.get("FileRef") or ""),
            above=str(told.get("FileDirRef") or "").rstrip("/"),
            folder=told.get("FileSystemObjectType") == _FOLDER,
            unique=told.get("HasUniqueRoleAssignments") is not False,
            version=str(told.get("OData__UIVersionString") or ""),
            moderation=told.get("OData__ModerationStatus"),
            author=str(author.get("Name") or author.get("LoginName") or ""),
            owners=(str(owner),) if owner else (),
            created_at=instant(told.get("Created")),
            modified_at=instant(told.get("Modified")),
            told=told,
        )

    def published(self, *, moderated: bool) -> bool:
        """Whether its newest version is published, and approved where it must be."""
        approved = self.moderation == 0 or (self.moderation is None and not moderated)
        return self.version.endswith(".0") and approved

    def unchanged(self, now: Row) -> bool:
        """Whether `now`, looked at later, is still what this was."""
        kept = ("Modified", "OData__UIVersionString", "OData__ModerationStatus", "FileRef", "Title")
        return all(self.told.get(key) == now.told.get(key) for key in kept)


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of rows."""

    rows: tuple[Row, ...]
    link: str
    next: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A page of what happened in a list."""

    rows: tuple[Row, ...]
    """As they are now."""
    lost: bool
    """Whether a row is gone: its number is told, and not which document it was."""
    mark: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to ask for of each row, beside what is always asked for."""

    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()


class Rows:
    """The rows of one list."""

    def __init__(self, client: SharePointClient, part: Part, wanted: Callable[[], Wanted] = Wanted):
        """Prepare, without a request.

        Args:
            client: asks Graph and SharePoint.
            part: the list.
            wanted: what to ask for beside what every row has; called when rows are first read.
        """
        self._client = client
        self._part = part
        self._wanted = wanted
        self._delta = client.graph.sites.by_site_id(part.site.id).lists.by_list_id(part.list).items

    @cached_property
    def _query(self) -> str:
        wanted = self._wanted()
        select = quote(",".join((_ALWAYS, *wanted.select)), safe="*,/_")
        expand = quote(",".join(("Author", *wanted.expand)), safe=",/_")
        return f"$select={select}&$expand={expand}"

    def pages(self, link: str, page_size: int) -> Iterator[RowPage]:
        """Every row, folders too.

        Raises:
            CursorExpired: the list no longer knows the page.
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the list does.
        """
        first = self._part.api(f"/items?{self._query}&$top={page_size}")
        yield from placed(self._pages(first, link))

    def _pages(self, first: str, link: str) -> Iterator[RowPage]:
        at = link
        tokens = PageTokens(Source.SHAREPOINT, link)
        while True:
            rows, following = self._client.rest_page(self._part.site.host, at or first)
            yield RowPage(tuple(map(_read, rows)), at, following)
            if following is None:
                return
            at = tokens.checked(following)

    def mark(self) -> str:
        """Where the list's changes stand now; raises as `pages`, but no `CursorExpired`."""
        builder = self._delta.delta_with_token("latest")
        for page in self._client.pages(lambda: builder.to_get_request_information(asking())):
            if page.delta:
                return page.delta
        raise _silent()

    def since(self, mark: str) -> Iterator[Changed]:
        """What happened since a place.

        Raises:
            CursorExpired: the list no longer knows the place.
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the list does.
        """
        query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(select=["id", "deleted"])

        def request() -> RequestInformation:
            return self._delta.delta.to_get_request_information(asking(query, *_PREFERRED))

        for page in placed(self._client.pages(request, mark)):
            yield self._changed(page)

    def _changed(self, page: GraphPage) -> Changed:
        mark = page.next or page.delta
        if not mark:
            raise _silent()
        gone = {str(row["id"]): "deleted" in row for row in page.value}
        numbers = sorted(int(id) for id, deleted in gone.items() if not deleted)
        rows = self.numbered(numbers)
        return Changed(tuple(rows), any(gone.values()) or len(rows) < len(numbers), mark)

    def numbered(self, numbers: Sequence[int]) -> list[Row]:
        """The rows with these numbers that are still there, as they are now; raises as `mark`."""
        found: dict[int, Row] = {}
        for start in range(0, len(numbers), _TOGETHER):
            some = numbers[start : start + _TOGETHER]
            which = quote(" or ".join(f"Id eq {number}" for number in some))
            url = self._part.api(f"/items?{self._query}&$filter={which}&$top={len(some)}")
            for rows in self._client.rest_pages(self._part.site.host, url):
                found.update((row.number, row) for row in map(_read, rows))
        return list(found.values())


class RowBearers:
    """Whose role assignments hold for the rows of a list."""

    def __init__(self, client: SharePointClient, part: Part):
        """Begin with nothing known."""
        self._client = client
        self._part = part
        self._top = Bearer(part.site, part.list)
        self._lock = Lock()
        self._folders: dict[str, Bearer] = {}

    def bearer(self, row: Row) -> Bearer:
        """The row itself, the nearest folder above that has its own, or the list's.

        Raises:
            Unplaced: it can't be told.
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        if row.unique:
            return Bearer(self._part.site, self._part.list, row.number)
        return self._of_folder(row.above)

    def _of_folder(self, path: str) -> Bearer:
        with self._lock:
            if not self._part.folder or not path.startswith(self._part.folder):
                raise Unplaced
            if path == self._part.folder:
                return self._top
            waiting = []
            while path not in self._folders and path != self._part.folder:
                number, unique = self._asked(path)
                if unique:
                    found = Bearer(self._part.site, self._part.list, number)
                    self._folders[path] = found
                    break
                waiting.append(path)
                path = path.rpartition("/")[0]
            held = self._folders.get(path) or self._top
            self._folders.update((each, held) for each in waiting)
            return held

    def _asked(self, path: str) -> tuple[int, bool]:
        name = quote(path.replace("'", "''"), safe="/")
        url = self._part.site.api(
            f"web/GetFolderByServerRelativePath(decodedurl='{name}')/ListItemAllFields"
            "?$select=Id,HasUniqueRoleAssignments"
        )
        try:
            told = self._client.rest(self._part.site.host, url)
        except SharePointRefused:
            raise Unplaced from None
        if not told.get("Id"):
            raise Unplaced
        return int(told["Id"]), told.get("HasUniqueRoleAssignments") is not False


def _read(told: dict[str, Any]) -> Row:
    try:
        return Row.read(told)
    except (KeyError, ValueError):
        raise SourceUnavailable(
            Source.SHAREPOINT, "a row of a list without its number or id", "Sync again later."
        ) from None


def _silent() -> SourceUnavailable:
    return SourceUnavailable(
        Source.SHAREPOINT,
        "a page of changes that does not say where to go on",
        "Run the sync again later.",
    )
