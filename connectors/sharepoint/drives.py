"""Libraries as drives: their items, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.drives.item.items.item.delta.delta_request_builder import (
    DeltaRequestBuilder,
)
from msgraph.generated.drives.item.items.item.drive_item_item_request_builder import (
    DriveItemItemRequestBuilder,
)

from access import Source
from connectors.instants import instant
from connectors.interface import SourceUnavailable
from connectors.sharepoint.client import SharePointClient, asking
from connectors.sharepoint.errors import SharePointRefused, placed
from connectors.sharepoint.parts import Part
from connectors.versions import version_of

_SELECTED = [
    "id",
    "name",
    "size",
    "eTag",
    "cTag",
    "webUrl",
    "createdDateTime",
    "lastModifiedDateTime",
    "createdBy",
    "parentReference",
    "file",
    "folder",
    "package",
    "root",
    "deleted",
    "shared",
    "remoteItem",
    "sharepointIds",
]
_PREFERRED = (
    "deltashowremovedasdeleted",
    "deltatraversepermissiongaps",
    "deltashowsharingchanges",
    "hierarchicalsharing",
    "deltaExcludeParent",
)
"""What makes ``delta`` tell of changed permissions, with ``shared`` on the root and on what
carries permissions of its own, and not of every folder above a change
(learn.microsoft.com/onedrive/developer/rest-api/concepts/scan-guidance)."""
MOST = 1000
"""Items that are asked for at once where their bodies are not read."""
READINGS = 4
"""How often a file is read again whose size is not as told, or that changed meanwhile."""
_RENDERING = 1
"""Raise when the same file is read differently than before, so that it is read again."""


@dataclass(frozen=True, slots=True)
class DriveItem:
    """A file or folder, without its body."""

    id: str
    name: str
    parent: str | None
    """The id of the folder that it is in; None for the root, and where it is not told."""
    folder: bool
    root: bool
    """Whether it is the library's root folder."""
    gone: bool
    """Whether it is a tombstone."""
    shortcut: bool
    """Whether it only leads to something elsewhere."""
    shared: bool
    """Whether ``delta`` says that it has role assignments of its own; if not, that says nothing."""
    number: int
    """As an item of the list that the library is; 0 where it is not told."""
    media_type: str
    size: int
    """Bytes."""
    tag: str
    """What changes with the bytes."""
    state: str
    """What changes with anything about it, permissions among them; empty where it is not told."""
    created_at: datetime | None
    modified_at: datetime | None
    url: str
    owners: tuple[str, ...]
    children: int | None
    """How many items a folder says that it holds; None where it does not say."""

    @classmethod
    def read(cls, told: dict[str, Any]) -> DriveItem:
        """The item that an entry of ``delta`` describes, or a driveItem without ``shared``."""
        above = told.get("parentReference") or {}
        maker = ((told.get("createdBy") or {}).get("user")) or {}
        owner = maker.get("email") or maker.get("displayName")
        ids = told.get("sharepointIds") or {}
        root = "root" in told
        children = (told.get("folder") or {}).get("childCount")
        return cls(
            id=str(told["id"]),
            name=str(told.get("name") or ""),
            parent=None if root or not above.get("id") else str(above["id"]),
            folder="folder" in told,
            root=root,
            gone="deleted" in told,
            shortcut="remoteItem" in told,
            shared="shared" in told,
            number=int(ids.get("listItemId") or 0),
            media_type=str((told.get("file") or {}).get("mimeType") or ""),
            size=int(told.get("size") or 0),
            tag=str(told.get("cTag") or told.get("eTag") or ""),
            state=str(told.get("eTag") or ""),
            created_at=instant(told.get("createdDateTime")),
            modified_at=instant(told.get("lastModifiedDateTime")),
            url=str(told.get("webUrl") or ""),
            owners=(str(owner),) if owner else (),
            children=None if children is None else int(children),
        )

    def unchanged(self, now: DriveItem) -> bool:
        """Whether `now`, looked at later, is still what this was."""
        return (self.state, self.parent) == (now.state, now.parent)

    def known_by(self, max_bytes: int) -> str:
        """A version that changes with the body and with everything that a document shows."""
        return version_of(
            _RENDERING,
            self.tag,
            self.modified_at,
            self.name,
            self.media_type,
            self.url,
            self.owners,
            self.size > max_bytes,
        )


@dataclass(frozen=True, slots=True)
class DrivePage:
    """A page of a drive's items, or of what happened to them."""

    items: tuple[DriveItem, ...]
    """Each once, as it is told last."""
    link: str
    """The address that this page was asked for with; empty for the first of all items."""
    next: str | None
    """The address of the next page; None on the last."""
    delta: str
    """On the last page, where to follow the changes; else empty."""


class Drive:
    """One library as a drive."""

    def __init__(self, client: SharePointClient, part: Part):
        """Prepare, without a request."""
        self._client = client
        self._part = part
        self._items = client.graph.drives.by_drive_id(part.drive).items
        self.part = part

    def pages(self, link: str, page_size: int) -> Iterator[DrivePage]:
        """Everything in the drive, or what happened since a place.

        Args:
            link: where to begin: the address of a page, or of the changes since; empty for all.
            page_size: items asked for at once, where `link` is empty.

        Raises:
            CursorExpired: the drive no longer knows the place.
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the drive does.
        """
        query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(
            select=_SELECTED, top=page_size
        )
        root = self._items.by_drive_item_id("root").delta

        def request() -> RequestInformation:
            made = root.to_get_request_information(asking(query, *_PREFERRED))
            made.headers.add("deltaExcludeParent", "true")
            return made

        for page in placed(self._client.pages(request, link)):
            if page.next is None and not page.delta:
                raise SourceUnavailable(
                    Source.SHAREPOINT,
                    "a page of changes that does not say where to go on",
                    "Run the sync again later.",
                )
            read = [DriveItem.read(row) for row in page.value]
            last = {item.id: item for item in read}
            yield DrivePage(tuple(last.values()), page.link, page.next, page.delta or "")

    def get(self, id: str) -> DriveItem | None:
        """An item by its id, as it is now; None where it is not there.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: it may not be looked at.
        """
        query = DriveItemItemRequestBuilder.DriveItemItemRequestBuilderGetQueryParameters(
            select=_SELECTED
        )
        item = self._items.by_drive_item_id(id)
        try:
            told = self._client.told(lambda: item.to_get_request_information(asking(query)))
        except SharePointRefused as refused:
            if refused.status == 404:
                return None
            raise
        # Here `shared` would also mean shared by a folder above.
        return DriveItem.read({key: value for key, value in told.items() if key != "shared"})

    def content(self, item: DriveItem, limit: int) -> bytes | None:
        """A file's bytes; None where there are more than `limit`.

        Where they are not as many as was told, they are read until two readings agree: an answer
        may have been cut short. SharePoint writes properties into Office files as it hands them
        out, so that another size alone is no error.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the file can't be read.
        """
        request = self._items.by_drive_item_id(item.id).content.to_get_request_information
        data = self._client.content(request, limit)
        for _ in range(READINGS):
            if data is None or len(data) == item.size:
                return data
            again = self._client.content(request, limit)
            if again == data:
                return data
            data = again
        raise SharePointRefused(200, "each reading gives other bytes")
