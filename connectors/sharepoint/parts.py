"""What a site holds: libraries, page libraries and lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from msgraph.generated.sites.item.drives.drives_request_builder import DrivesRequestBuilder
from msgraph.generated.sites.item.lists.lists_request_builder import ListsRequestBuilder

from connectors.interface import SourceUnavailable
from connectors.sharepoint.client import SharePointClient, asking
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.refusals import MET, Met, Refusals
from connectors.sharepoint.sites import Site, asked

_PAGES = {119, 850}
"""``BaseTemplate`` of page libraries: site pages, and those of publishing sites
(learn.microsoft.com, SPListTemplateType)."""
_LIBRARY = 1
"""``BaseType`` of libraries."""
_RULES = 1
"""Raise when documents get other clauses for the same permissions, so that all get them."""
_OWN = 2
"""``ReadSecurity``: people see what they made."""
_APPROVERS = 2
_SELECTED = (
    "Id,Title,BaseType,BaseTemplate,Hidden,IsCatalog,ItemCount,ReadSecurity,EnableMinorVersions,"
    "EnableModeration,DraftVersionVisibility,EnableAttachments,ParentWebUrl,RootFolder/ServerRelativeUrl"
)


class PartKind(StrEnum):
    """How a part of a site is read."""

    LIBRARY = "library"
    PAGES = "pages"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Part:
    """A library or list of a site."""

    site: Site
    kind: PartKind
    list: str
    """Its GUID, in lower case."""
    title: str
    origin: str
    """The host's address, without a path."""
    folder: str
    """The path of its root folder on the host."""
    count: int | None
    """How many items and folders SharePoint says that it holds; None where it does not say."""
    drive: str = ""
    """The id of the drive that a library is."""
    own_only: bool = False
    """Whether it shows people only the items that they made."""
    drafts: int = 0
    """Who reads what is not published: 0 every reader, 1 editors, 2 approvers."""
    moderated: bool = False
    """Whether somebody must approve what is published."""
    attachments: bool = False
    """Whether its items may have files attached."""
    refused: Met | None = field(default=None, compare=False)
    """Why the drive that a library is can't be told; None where it can."""

    @property
    def key(self) -> str:
        """A stable name within the site."""
        return f"{self.kind}/{self.list}"

    @property
    def rules(self) -> str:
        """A digest of what its settings say of how and for whom its documents are read.

        No change log tells of these, so what was read by other rules has to be looked at again.
        """
        held = [_RULES, self.own_only, self.drafts, self.moderated, self.attachments]
        return sha256(json.dumps([*held, self.url(self.folder)]).encode()).hexdigest()[:16]

    def api(self, path: str) -> str:
        """The address of something in the list's REST, such as ``items``."""
        return self.site.api(f"web/lists(guid'{self.list}'){path}")

    def url(self, path: str) -> str:
        """The address of what has this path on the host."""
        return f"{self.origin}{quote(path)}"


def parts(client: SharePointClient, site: Site) -> list[Part]:
    """The libraries, page libraries and lists of a site, in an order that stays.

    Hidden lists and catalogs hold SharePoint's own things and are left out. A library whose drive
    refuses to be told is one that can't be read, and no reason to read none.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        SharePointRefused: the site does.
    """
    drives = _Drives(client, site)
    url = site.api(f"web/lists?$select={_SELECTED}&$expand=RootFolder&$top=5000")
    found = []
    for rows in client.rest_pages(site.host, url):
        for row in rows:
            if row.get("Hidden") or row.get("IsCatalog"):
                continue
            if (part := _part(site, row, drives)) is not None:
                found.append(part)
    return sorted(found, key=lambda part: part.key)


def _part(site: Site, row: dict[str, Any], drives: _Drives) -> Part | None:
    id = str(row["Id"]).lower()
    template = int(row.get("BaseTemplate") or 0)
    drive, refused = "", None
    if template in _PAGES:
        kind = PartKind.PAGES
    elif row.get("BaseType") == _LIBRARY:
        told = drives.of(id)
        if not told:
            return None  # of SharePoint's own making, and shown to nobody as a library
        drive, refused = (told, None) if isinstance(told, str) else ("", told)
        kind = PartKind.LIBRARY
    else:
        kind = PartKind.LIST
    # What is not told counts as if it let in the fewest.
    moderated = row.get("EnableModeration") is not False
    # What waits for approval is a draft too, where there are no minor versions.
    drafted = moderated or row.get("EnableMinorVersions") is not False
    security = row.get("ReadSecurity")
    drafts = row.get("DraftVersionVisibility")
    return Part(
        site=site,
        kind=kind,
        list=id,
        title=str(row.get("Title") or ""),
        origin=unquote(site.url).rstrip("/").removesuffix(str(row.get("ParentWebUrl")).rstrip("/")),
        folder=str((row.get("RootFolder") or {}).get("ServerRelativeUrl") or "").rstrip("/"),
        count=None if row.get("ItemCount") is None else int(row["ItemCount"]),
        drive=drive,
        refused=refused,
        own_only=not isinstance(security, int) or security == _OWN,
        drafts=(drafts if isinstance(drafts, int) else _APPROVERS) if drafted else 0,
        moderated=moderated,
        attachments=row.get("EnableAttachments") is True,
    )


def all_told(client: SharePointClient, site: Site, found: Iterable[Part]) -> bool:
    """Whether `found` lacks no library or list that Graph tells of.

    A listing that ended early says nothing of it, and what is in a list that it left out would
    seem to be gone. Graph lists them apart from REST; what only Graph has is asked for by itself,
    and where REST does not say what that is, nothing is proven.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        SharePointRefused: the site does.
    """
    query = ListsRequestBuilder.ListsRequestBuilderGetQueryParameters(select=["id", "list"])
    builder = client.graph.sites.by_site_id(site.id).lists
    known = {part.list for part in found}
    drives = _Drives(client, site)
    for page in client.pages(lambda: builder.to_get_request_information(asking(query))):
        for told in page.value:
            id = str(told["id"]).lower()
            if id in known or (told.get("list") or {}).get("hidden"):
                continue
            url = site.api(f"web/lists(guid'{id}')?$select={_SELECTED}&$expand=RootFolder")
            try:
                row = client.rest(site.host, url)
            except (SharePointRefused, SourceUnavailable):
                return False
            own = row.get("Hidden") or row.get("IsCatalog")
            if not own and _part(site, row, drives) is not None:
                return False
    return True


class _Drives:
    """The drive of each library of a site."""

    def __init__(self, client: SharePointClient, site: Site):
        self._lists = client.graph.sites.by_site_id(site.id).lists
        self._client = client
        self._known: dict[str, str | Met] = dict(_told(client, site))
        self._refusals = Refusals("a library of a site can't be read", partial(asked, client, site))

    def of(self, library: str) -> str | Met:
        """The id of a library's drive; empty where it has none, or else why it can't be told.

        One that was not listed with the others is asked for by itself.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        if library not in self._known:
            drive = self._lists.by_list_id(library).drive
            try:
                told = self._client.told(drive.to_get_request_information)
                self._known[library] = str(told["id"])
                self._refusals.answered()
            except MET as error:
                self._refusals.met(library, error)
                self._known[library] = "" if error.status == 404 else error
        return self._known[library]


def _told(client: SharePointClient, site: Site) -> Iterator[tuple[str, str]]:
    query = DrivesRequestBuilder.DrivesRequestBuilderGetQueryParameters(
        select=["id", "sharePointIds"]
    )
    builder = client.graph.sites.by_site_id(site.id).drives
    for page in client.pages(lambda: builder.to_get_request_information(asking(query))):
        for row in page.value:
            ids = row.get("sharePointIds") or row.get("sharepointIds") or {}
            yield str(ids.get("listId") or "").lower(), str(row["id"])
