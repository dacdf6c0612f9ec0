"""Drive v3: shared drives and the changes feed."""

from __future__ import annotations

from typing import Any

from simulator.clock import rfc3339
from simulator.faults import FaultKind
from simulator.google import show
from simulator.google.api import (
    API,
    READ,
    error,
    invalid,
    lacks_scope,
    listed,
    masked,
    missing,
    scope_error,
)
from simulator.google.fields import Mask, check, inside, parse_mask
from simulator.google.objects import ChangeEntry
from simulator.google.routes_files import all_drives
from simulator.google.routes_permissions import is_admin
from simulator.google.state import GoogleState
from simulator.google.view import Sight
from simulator.paging import cut
from simulator.wire import Call, Reply

_DRIVE = frozenset(
    [
        "kind",
        "id",
        "name",
        "createdTime",
        "hidden",
        "colorRgb",
        "capabilities",
        "restrictions",
        "backgroundImageFile",
        "backgroundImageLink",
        "orgUnitId",
        "themeId",
    ]
)
_DRIVES = parse_mask("kind,nextPageToken,drives(kind,id,name)")
_CHANGE = frozenset(
    [
        "kind",
        "changeType",
        "time",
        "removed",
        "fileId",
        "file",
        "driveId",
        "drive",
        "teamDriveId",
        "teamDrive",
        "type",
    ]
)
_CHANGES = parse_mask(
    "kind,nextPageToken,newStartPageToken,"
    "changes(kind,changeType,type,time,removed,fileId,driveId,file(kind,id,name,mimeType))"
)


@API.get("/drive/v3/drives", "drives.list")
def list_drives(call: Call) -> Reply:
    """drives.list: those that the caller is a member of, or all of them as administrator."""
    if lacks_scope(call, *READ):
        return scope_error()
    sight = Sight(GoogleState.of(call.world), call.person)
    admin = call.flag("useDomainAdminAccess")
    if admin and not is_admin(call, sight.state):
        return error(call, 403, "forbidden")
    found = [d for d in sight.state.drives.values() if admin or sight.drive_rank(d) >= 0]
    return listed(
        call,
        found,
        "drive#driveList",
        "drives",
        lambda drive: show.drive(sight, drive),
        usual=10,
        most=100,
        fields=_DRIVE,
        default=_DRIVES,
    )


@API.get("/drive/v3/drives/{drive_id}", "drives.get")
def get_drive(call: Call) -> Reply:
    """drives.get."""
    if lacks_scope(call, *READ):
        return scope_error()
    sight = Sight(GoogleState.of(call.world), call.person)
    drive = sight.state.drives.get(call.params["drive_id"])
    admin = call.flag("useDomainAdminAccess") and is_admin(call, sight.state)
    if drive is None or not (admin or sight.drive_rank(drive) >= 0):
        return missing("Shared drive", call.params["drive_id"])
    said = show.drive(sight, drive)
    return masked(call, parse_mask("kind,id,name"), _DRIVE, lambda _mask: said)


def _feed(call: Call, sight: Sight) -> Reply | None:
    """Refuse a caller who may not follow this feed."""
    if lacks_scope(call, *READ, "drive.metadata.readonly"):
        return scope_error()
    wanted = call.arg("driveId")
    if wanted:
        drive = sight.state.drives.get(wanted)
        if drive is None or sight.drive_rank(drive) < 0:
            return missing("Shared drive", wanted)
        if not all_drives(call):
            return invalid("supportsAllDrives must be true.", "teamDrivesParameterMissing")
    return None


@API.get("/drive/v3/changes/startPageToken", "changes.getStartPageToken")
def start_token(call: Call) -> Reply:
    """changes.getStartPageToken."""
    sight = Sight(GoogleState.of(call.world), call.person)
    refused = _feed(call, sight)
    if refused is not None:
        return refused
    token = str(len(sight.state.log) + 1)
    said = {"kind": "drive#startPageToken", "startPageToken": token}
    return masked(call, {}, said, lambda _mask: said)


@API.get("/drive/v3/changes", "changes.list")
def list_changes(call: Call) -> Reply:
    """changes.list: from a token on, each file's latest state once.

    A folder whose sharing changes is one entry; what lies below it gets none. That inherited
    edits come one per child is nowhere documented, so a reader must not count on it.
    """
    state = GoogleState.of(call.world)
    sight = Sight(state, call.person)
    refused = _feed(call, sight)
    if refused is not None:
        return refused
    # A later page's token also says where the reader began: what held then decides who is told
    # that something is gone.
    origin, _, place = call.arg("pageToken").partition("-")
    if not origin.isdecimal() or (place and not place.isdecimal()) or int(origin) < 1:
        given = call.arg("pageToken")
        return invalid("Invalid Value" if given else "Required parameter: pageToken")
    start = int(origin)
    if start <= state.oldest or call.fault(FaultKind.EXPIRED_CURSOR):
        return error(call, 410, "gone", "The page token is no longer valid: begin again.")
    wide = call.flag("includeItemsFromAllDrives") and all_drives(call)
    removals = call.arg("includeRemoved", "true") != "false"
    before: dict[str, list[ChangeEntry]] = {}
    for entry in state.log[start - 1 :]:
        before.setdefault(entry.file or entry.drive, []).append(entry)
    found: list[tuple[ChangeEntry, bool]] = []
    for entries in before.values():
        removed = _removed(call, sight, entries, wide)
        told = entries[-1].number >= int(place or origin)
        if told and removed is not None and (removals or not removed):
            found.append((entries[-1], removed))
    found.sort(key=lambda each: each[0].number)
    page = cut(call, found, 0, call.number("pageSize", 100, 1000))

    def build(mask: Mask) -> dict[str, Any]:
        said: dict[str, Any] = {"kind": "drive#changeList"}
        inner = inside(mask, "changes")
        if inner is not None:
            check(inner, _CHANGE)
            said["changes"] = [_change(sight, entry, gone, inner) for entry, gone in page.items]
        if page.next is not None:
            following = found[page.next][0].number if page.next else int(place or origin)
            said["nextPageToken"] = f"{origin}-{following}"
        else:
            said["newStartPageToken"] = str(len(state.log) + 1)
        return said

    names = ("kind", "nextPageToken", "newStartPageToken", "changes")
    return masked(call, _CHANGES, names, build)


def _removed(call: Call, sight: Sight, entries: list[ChangeEntry], wide: bool) -> bool | None:
    """Whether the thing is gone for this feed; None where the feed has nothing to say of it."""
    state, last = sight.state, entries[-1]
    feed = call.arg("driveId")
    if not last.file:
        drive = state.drives.get(last.drive)
        if last.drive == "gone" or feed not in ("", last.drive) or not wide:
            return None
        if drive is not None and sight.drive_rank(drive) >= 0:
            return False
        return True if any(sight.had(e.before) for e in entries if e.before) else None
    file = state.lookup(last.file)
    held = any(sight.had(e.before) for e in entries if e.before)
    if feed:
        if file is not None and file.drive == feed and sight.lists(file):
            return False
        was_here = any(feed in (e.drive, e.moved_from) for e in entries)
        return True if was_here and held else None
    if last.drive and not wide:
        # It may have left My Drive for a shared drive, which this feed does not cover.
        return True if held and any(e.moved_from == "my" for e in entries) else None
    if file is not None:
        access = sight.access(file)
        if access.own >= 0 or (file.limited and access.seen):
            return False
    return True if held else None


def _change(sight: Sight, entry: ChangeEntry, removed: bool, mask: Mask) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": "drive#change",
        "time": rfc3339(entry.at),
        "removed": removed,
        "changeType": "file" if entry.file else "drive",
        "type": "file" if entry.file else "drive",
    }
    if entry.drive:
        said["driveId"] = entry.drive
        said["teamDriveId"] = entry.drive
    if entry.file:
        said["fileId"] = entry.file
        file = sight.state.lookup(entry.file)
        inner = inside(mask, "file")
        if not removed and file is not None and inner is not None:
            said["file"] = show.file(sight, file, inner)
    elif not removed:
        said["drive"] = show.drive(sight, sight.state.drives[entry.drive])
    return said
