"""One file as Drive tells of it, and which fields it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.instants import instant
from connectors.versions import version_of

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
MY_DRIVE = "my-drive-"
"""What the id of a My Drive's container begins with; the rest is its owner's permission id."""

FIELDS = (
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
    "trashed",
    "ownedByMe",
)
LIMITED = "inheritedPermissionsDisabled"
OPTIONAL = (
    LIMITED,
    "hasAugmentedPermissions",
    "permissionIds",
    "permissions(id,type,role,emailAddress,domain,allowFileDiscovery,expirationTime,deleted,view,"
    "permissionDetails)",
)
"""What spares requests for permissions; asked for unless the server does not know it."""
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
    augmented: bool | None = None
    """Whether it carries permissions of its own. Only a shared drive says so."""
    permissions: tuple[dict[str, Any], ...] | None = field(default=None, compare=False)
    """Its permissions in full, where the listing told them: those that one may share, in a My
    Drive."""
    asked: datetime | None = field(default=None, compare=False)
    """The time before Drive was asked for this; what it says of permissions is no younger."""
    checksum: str = ""
    """MD5 of its bytes in hex; empty for Google's own types."""
    trashed: bool = False
    """Whether it, or a folder above it, is in the bin."""
    mine: bool = False
    """Whether the account that asked owns it."""

    @property
    def folder(self) -> bool:
        """Whether it holds others, and is no document."""
        return self.media_type == FOLDER

    @classmethod
    def read(cls, told: dict[str, Any], asked: datetime | None = None) -> DriveFile:
        """The file that an entry of ``files.list`` describes, which was asked for at `asked`."""
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
            limited=told.get(LIMITED, False),
            augmented=told.get("hasAugmentedPermissions"),
            permissions=_whole(told),
            checksum=str(told.get("md5Checksum") or ""),
            trashed=told.get("trashed") is True,
            mine=told.get("ownedByMe") is True,
            asked=asked,
        )

    def version(self, max_bytes: int) -> str:
        """Changes with the body and with everything else that a stored document shows."""
        return version_of(
            _RENDERING,
            self.revision,
            self.modified_at,
            self.name,
            self.media_type,
            self.url,
            self.owners,
            self.downloadable,
            self.size > max_bytes,
        )


def _whole(told: dict[str, Any]) -> tuple[dict[str, Any], ...] | None:
    """The permissions that came with a file, if they are all of them.

    Listings may leave some out, or all; ``permissionIds`` tells.
    """
    held, ids = told.get("permissions"), told.get("permissionIds")
    if not held or not ids or {each.get("id") for each in held} != set(ids):
        return None
    return tuple(held)
