"""Drive v3: files, read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.faults import FaultKind
from simulator.google import show
from simulator.google.api import (
    API,
    READ,
    error,
    invalid,
    lacks_scope,
    masked,
    missing,
    scope_error,
    token_for,
    token_start,
)
from simulator.google.fields import EVERYTHING, Mask, check, inside, parse_mask
from simulator.google.formats import EXPORTS, bytes_of, export, is_native
from simulator.google.ids import root_id
from simulator.google.objects import FOLDER, File
from simulator.google.query import InvalidQuery, Query, parse_query
from simulator.google.state import GoogleState
from simulator.google.view import Sight
from simulator.paging import scan
from simulator.wire import Call, Reply

_LIST = parse_mask("kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)")
_LIST_NAMES = ("kind", "incompleteSearch", "nextPageToken", "files")
_EXPORT_MOST = 10 * 1024 * 1024
_ORDERS = ("createdTime", "folder", "modifiedTime", "name", "name_natural", "recency")


def reach(call: Call, sight: Sight, file_id: str) -> File | None:
    """The file if it is there for the caller and the call may touch shared drives."""
    if file_id == "root" and call.person is not None:
        file_id = root_id(call.person.id)
    file = sight.state.lookup(file_id)
    if file is None or (file.drive and not all_drives(call)):
        return None
    access = sight.access(file)
    return file if access.opens >= 0 or (file.limited and access.seen) else None


def all_drives(call: Call) -> bool:
    """Whether the caller says that it knows of shared drives."""
    return call.flag("supportsAllDrives") or call.flag("supportsTeamDrives")


@API.get("/drive/v3/files", "files.list")
def list_files(call: Call) -> Reply:
    """files.list."""
    if lacks_scope(call, *READ, "drive.metadata.readonly"):
        return scope_error()
    try:
        query = parse_query(call.arg("q"))
    except InvalidQuery:
        return invalid("Invalid Value", "invalid")
    start = token_start(call)
    if start is None:
        return invalid("Invalid Value", "invalid")
    sight = Sight(GoogleState.of(call.world), call.person)
    corpora = call.arg("corpora") or ("drive" if call.arg("driveId") else "user")
    wide = call.flag("includeItemsFromAllDrives") and all_drives(call)
    if corpora not in ("user", "domain", "drive", "allDrives"):
        return invalid("Invalid Value")
    if corpora in ("drive", "allDrives") and not wide:
        return invalid(
            "The includeItemsFromAllDrives and supportsAllDrives parameters must be true for this "
            "corpora.",
            "teamDrivesParameterMissing",
        )
    if (corpora == "drive") != bool(call.arg("driveId")):
        return invalid("The driveId parameter goes with corpora=drive.", "invalidParameter")
    drive = sight.state.drives.get(call.arg("driveId"))
    if corpora == "drive" and (drive is None or sight.drive_rank(drive) < 0):
        return missing("Shared drive", call.arg("driveId"))
    candidates = _ordered(call, _candidates(sight, query, call.arg("driveId")))
    if candidates is None:
        return invalid("Sorting is not supported for this value.", "invalid")
    lagging = call.world.now() - call.search_lag()

    def fits(file: File | None) -> bool:
        if file is None or (file.touched is not None and file.touched > lagging):
            return False
        return _in_corpora(sight, file, corpora, wide, call.arg("driveId")) and query.test(
            file, sight
        )

    incomplete = call.fault(FaultKind.INCOMPLETE_SEARCH) is not None
    page = scan(call, candidates, start, call.number("pageSize", 100, 1000), fits)
    items = page.items[: (len(page.items) + 1) // 2] if incomplete else page.items

    def build(mask: Mask) -> dict[str, Any]:
        said: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": incomplete}
        if page.next is not None:
            said["nextPageToken"] = token_for(call, page.next)
        inner = _checked(mask)
        if inner is not None:
            said["files"] = [show.file(sight, file, inner) for file in items if file]
        return said

    return masked(call, _LIST, _LIST_NAMES, build)


def _checked(mask: Mask) -> Mask | None:
    inner = inside(mask, "files")
    if inner:
        check(inner, show.FILE_FIELDS)
    return inner


def _candidates(sight: Sight, query: Query, drive: str) -> Sequence[File | None]:
    """The files that could match, in the order in which they came."""
    if query.parents:
        return sight.state.inside(sight.folder(query.parents[0]))
    return sight.state.all_files(drive)


def _ordered(call: Call, files: Sequence[File | None]) -> Sequence[File | None] | None:
    """Sorted as ``orderBy`` says; None where it names something else."""
    if not call.arg("orderBy"):
        return files
    there = [file for file in files if file is not None]
    for key in reversed(call.arg("orderBy").split(",")):
        name, _, direction = key.strip().partition(" ")
        if name not in _ORDERS or direction not in ("", "desc"):
            return None
        there.sort(key=lambda file: _order(file, name), reverse=direction == "desc")
    return there


def _order(file: File, name: str) -> Any:
    if name == "folder":
        return file.mime != FOLDER
    if name in ("name", "name_natural"):
        return file.name.lower()
    return file.created if name == "createdTime" else file.modified


def _in_corpora(sight: Sight, file: File, corpora: str, wide: bool, drive: str) -> bool:
    if not file.parent or (file.drive and not wide):
        return False
    if corpora == "drive":
        return file.drive == drive and sight.lists(file)
    access = sight.access(file)
    if corpora == "domain":
        return access.public >= 0
    return access.own >= 0 or (file.limited and access.seen and sight.lists(file))


@API.get("/drive/v3/files/generateIds", "files.generateIds")
def generate_ids(call: Call) -> Reply:
    """files.generateIds."""
    if lacks_scope(call, "drive", "drive.file"):
        return scope_error()
    state = GoogleState.of(call.world)
    ids = state.reserve(count=call.number("count", 10, 1000))
    said = {"kind": "drive#generatedIds", "space": call.arg("space") or "drive", "ids": ids}
    return masked(call, EVERYTHING, said, lambda _mask: said)


@API.get("/drive/v3/files/{file_id}", "files.get")
def get_file(call: Call) -> Reply:
    """files.get, and its content with alt=media."""
    if lacks_scope(call, *READ, "drive.metadata.readonly"):
        return scope_error()
    sight = Sight(GoogleState.of(call.world), call.person)
    file = reach(call, sight, call.params["file_id"])
    if file is None:
        return missing("File", call.params["file_id"])
    if call.arg("alt") == "media":
        return _media(call, sight, file)

    return masked(
        call, show.FILE_DEFAULT, show.FILE_FIELDS, lambda mask: show.file(sight, file, mask)
    )


def _media(call: Call, sight: Sight, file: File) -> Reply:
    if lacks_scope(call, *READ):
        return scope_error()
    if sight.access(file).opens < 0:
        return error(call, 403, "forbidden")
    if is_native(file.mime):
        message = "Only files with binary content can be downloaded. Use Export with Docs Editors"
        return error(call, 403, "fileNotDownloadable", f"{message} files.")
    data = bytes_of(file)
    headers = {"Content-Type": file.mime, "Accept-Ranges": "bytes"}
    asked = call.headers.get("range", "")
    if asked.startswith("bytes="):
        first, _, last = asked[6:].partition("-")
        if not first.isdecimal() or (int(first) >= len(data) > 0):
            return error(call, 416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
        end = min(int(last) if last.isdecimal() else len(data) - 1, len(data) - 1)
        headers["Content-Range"] = f"bytes {first}-{end}/{len(data)}"
        return Reply(206 if data else 200, data[int(first) : end + 1], headers)
    return Reply(200, data, headers)


@API.get("/drive/v3/files/{file_id}/export", "files.export")
def export_file(call: Call) -> Reply:
    """files.export."""
    if lacks_scope(call, *READ):
        return scope_error()
    sight = Sight(GoogleState.of(call.world), call.person)
    # Export takes no supportsAllDrives: it works wherever the caller may read.
    file = sight.state.lookup(call.params["file_id"])
    if file is None or sight.access(file).opens < 0:
        return missing("File", call.params["file_id"])
    if file.mime not in EXPORTS:
        return error(call, 403, "fileNotExportable", "Export only supports Docs Editors files.")
    mime = call.arg("mimeType")
    data = export(file, mime)
    if data is None:
        return invalid("The requested conversion is not supported.", "badRequest")
    if len(data) > _EXPORT_MOST:
        return error(call, 403, "exportSizeLimitExceeded", "This file is too large to be exported.")
    return Reply(200, data, {"Content-Type": mime})


_ABOUT = ("kind", "user", "storageQuota", "exportFormats", "importFormats", "maxUploadSize",
          "appInstalled", "canCreateDrives", "canCreateTeamDrives", "driveThemes",
          "teamDriveThemes", "folderColorPalette", "maxImportSizes")  # fmt: skip


@API.get("/drive/v3/about", "about.get")
def about(call: Call) -> Reply:
    """about.get; Drive insists on a fields parameter here."""
    if lacks_scope(call, *READ, "drive.metadata.readonly", "drive.file"):
        return scope_error()
    if not call.arg("fields"):
        return invalid("The 'fields' parameter is required for this method.", "required")
    sight = Sight(GoogleState.of(call.world), call.person)
    said: dict[str, Any] = {
        "kind": "drive#about",
        "exportFormats": {mime: list(to) for mime, to in EXPORTS.items()},
        "canCreateDrives": True,
        "storageQuota": {"usage": "0"},
    }
    if call.person is not None:
        said["user"] = show.user(sight, call.person.id)
    return masked(call, EVERYTHING, _ABOUT, lambda _mask: said)
