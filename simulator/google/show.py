"""Drive's resources as JSON: only what the mask asks for is worked out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.clock import rfc3339
from simulator.google.fields import EVERYTHING, Mask, keep, parse_mask
from simulator.google.formats import EXPORTS, bytes_of, is_native
from simulator.google.grants import Held, grants_on
from simulator.google.ids import permission_id
from simulator.google.objects import FOLDER, ROLES, SHORTCUT, Comment, Drive, File
from simulator.google.view import Sight

_HOSTS = {"document/d": "docs", "spreadsheets/d": "docs", "presentation/d": "docs"}
WRITER = ROLES.index("writer")
COMMENTER = ROLES.index("commenter")
FILE_DEFAULT = parse_mask("kind,id,name,mimeType")
PERMISSION_DEFAULT = parse_mask("kind,id,type,role")


@dataclass(slots=True)
class Shown:
    """A file with the caller's access, for the field functions."""

    file: File
    sight: Sight

    @property
    def rank(self) -> int:
        """The caller's best rank on the file."""
        return self.sight.access(self.file).opens

    @property
    def path(self) -> str:
        """The part of its address that tells the application."""
        kind = self.file.mime.rpartition(".")[2]
        paths = {
            "document": "document/d",
            "spreadsheet": "spreadsheets/d",
            "presentation": "presentation/d",
            "folder": "drive/folders",
        }
        return paths.get(kind, "file/d") if is_native(self.file.mime) else "file/d"


def user(sight: Sight, person_id: str) -> dict[str, Any]:
    """Drive's User resource."""
    person = sight.state.world.directory.people[person_id]
    said: dict[str, Any] = {
        "kind": "drive#user",
        "displayName": person.name,
        "me": sight.person is not None and sight.person.id == person_id,
        "permissionId": permission_id("user", person_id),
    }
    if not person.email_hidden:
        said["emailAddress"] = person.email
    return said


def permission(sight: Sight, held: Held) -> dict[str, Any]:
    """Drive's Permission resource, whole."""
    best, directory = held.best, sight.state.world.directory
    said: dict[str, Any] = {
        "kind": "drive#permission",
        "id": best.id,
        "type": best.type,
        "role": best.role,
    }
    if best.type in ("user", "group"):
        found = (directory.people if best.type == "user" else directory.groups).get(best.subject)
        gone = found is None or getattr(found, "deleted", False)
        said["deleted"] = gone
        said["pendingOwner"] = False
        if found is not None:
            said["displayName"] = found.name
            if not gone:
                said["emailAddress"] = found.email
        if best.type == "group":
            del said["pendingOwner"]
        if best.expires is not None:
            said["expirationTime"] = rfc3339(best.expires)
    else:
        said["allowFileDiscovery"] = best.discoverable
        if best.type == "domain":
            said["domain"] = said["displayName"] = best.subject
    if best.view:
        said["view"] = best.view
    said["permissionDetails"] = [
        {"permissionType": one.kind, "role": one.role, "inherited": one.inherited}
        | ({"inheritedFrom": one.origin} if one.inherited else {})
        for one in held.routes
    ]
    return said


def _capabilities(it: Shown) -> dict[str, bool]:
    rank, folder = it.rank, it.file.mime == FOLDER
    writes = rank >= WRITER
    owns = rank >= ROLES.index("organizer")
    return {
        "canAddChildren": folder and writes,
        "canComment": rank >= COMMENTER and not folder,
        "canCopy": rank >= 0 and not folder,
        "canDelete": owns,
        "canDisableInheritedPermissions": folder and owns,
        "canDownload": rank >= 0 and not folder,
        "canEdit": writes,
        "canListChildren": folder and rank >= 0,
        "canReadRevisions": writes,
        "canRename": writes,
        "canShare": writes,
        "canTrash": owns or (writes and bool(it.file.drive)),
    }


def _parents(it: Shown) -> list[str] | None:
    """The parent, unless the caller can't see it; a root has none."""
    file, state = it.file, it.sight.state
    if not file.parent:
        return None
    above = state.lookup(file.parent)
    if above is None:
        drive = state.drives.get(file.parent)
        visible = drive is not None and it.sight.drive_rank(drive) >= 0
    else:
        # A person's root shows only to that person.
        visible = it.sight.access(above).opens >= 0
    return [file.parent] if visible else None


def _permissions(it: Shown, mask: Mask) -> list[dict[str, Any]] | None:
    if it.file.drive or it.rank < WRITER:
        return None
    held = grants_on(it.sight.state, it.file)
    return [keep(permission(it.sight, one), mask) for one in held]


def _is_shared(it: Shown) -> bool:
    return bool(it.file.drive) or len(grants_on(it.sight.state, it.file)) > 1


def _media(it: Shown, pick: Callable[[bytes], str]) -> str | None:
    return None if is_native(it.file.mime) else pick(bytes_of(it.file))


def _extension(it: Shown) -> str | None:
    _, dot, extension = it.file.name.rpartition(".")
    return extension if dot and not is_native(it.file.mime) else None


def _shortcut(it: Shown) -> dict[str, str] | None:
    if it.file.mime != SHORTCUT:
        return None
    target = it.sight.state.lookup(it.file.target)
    said = {"targetId": it.file.target}
    if target is not None and it.sight.access(target).opens >= 0:
        said["targetMimeType"] = target.mime
    return said


def _export_links(it: Shown) -> dict[str, str] | None:
    links = {
        mime: f"https://docs.google.com/feeds/download/documents/export/Export?id={it.file.id}"
        f"&exportFormat={short}"
        for mime, short in EXPORTS.get(it.file.mime, {}).items()
    }
    return links or None


def _top_trashed(it: Shown) -> File | None:
    return next((at for at in it.sight.state.ancestry(it.file) if at.trashed), None)


def _trashed_time(it: Shown) -> str | None:
    top = _top_trashed(it)
    return rfc3339(top.trash_time) if top is not None and top.trash_time is not None else None


_FILE: dict[str, Callable[[Shown], Any]] = {
    "kind": lambda _it: "drive#file",
    "id": lambda it: it.file.id,
    "name": lambda it: it.file.name,
    "mimeType": lambda it: it.file.mime,
    "description": lambda it: it.file.description or None,
    "starred": lambda _it: False,
    "trashed": lambda it: it.sight.trashed(it.file),
    "explicitlyTrashed": lambda it: it.file.trashed,
    "trashedTime": lambda it: _trashed_time(it) if it.file.drive else None,
    "parents": _parents,
    "spaces": lambda _it: ["drive"],
    "version": lambda it: str(it.file.version),
    "createdTime": lambda it: rfc3339(it.file.created),
    "modifiedTime": lambda it: rfc3339(it.file.modified),
    "driveId": lambda it: it.file.drive or None,
    "teamDriveId": lambda it: it.file.drive or None,
    "owners": lambda it: [user(it.sight, it.file.owner)] if it.file.owner else None,
    "ownedByMe": lambda it: (
        None
        if it.file.drive
        else it.sight.person is not None and it.file.owner == it.sight.person.id
    ),
    "lastModifyingUser": lambda it: user(it.sight, it.file.editor),
    "shared": _is_shared,
    "hasAugmentedPermissions": lambda it: bool(it.file.permissions) if it.file.drive else None,
    "inheritedPermissionsDisabled": lambda it: it.file.limited,
    "permissionIds": lambda it: [g.best.id for g in grants_on(it.sight.state, it.file)],
    "capabilities": _capabilities,
    "writersCanShare": lambda it: None if it.file.drive else True,
    "copyRequiresWriterPermission": lambda _it: False,
    "viewersCanCopyContent": lambda _it: True,
    "webViewLink": lambda it: (
        f"https://{_HOSTS.get(it.path, 'drive')}.google.com/{it.path}/"
        f"{it.file.id}" + ("" if it.path == "drive/folders" else "/view")
    ),
    "webContentLink": lambda it: (
        None
        if is_native(it.file.mime)
        else f"https://drive.google.com/uc?id={it.file.id}&export=download"
    ),
    "iconLink": lambda it: f"https://drive-thirdparty.googleusercontent.com/16/type/{it.file.mime}",
    "size": lambda it: _media(it, lambda data: str(len(data))),
    "quotaBytesUsed": lambda it: _media(it, lambda data: str(len(data))) or "0",
    "md5Checksum": lambda it: _media(
        it, lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest()
    ),
    "sha1Checksum": lambda it: _media(
        it, lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest()
    ),
    "sha256Checksum": lambda it: _media(it, lambda data: hashlib.sha256(data).hexdigest()),
    "headRevisionId": lambda it: (
        None if is_native(it.file.mime) else f"0B{it.file.id[1:9]}{it.file.revision}"
    ),
    "originalFilename": lambda it: None if is_native(it.file.mime) else it.file.name,
    "fileExtension": _extension,
    "fullFileExtension": _extension,
    "shortcutDetails": _shortcut,
    "exportLinks": _export_links,
}
FILE_FIELDS = frozenset(_FILE) | {
    "appProperties",
    "clientEncryptionDetails",
    "contentHints",
    "contentRestrictions",
    "downloadRestrictions",
    "folderColorRgb",
    "hasThumbnail",
    "imageMediaMetadata",
    "isAppAuthorized",
    "labelInfo",
    "linkShareMetadata",
    "modifiedByMe",
    "modifiedByMeTime",
    "permissions",
    "properties",
    "resourceKey",
    "sharedWithMeTime",
    "sharingUser",
    "thumbnailLink",
    "thumbnailVersion",
    "trashingUser",
    "videoMediaMetadata",
    "viewedByMe",
    "viewedByMeTime",
}


def file(sight: Sight, it: File, mask: Mask) -> dict[str, Any]:
    """Drive's File resource, as far as the mask asks."""
    shown, said = Shown(it, sight), {}
    if not mask or "*" in mask:
        wanted: dict[str, Mask] = dict.fromkeys(_FILE, EVERYTHING) | {"permissions": EVERYTHING}
        wanted |= {name: inner for name, inner in mask.items() if name != "*"}
    else:
        wanted = mask
    for name, inner in wanted.items():
        if name == "permissions":
            value: Any = _permissions(shown, inner)
        else:
            work = _FILE.get(name)
            value = None if work is None else work(shown)
            if inner and value is not None:
                value = keep(value, inner)
        if value is not None:
            said[name] = value
    return said


def drive(sight: Sight, it: Drive) -> dict[str, Any]:
    """Drive's Drive resource, whole."""
    rank = sight.drive_rank(it)
    manages = rank >= ROLES.index("organizer")
    return {
        "kind": "drive#drive",
        "id": it.id,
        "name": it.name,
        "createdTime": rfc3339(it.created),
        "hidden": it.hidden,
        "colorRgb": "#0f9d58",
        "capabilities": {
            "canAddChildren": rank >= WRITER,
            "canComment": rank >= COMMENTER,
            "canDeleteDrive": manages,
            "canEdit": rank >= WRITER,
            "canListChildren": rank >= 0,
            "canManageMembers": manages,
            "canReadRevisions": rank >= 0,
            "canRenameDrive": manages,
            "canShare": rank >= ROLES.index("fileOrganizer"),
        },
        "restrictions": {
            "adminManagedRestrictions": False,
            "copyRequiresWriterPermission": False,
            "domainUsersOnly": False,
            "driveMembersOnly": False,
            "sharingFoldersRequiresOrganizerPermission": False,
        },
    }


def comment(sight: Sight, it: Comment) -> dict[str, Any]:
    """Drive's Comment resource, whole."""
    last = max([it.at, *(at for _, _, at in it.replies)])
    said: dict[str, Any] = {
        "kind": "drive#comment",
        "id": it.id,
        "createdTime": rfc3339(it.at),
        "modifiedTime": rfc3339(last),
        "author": user(sight, it.author),
        "content": it.text,
        "htmlContent": it.text.replace("&", "&amp;").replace("<", "&lt;"),
        "deleted": False,
        "resolved": it.resolved,
        "replies": [reply(sight, it, at) for at in range(len(it.replies))],
    }
    if it.quoted:
        said["quotedFileContent"] = {"mimeType": "text/html", "value": it.quoted}
    return said


def reply(sight: Sight, it: Comment, position: int) -> dict[str, Any]:
    """Drive's Reply resource, whole."""
    author, text, at = it.replies[position]
    return {
        "kind": "drive#reply",
        "id": f"{it.id}r{position}",
        "createdTime": rfc3339(at),
        "modifiedTime": rfc3339(at),
        "author": user(sight, author),
        "content": text,
        "htmlContent": text.replace("&", "&amp;").replace("<", "&lt;"),
        "deleted": False,
    }
