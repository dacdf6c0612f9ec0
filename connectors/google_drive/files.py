"""Files as Drive lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from access import Source
from connectors.google_drive.client import GoogleClient
from connectors.google_drive.errors import DriveRefused
from connectors.instants import instant
from connectors.interface import SourceUnavailable
from connectors.position import PageTokens
from corpus import Container

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
MY_DRIVE = "my-drive-"
"""What the id of a My Drive's container begins with; the rest is its owner's permission id."""

_FIELDS = (
    "id",
    "name",
    "mimeType",
    "parents",
    "driveId",
    "size",
    "createdTime",
    "modifiedTime",
    "webViewLink",
    "owners(displayName,emailAddress)",
    "headRevisionId",
    "md5Checksum",
    "capabilities(canDownload)",
)
_LIMITED = "inheritedPermissionsDisabled"
_RENDERING = 1
"""Raise when the same file is read differently than before, so that it is read again."""


@dataclass(frozen=True, slots=True)
class DriveFile:
    """One file, without its body."""

    id: str
    name: str
    media_type: str
    """Drive's own type."""
    parent: str | None
    """Its folder; None where there is none to see, or more than one."""
    drive: str | None
    """The shared drive that it is in; None in a My Drive."""
    size: int
    """Bytes; 0 for Google's own types."""
    created_at: datetime | None
    modified_at: datetime | None
    url: str
    owners: tuple[str, ...]
    revision: str
    """What changes with the bytes, where Drive tells."""
    downloadable: bool
    limited: bool | None
    """Whether it takes no permissions from its folder; None when the server does not say."""

    @classmethod
    def read(cls, told: dict[str, Any]) -> DriveFile:
        """The file that an entry of ``files.list`` describes."""
        parents = told.get("parents") or []
        owners = told.get("owners") or []
        id = str(told["id"])
        return cls(
            id=id,
            name=str(told.get("name") or ""),
            media_type=str(told.get("mimeType") or "application/octet-stream"),
            parent=str(parents[0]) if len(parents) == 1 else None,
            drive=told.get("driveId"),
            size=int(told.get("size") or 0),
            created_at=instant(told.get("createdTime")),
            modified_at=instant(told.get("modifiedTime")),
            url=str(told.get("webViewLink") or f"https://drive.google.com/open?id={id}"),
            owners=tuple(
                str(who) for o in owners if (who := o.get("emailAddress") or o.get("displayName"))
            ),
            revision=str(told.get("headRevisionId") or told.get("md5Checksum") or ""),
            downloadable=(told.get("capabilities") or {}).get("canDownload") is not False,
            limited=told.get(_LIMITED, False),
        )

    def version(self, max_bytes: int) -> str:
        """Changes with the body and with everything else that a stored document shows.

        A rename must reach the reader, and an unchanged version is not sent again.
        """
        shown = [
            _RENDERING,
            self.revision,
            self.modified_at.isoformat() if self.modified_at else "",
            self.name,
            self.media_type,
            self.url,
            list(self.owners),
            self.downloadable,
            self.size > max_bytes,
        ]
        return sha256(json.dumps(shown).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page of a container's files."""

    files: tuple[DriveFile, ...]
    token: str
    """The token that this page was asked for with; empty for the first."""
    next: str | None
    """The token of the next page; None on the last."""
    incomplete: bool
    """Google's own word that the search left something out."""


class Files:
    """The files of one container."""

    def __init__(self, client: GoogleClient, container: Container, *, owned: bool, page_size: int):
        """Prepare, without a request.

        Args:
            client: Drive, as an account that sees the container.
            container: a shared drive or a My Drive.
            owned: leave out of a My Drive what others own, since it has its home with them.
            page_size: files asked for at once.
        """
        self._client = client
        self._page_size = page_size
        query = f"trashed = false and mimeType != '{FOLDER}'"
        if container.id.startswith(MY_DRIVE):
            self._where: dict[str, Any] = {"corpora": "user"}
            query += " and 'me' in owners" if owned else ""
        else:
            self._where = {
                "corpora": "drive",
                "driveId": container.id,
                "includeItemsFromAllDrives": True,
            }
        self._query = query
        self._limits_told = True

    def pages(self, token: str = "") -> Iterator[FilePage]:
        """The pages from `token` on.

        Raises:
            SourceUnavailable: the container is not there, or a page token came back twice.
        """
        tokens = PageTokens(Source.GOOGLE_DRIVE, token)
        while True:
            page = self._page(token)
            yield page
            if page.next is None:
                return
            token = tokens.checked(page.next)

    def _page(self, token: str) -> FilePage:
        try:
            told = self._asked(token)
        except DriveRefused as refused:
            if not self._limits_told or _LIMITED not in refused.message:
                raise SourceUnavailable(
                    Source.GOOGLE_DRIVE,
                    f"the files of a container can't be listed ({refused.reason})",
                    "Check that the account is still a member of the drive.",
                    refused.status,
                ) from None
            # A server without limited-access folders refuses to be asked about them. Then
            # `limited` is None, and no file is trusted to follow its folder.
            self._limits_told = False
            told = self._asked(token)
        listed = [f for f in told.get("files") or [] if f.get("mimeType") not in {FOLDER, SHORTCUT}]
        if not self._limits_told:
            listed = [{**f, _LIMITED: None} for f in listed]
        return FilePage(
            tuple(DriveFile.read(f) for f in listed),
            token,
            told.get("nextPageToken") or None,
            bool(told.get("incompleteSearch")),
        )

    def _asked(self, token: str) -> dict[str, Any]:
        fields = ",".join((*_FIELDS, _LIMITED) if self._limits_told else _FIELDS)
        return self._client.told(
            lambda: self._client.service.files().list(
                **self._where,
                q=self._query,
                spaces="drive",
                supportsAllDrives=True,
                pageSize=self._page_size,
                pageToken=token or None,
                fields=f"nextPageToken,incompleteSearch,files({fields})",
            )
        )
