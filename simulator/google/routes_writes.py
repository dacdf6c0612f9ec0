"""Drive v3: creating, changing and deleting files, uploads included."""

from __future__ import annotations

import json
from email.parser import BytesParser
from typing import Any

from simulator.google import show
from simulator.google.api import (
    API,
    WRITE,
    error,
    invalid,
    lacks_scope,
    masked,
    missing,
    scope_error,
)
from simulator.google.ids import root_id
from simulator.google.objects import ROLES, File
from simulator.google.routes_files import all_drives, reach
from simulator.google.state import GoogleState
from simulator.google.view import Sight
from simulator.verbs import VerbError
from simulator.wire import Call, Reply


def _given(call: Call) -> tuple[dict[str, Any], bytes | None, str]:
    """The metadata, the content if there is any, and its media type."""
    if not call.path.startswith("/upload/"):
        return call.json_object(), None, ""
    kind = call.headers.get("content-type", "")
    if call.arg("uploadType") != "multipart":
        return {}, call.body, kind
    whole = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + call.body)
    parts = whole.get_payload()
    if not isinstance(parts, list) or len(parts) != 2:
        return {}, None, ""
    first, second = (part.get_payload(decode=True) for part in parts)  # type: ignore[union-attr]
    try:
        meta = json.loads(first) if isinstance(first, bytes) and first else {}
    except ValueError:
        meta = {}
    if not isinstance(meta, dict):
        meta = {}
    return meta, second if isinstance(second, bytes) else b"", parts[1].get_content_type()  # type: ignore[union-attr]


def _shown(call: Call, state: GoogleState, file: str) -> Reply:
    sight = Sight(state, call.person)
    return masked(
        call,
        show.FILE_DEFAULT,
        show.FILE_FIELDS,
        lambda mask: show.file(sight, state.file(file), mask),
    )


@API.post("/drive/v3/files", "files.create")
@API.post("/upload/drive/v3/files", "files.create")
def create_file(call: Call) -> Reply:
    """files.create, with a reserved id where the caller gives one (409 if it is taken)."""
    if lacks_scope(call, *WRITE, "drive.file"):
        return scope_error()
    if call.person is None:
        return error(call, 403, "forbidden")
    meta, content, kind = _given(call)
    state = GoogleState.of(call.world)
    sight = Sight(state, call.person)
    parents = meta.get("parents") or [root_id(call.person.id)]
    parent = sight.folder(str(parents[0]))
    drive = state.drives.get(parent)
    if drive is not None:
        rank = sight.drive_rank(drive) if all_drives(call) else -1
    else:
        folder = reach(call, sight, parent)
        rank = sight.access(folder).opens if folder is not None else -1
    if rank < 0 or len(parents) != 1:
        return missing("File", parent)
    if rank < show.WRITER:
        return error(call, 403, "forbidden")
    wanted = str(meta.get("id", ""))
    if wanted and state.lookup(wanted) is not None:
        return error(call, 409, "fileIdInUse", "A file already exists with the provided ID.")
    if wanted and wanted not in state.reserved:
        return invalid("The provided file ID is not usable.", "invalid")
    target = str((meta.get("shortcutDetails") or {}).get("targetId", ""))
    try:
        made = state.create(
            name=str(meta.get("name", "Untitled")),
            owner=call.person.id,
            parent=parent,
            mime=str(meta.get("mimeType") or kind or "application/octet-stream"),
            text=(content or b"").decode("utf-8", "replace"),
            id=wanted,
            target=target,
            description=str(meta.get("description", "")),
        )
    except VerbError as refused:
        return invalid(str(refused))
    return _shown(call, state, made)


def _writable(call: Call, least: str = "writer") -> File | Reply:
    if lacks_scope(call, *WRITE, "drive.file"):
        return scope_error()
    sight = Sight(GoogleState.of(call.world), call.person)
    file = reach(call, sight, call.params["file_id"])
    if file is None:
        return missing("File", call.params["file_id"])
    if sight.access(file).opens < ROLES.index(least):
        return error(call, 403, "forbidden")
    return file


@API.patch("/drive/v3/files/{file_id}", "files.update")
@API.patch("/upload/drive/v3/files/{file_id}", "files.update")
def update_file(call: Call) -> Reply:
    """files.update: content, name, trash, parents, limited access."""
    file = _writable(call)
    if isinstance(file, Reply):
        return file
    meta, content, _ = _given(call)
    state = GoogleState.of(call.world)
    try:
        if content is not None:
            text = content.decode("utf-8", "replace")
            state.edit(file=file.id, text=text, by=call.who if call.person else "")
        if "name" in meta and meta["name"] != file.name:
            state.rename(file=file.id, name=str(meta["name"]))
        if meta.get("trashed") is True:
            state.trash(file=file.id)
        elif meta.get("trashed") is False and file.trashed:
            state.restore(file=file.id)
        if "inheritedPermissionsDisabled" in meta:
            state.limit(folder=file.id, limited=bool(meta["inheritedPermissionsDisabled"]))
        if call.arg("addParents"):
            state.move(file=file.id, parent=call.arg("addParents"))
    except VerbError as refused:
        return invalid(str(refused))
    return _shown(call, state, file.id)


@API.delete("/drive/v3/files/{file_id}", "files.delete")
def delete_file(call: Call) -> Reply:
    """files.delete: the owner's, or an organizer's, for good."""
    file = _writable(call, "organizer")
    if isinstance(file, Reply):
        return file
    try:
        GoogleState.of(call.world).delete(file=file.id)
    except VerbError as refused:
        return invalid(str(refused))
    return Reply(204)
