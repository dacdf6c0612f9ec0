"""Drive v3: permissions of files and shared drives."""

from __future__ import annotations

from simulator.clock import rfc3339
from simulator.google import show
from simulator.google.api import (
    API,
    READ,
    WRITE,
    error,
    invalid,
    lacks_scope,
    listed,
    masked,
    missing,
    scope_error,
)
from simulator.google.fields import parse_mask
from simulator.google.grants import Held, grants_on
from simulator.google.objects import ROLES, Drive, File
from simulator.google.routes_files import all_drives, reach
from simulator.google.state import GoogleState
from simulator.google.view import Sight
from simulator.verbs import VerbError
from simulator.wire import Call, Reply

NAMES = frozenset(
    [
        "kind",
        "id",
        "type",
        "role",
        "emailAddress",
        "displayName",
        "domain",
        "allowFileDiscovery",
        "expirationTime",
        "deleted",
        "view",
        "pendingOwner",
        "permissionDetails",
        "teamDrivePermissionDetails",
        "photoLink",
        "inheritedPermissionsDisabled",
    ]
)
_LIST = parse_mask("kind,nextPageToken,permissions(kind,id,type,role)")
_PLACES = "/drive/v3/files/{file_id}/permissions"


def _place(call: Call, sight: Sight) -> File | Drive | Reply:
    """The file or shared drive whose permissions the caller may read."""
    wanted = call.params["file_id"]
    drive = sight.state.drives.get(wanted)
    if drive is not None and all_drives(call):
        admin = call.flag("useDomainAdminAccess") and is_admin(call, sight.state)
        return drive if admin or sight.drive_rank(drive) >= 0 else missing("File", wanted)
    file = reach(call, sight, wanted)
    if file is None:
        return missing("File", wanted)
    if sight.access(file).opens < show.WRITER:
        return error(call, 403, "forbidden")
    return file


def is_admin(call: Call, state: GoogleState) -> bool:
    """Whether the caller administers the domain."""
    return call.service or (call.person is not None and call.person.id in state.admins)


@API.get(_PLACES, "permissions.list")
def list_permissions(call: Call) -> Reply:
    """permissions.list: a shared drive's items come 100 to a page, others whole unless asked."""
    if lacks_scope(call, *READ, "drive.metadata.readonly"):
        return scope_error()
    sight = Sight(GoogleState.of(call.world), call.person)
    place = _place(call, sight)
    if isinstance(place, Reply):
        return place
    held = grants_on(
        sight.state, place, published=call.arg("includePermissionsForView") == "published"
    )
    shared = isinstance(place, Drive) or bool(place.drive)
    whole = max(len(held), 1)
    return listed(
        call,
        held,
        "drive#permissionList",
        "permissions",
        lambda one: show.permission(sight, one),
        usual=100 if shared else whole,
        most=100 if shared else max(whole, 100),
        fields=NAMES,
        default=_LIST,
    )


def _one(call: Call, sight: Sight, held: Held) -> Reply:
    said = show.permission(sight, held)
    return masked(call, show.PERMISSION_DEFAULT, NAMES, lambda _mask: said)


def _held(state: GoogleState, place: File | Drive, permission: str) -> Held | None:
    return next((h for h in grants_on(state, place) if h.best.id == permission), None)


@API.get(_PLACES + "/{permission_id}", "permissions.get")
def get_permission(call: Call) -> Reply:
    """permissions.get."""
    if lacks_scope(call, *READ, "drive.metadata.readonly"):
        return scope_error()
    sight = Sight(GoogleState.of(call.world), call.person)
    place = _place(call, sight)
    if isinstance(place, Reply):
        return place
    held = _held(sight.state, place, call.params["permission_id"])
    if held is None:
        return missing("Permission", call.params["permission_id"])
    return _one(call, sight, held)


def _changeable(call: Call, sight: Sight) -> File | Drive | Reply:
    if lacks_scope(call, *WRITE):
        return scope_error()
    place = _place(call, sight)
    if isinstance(place, File | Reply) or sight.drive_rank(place) >= ROLES.index("organizer"):
        return place
    if not (call.flag("useDomainAdminAccess") and is_admin(call, sight.state)):
        return error(call, 403, "forbidden")
    return place


@API.post(_PLACES, "permissions.create")
def create_permission(call: Call) -> Reply:
    """permissions.create: sharing."""
    sight = Sight(GoogleState.of(call.world), call.person)
    place = _changeable(call, sight)
    if isinstance(place, Reply):
        return place
    body = call.json_object()
    kind, role = body.get("type"), body.get("role")
    if not kind or not role:
        return invalid(
            f"The permission {'role' if kind else 'type'} field is required.", "required"
        )
    state, directory = sight.state, call.world.directory
    subject = ""
    if kind in ("user", "group"):
        address = str(body.get("emailAddress", "")).lower()
        subject = directory.by_email.get(address, "")
        known = directory.people if kind == "user" else directory.groups
        if subject not in known:
            message = f"The specified emailAddress is invalid or not applicable: {address}"
            return invalid(message, "invalidSharingRequest")
    elif kind == "domain":
        subject = str(body.get("domain", ""))
    try:
        if isinstance(place, Drive):
            made = state.add_drive_member(drive=place.id, subject=subject, role=role, type=kind)
        else:
            made = state.share(
                file=place.id,
                type=kind,
                subject=subject,
                role=role,
                expires=str(body.get("expirationTime", "")),
                view=str(body.get("view", "")),
                discoverable=bool(body.get("allowFileDiscovery", False)),
            )
    except (VerbError, ValueError) as refused:
        return error(call, 403, "invalidSharingRequest", f"Bad Request. User message: {refused}")
    held = _held(state, place, made)
    return _one(call, sight, held) if held else missing("Permission", made)


@API.patch(_PLACES + "/{permission_id}", "permissions.update")
def update_permission(call: Call) -> Reply:
    """permissions.update: another role, or another end."""
    sight = Sight(GoogleState.of(call.world), call.person)
    place = _changeable(call, sight)
    if isinstance(place, Reply):
        return place
    wanted = call.params["permission_id"]
    direct = place.permissions.get(wanted)
    if direct is None:
        held = _held(sight.state, place, wanted)
        if held is None:
            return missing("Permission", wanted)
        return error(call, 403, "cannotUpdateInheritedPermission", "It is inherited.")
    body = call.json_object()
    expires = str(body.get("expirationTime", rfc3339(direct.expires) if direct.expires else ""))
    role = str(body.get("role", direct.role))
    try:
        if isinstance(place, Drive):
            sight.state.add_drive_member(
                drive=place.id, subject=direct.subject, role=role, type=direct.type
            )
        else:
            sight.state.share(
                file=place.id,
                type=direct.type,
                subject=direct.subject,
                role=role,
                expires="" if call.flag("removeExpiration") else expires,
                view=direct.view,
                discoverable=direct.discoverable,
            )
    except (VerbError, ValueError) as refused:
        return error(call, 403, "invalidSharingRequest", str(refused))
    held = _held(sight.state, place, wanted)
    return _one(call, sight, held) if held else missing("Permission", wanted)


@API.delete(_PLACES + "/{permission_id}", "permissions.delete")
def delete_permission(call: Call) -> Reply:
    """permissions.delete."""
    sight = Sight(GoogleState.of(call.world), call.person)
    place = _changeable(call, sight)
    if isinstance(place, Reply):
        return place
    wanted = call.params["permission_id"]
    if wanted not in place.permissions:
        if _held(sight.state, place, wanted) is None:
            return missing("Permission", wanted)
        return error(call, 403, "cannotDeleteInheritedPermission", "It is inherited.")
    try:
        if isinstance(place, Drive):
            sight.state.remove_drive_member(drive=place.id, permission=wanted)
        else:
            sight.state.unshare(file=place.id, permission=wanted)
    except VerbError as refused:
        return error(call, 403, "forbidden", str(refused))
    return Reply(204)
