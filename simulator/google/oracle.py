"""Who may read what in Drive, from Google's documentation.

*Reading* here is by rights that searching honours. What only works with the address in hand,
"anyone with the link" and a domain without ``allowFileDiscovery``, is `readable_by_link`: such
a file must not turn up for someone who was never given its address.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from simulator.google.objects import FOLDER, File, Permission
from simulator.google.state import GoogleState
from simulator.oracle import Document, Rules, groups_holding
from simulator.people import Person
from simulator.world import World

_SHARING = "https://developers.google.com/workspace/drive/api/guides/manage-sharing"
_PERMISSION = "https://developers.google.com/workspace/drive/api/reference/rest/v3/permissions"
_ROLES = "https://developers.google.com/workspace/drive/api/guides/ref-roles"
_LIMITED = "https://developers.google.com/workspace/drive/api/guides/limited-expansive-access"
_DRIVES = "https://developers.google.com/workspace/drive/api/guides/about-shareddrives"
_SHORTCUT = "https://developers.google.com/workspace/drive/api/guides/shortcuts"
_TRASH = "https://developers.google.com/workspace/drive/api/guides/delete"
_USERS = "https://support.google.com/a/answer/33312"
_GROUPS = "https://support.google.com/a/answer/167100"

GRANTS = Rules("google: a permission speaks of this person")
FORCE = Rules("google: a permission is in force", every=True)
ROUTES = Rules("google: a permission reaches this file")
READING = Rules("google: the file is there to be read", every=True)
LINKS = Rules("google: a permission works for whoever has the link")
BOOKS = (GRANTS, FORCE, ROUTES, READING, LINKS)


@GRANTS.rule(_PERMISSION)
def named_user(world: World, person: Person, permission: Permission) -> bool:
    """A user permission names one account, its owner included."""
    return permission.type == "user" and permission.subject == person.id


@GRANTS.rule(_GROUPS)
def member_of_group(world: World, person: Person, permission: Permission) -> bool:
    """A group permission speaks of members, and of members of nested groups."""
    return permission.type == "group" and permission.subject in groups_holding(world, person.id)


@GRANTS.rule(_SHARING)
def discoverable_in_domain(world: World, person: Person, permission: Permission) -> bool:
    """A domain permission that allows discovery speaks of every account of the domain."""
    return permission.type == "domain" and permission.discoverable and _of(person, permission)


@GRANTS.rule(_SHARING)
def discoverable_by_anyone(world: World, person: Person, permission: Permission) -> bool:
    """An anyone permission that allows discovery speaks of everybody."""
    return permission.type == "anyone" and permission.discoverable


@LINKS.rule(_SHARING)
def domain_with_link(world: World, person: Person, permission: Permission) -> bool:
    """Without discovery, accounts of the domain need the link."""
    return permission.type == "domain" and not permission.discoverable and _of(person, permission)


@LINKS.rule(_SHARING)
def anyone_with_link(world: World, person: Person, permission: Permission) -> bool:
    """Without discovery, everybody needs the link."""
    return permission.type == "anyone" and not permission.discoverable


def _of(person: Person, permission: Permission) -> bool:
    return not person.guest and person.email.rpartition("@")[2] == permission.subject


@FORCE.rule(f"{_PERMISSION}#Permission.FIELDS.expiration_time")
def not_expired(permission: Permission, now: datetime) -> bool:
    """A permission ends at its expirationTime."""
    return permission.expires is None or now < permission.expires


@FORCE.rule(f"{_PERMISSION}#Permission.FIELDS.view")
def not_for_a_view(permission: Permission, now: datetime) -> bool:
    """A permission of the published view opens the published copy, not the file."""
    return permission.view == ""


@ROUTES.rule(_PERMISSION)
def direct(state: GoogleState, file: File, permission: Permission) -> bool:
    """On the file itself."""
    return permission.id in file.permissions and file.permissions[permission.id] is permission


@ROUTES.rule(_LIMITED)
def from_folder(state: GoogleState, file: File, permission: Permission) -> bool:
    """On a folder above, unless a limited-access folder lies between."""
    at = file
    while not at.limited:
        above = state.lookup(at.parent)
        if above is None:
            return False
        if any(held is permission for held in above.permissions.values()):
            return True
        at = above
    return False


@ROUTES.rule(_DRIVES)
def from_shared_drive(state: GoogleState, file: File, permission: Permission) -> bool:
    """On the shared drive, unless a limited-access folder lies between."""
    if file.drive == "" or all(
        held is not permission for held in state.drives[file.drive].permissions.values()
    ):
        return False
    at = file
    while not at.limited:
        if at.parent == file.drive:
            return True
        at = state.file(at.parent)
    return False


@ROUTES.rule(_LIMITED)
def organizer_of_drive(state: GoogleState, file: File, permission: Permission) -> bool:
    """Organizers of the shared drive can always open limited-access folders."""
    return (
        file.drive != ""
        and permission.role == "organizer"
        and any(held is permission for held in state.drives[file.drive].permissions.values())
    )


@READING.rule(_USERS)
def account_can_sign_in(world: World, person: Person, file: File) -> bool:
    """Suspended and deleted accounts read nothing."""
    return person.active and not person.deleted


@READING.rule(_TRASH)
def not_in_trash(world: World, person: Person, file: File) -> bool:
    """What is in the trash, itself or through a folder, is no document any more."""
    state = GoogleState.of(world)
    at: File | None = file
    while at is not None:
        if at.trashed:
            return False
        at = state.lookup(at.parent)
    return True


@READING.rule(_SHORTCUT)
def shortcut_leads_somewhere(world: World, person: Person, file: File) -> bool:
    """A shortcut carries no access to its target; with access, it hands over the address."""
    if file.target == "":
        return True
    target = GoogleState.of(world).lookup(file.target)
    return (
        target is not None
        and not_in_trash(world, person, target)
        and (_granted(world, person, target, GRANTS) or _granted(world, person, target, LINKS))
    )


def _granted(world: World, person: Person, file: File, book: Rules) -> bool:
    state, now = GoogleState.of(world), world.now()
    places = []
    at: File | None = file
    while at is not None:
        places.append(at.permissions)
        at = state.lookup(at.parent)
    if file.drive:
        places.append(state.drives[file.drive].permissions)
    return any(
        FORCE.hold(permission, now)
        and book.hold(world, person, permission)
        and ROUTES.hold(state, file, permission)
        for place in places
        for permission in place.values()
    )


def readable(world: World, person: Person, document: str) -> bool:
    """Whether `person` may read the file, as something that they could find."""
    file = GoogleState.of(world).lookup(document)
    return (
        file is not None
        and READING.hold(world, person, file)
        and _granted(world, person, file, GRANTS)
    )


def readable_by_link(world: World, person: Person, document: str) -> bool:
    """Whether `person` may open the file given its address."""
    file = GoogleState.of(world).lookup(document)
    return (
        file is not None
        and READING.hold(world, person, file)
        and (_granted(world, person, file, GRANTS) or _granted(world, person, file, LINKS))
    )


def documents(world: World) -> Iterator[Document]:
    """Every file that is no folder, those in the trash included."""
    everything = GoogleState.of(world).all_files()
    for file in map(everything.__getitem__, range(len(everything))):
        if file is not None and file.mime != FOLDER:
            yield Document("google", file.id, file.name, file.drive or file.owner)
