"""What Google keeps: files, permissions, shared drives, comments and the change log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, overload

from simulator.clock import parse
from simulator.google.ids import permission_id, root_id
from simulator.verbs import VendorState, VerbError, verb

if TYPE_CHECKING:
    from simulator.google.generated import Generated
    from simulator.world import World

APP = "application/vnd.google-apps."
FOLDER, SHORTCUT = APP + "folder", APP + "shortcut"
DOC, SHEET, SLIDES = APP + "document", APP + "spreadsheet", APP + "presentation"
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
"""Weakest first."""


@dataclass(slots=True)
class Permission:
    """A grant on one file or shared drive."""

    id: str
    type: str
    """user, group, domain or anyone."""
    role: str
    subject: str = ""
    """A person's id, a group's id or a domain; for outsiders without an account an address."""
    expires: datetime | None = None
    view: str = ""
    """``published``: only the published copy."""
    discoverable: bool = False
    """Domain and anyone: found by searching, rather than only by link."""


@dataclass(slots=True)
class Comment:
    """A comment with its replies."""

    id: str
    author: str
    text: str
    at: datetime
    quoted: str = ""
    replies: list[tuple[str, str, datetime]] = field(default_factory=list)
    """(author, text, time)."""
    resolved: bool = False


@dataclass(slots=True)
class File:
    """A file or folder."""

    id: str
    name: str
    mime: str
    parent: str
    """The one folder it is in: a root, a folder or a shared drive's id; empty for a root."""
    drive: str
    """The shared drive; empty in My Drive."""
    owner: str
    """A person's id; empty in a shared drive."""
    created: datetime
    modified: datetime
    editor: str
    """Who changed it last."""
    text: str = ""
    """The content's source (Markdown; CSV for sheets; ``---`` between slides)."""
    description: str = ""
    target: str = ""
    """What a shortcut points to."""
    limited: bool = False
    """inheritedPermissionsDisabled; folders only."""
    trashed: bool = False
    """Trashed itself, rather than through a folder."""
    version: int = 1
    revision: int = 1
    """Counts changes of content only."""
    permissions: dict[str, Permission] = field(default_factory=dict)
    """Direct ones, by permission id."""
    comments: dict[str, Comment] = field(default_factory=dict)
    trash_time: datetime | None = None
    touched: datetime | None = None
    """When anything about it changed last, for a search that lags; None if never."""


@dataclass(slots=True)
class Drive:
    """A shared drive."""

    id: str
    name: str
    created: datetime
    permissions: dict[str, Permission] = field(default_factory=dict)
    """Its members."""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One line of the change log."""

    number: int
    at: datetime
    file: str
    """A file's id; empty when a shared drive itself changed."""
    drive: str
    """The shared drive concerned; empty in My Drive."""
    moved_from: str = ""
    """The shared drive (or ``my``) that it left, when it crossed over."""
    before: tuple[Permission, ...] = ()
    """Every permission that held there just before, so that a feed can tell who lost access."""


class GoogleState(VendorState):
    """Drive as the server knows it."""

    name = "google"

    def __init__(self, world: World):
        super().__init__(world)
        self.files: dict[str, File] = {}
        self.generated: Generated | None = None
        """Files computed on demand; one that a verb touches moves to `files`."""
        self.gone: set[str] = set()
        """Generated files that were deleted."""
        self.children: dict[str, dict[str, None]] = {}
        """Folder or drive id → ids of what is directly in it."""
        self.drives: dict[str, Drive] = {}
        self.log: list[ChangeEntry] = []
        self.oldest = 0
        """The earliest position in the log that a page token may still name."""
        self.keys: dict[str, dict[str, Any]] = {}
        """Service account address → its public key (PEM) and the scopes delegated to it."""
        self.reserved: set[str] = set()
        """Ids handed out by files.generateIds."""
        self.admins: set[str] = set()
        """People who may use the Admin SDK."""
        self.latest: dict[str, int] = {}
        """File id → its last line in the log."""
        self.membership: tuple[int, dict[str, frozenset[str]]] = (-1, {})
        """The view's memory of who is in which groups, and how old it is."""

    def directory_changed(self, kind: str, subject: str) -> None:
        """Everyone who joins gets a My Drive."""
        if kind != "add_person":
            return
        now, root = self.world.now(), root_id(subject)
        self.files[root] = File(root, "My Drive", FOLDER, "", "", subject, now, now, subject)
        self._put(self.files[root], Permission("", "user", "owner", subject))

    def file(self, file_id: str) -> File:
        """The file with this id.

        Raises:
            VerbError: there is none.
        """
        found = self.lookup(file_id)
        if found is None:
            raise VerbError(f"no file {file_id}")
        return found

    def _touch(self, file_id: str) -> File:
        """The file, about to change: a generated one is held from now on."""
        found = self.file(file_id)
        if file_id not in self.files:
            self.files[file_id] = found
            self.children.setdefault(found.parent, {})[file_id] = None
        return found

    def lookup(self, file_id: str) -> File | None:
        """The file with this id; None where there is none."""
        found = self.files.get(file_id)
        if found is None and self.generated is not None and file_id not in self.gone:
            return self.generated.find(file_id)
        return found

    def inside(self, folder: str) -> Sequence[File]:
        """What is directly in a folder or shared drive, in order of arrival."""
        held = [self.files[child] for child in self.children.get(folder, ())]
        if self.generated is None or (folder not in self.drives and self.lookup(folder) is None):
            return held
        return [f for f in self.generated.inside(folder) if self._still(f)] + held

    def all_files(self, drive: str = "") -> Sequence[File | None]:
        """Every file, or every file of one shared drive; None where one went since generated.

        Generated ones come first, so that places in the list stay as they are.
        """
        held = [f for f in self.files.values() if not drive or f.drive == drive]
        if self.generated is None:
            return held
        return _Joined(self.generated.files(drive), held, self._still)

    def _still(self, file: File) -> bool:
        return file.id not in self.files and file.id not in self.gone

    def ancestry(self, file: File) -> Iterator[File]:
        """The file, the folder it is in, and so on up to the top."""
        at: File | None = file
        while at is not None:
            yield at
            at = self.lookup(at.parent)

    def within(self, file: File) -> Iterator[File]:
        """The file and everything below it."""
        waiting = [file]
        while waiting:
            at = waiting.pop()
            yield at
            if at.mime == FOLDER:
                waiting += self.inside(at.id)

    def _put(self, place: File | Drive, permission: Permission) -> str:
        permission.id = permission_id(permission.type, permission.subject, permission.discoverable)
        place.permissions[permission.id] = permission
        return permission.id

    def _reach(self, file: File) -> tuple[Permission, ...]:
        """Copies of the permissions that reach the file: who might have had access."""
        found: list[Permission] = []
        shut = False
        for at in self.ancestry(file):
            found += at.permissions.values()
            shut = at.limited
            if shut:
                break
        if file.drive:
            members = self.drives[file.drive].permissions.values()
            found += [p for p in members if not shut or p.role == "organizer"]
        return tuple(replace(p) for p in found)

    def _changed(
        self, file: File, moved_from: str = "", before: tuple[Permission, ...] = ()
    ) -> None:
        file.version += 1
        number = len(self.log) + 1
        at = file.touched = self.world.now()
        self.latest[file.id] = number
        self.log.append(ChangeEntry(number, at, file.id, file.drive, moved_from, before))

    @verb
    def create_drive(self, name: str, organizer: str, at: str = "") -> str:
        """A new shared drive with its first organizer; tells its id."""
        self.world.directory.person(organizer)
        drive_id = "0A" + self.world.new_id(15) + "PVA"
        self.drives[drive_id] = Drive(drive_id, name, parse(at) if at else self.world.now())
        self._put(self.drives[drive_id], Permission("", "user", "organizer", organizer))
        self._drive_changed(drive_id)
        return drive_id

    @verb
    def rename_drive(self, drive: str, name: str) -> None:
        """A new name for a shared drive."""
        self.drive(drive).name = name
        self._drive_changed(drive)

    @verb
    def delete_drive(self, drive: str) -> None:
        """Delete a shared drive with everything in it."""
        before = tuple(self.drive(drive).permissions.values())
        for file in [f for f in self.all_files(drive) if f is not None]:
            self._forget(file)
        del self.drives[drive]
        self._drive_changed(drive, before)

    @verb
    def add_drive_member(
        self,
        drive: str,
        subject: str,
        role: str = "reader",
        type: str = "user",
    ) -> str:
        """Someone becomes a member of a shared drive, or changes role; tells the permission id."""
        found = self.drive(drive)
        self._check_grant(type, subject, role)
        permission = self._put(found, Permission("", type, role, subject))
        self._drive_changed(drive)
        return permission

    @verb
    def remove_drive_member(self, drive: str, permission: str) -> None:
        """A member leaves a shared drive."""
        found = self.drive(drive)
        if permission not in found.permissions:
            raise VerbError(f"no permission {permission}")
        before = tuple(found.permissions.values())
        del found.permissions[permission]
        self._drive_changed(drive, before)

    @verb
    def create(
        self,
        name: str,
        owner: str,
        mime: str = DOC,
        parent: str = "",
        text: str = "",
        target: str = "",
        at: str = "",
        id: str = "",
        description: str = "",
    ) -> str:
        """A new file, folder or shortcut; tells its id.

        Args:
            name: its name.
            owner: a person; in a shared drive only its author.
            mime: its media type.
            parent: a folder's or shared drive's id; empty for the owner's My Drive.
            text: its content's source, see `File.text`.
            target: what a shortcut points to.
            at: when it was created and last changed; now if empty.
            id: one from `reserve`; empty for a new one.
            description: its description.
        """
        self.world.directory.person(owner)
        parent = parent or root_id(owner)
        drive = parent if parent in self.drives else self.file(parent).drive
        if parent not in self.drives and self.file(parent).mime != FOLDER:
            raise VerbError(f"{parent} is no folder")
        if bool(target) != (mime == SHORTCUT):
            raise VerbError("a shortcut, and nothing else, has a target")
        if target:
            self.file(target)
        if id and id in self.files:
            raise VerbError(f"{id} is taken")
        file_id = id or "1" + self.world.new_id(32)
        self.reserved.discard(file_id)
        when = parse(at) if at else self.world.now()
        file = File(
            file_id,
            name,
            mime,
            parent,
            drive,
            "" if drive else owner,
            when,
            when,
            owner,
            text=text,
            target=target,
            description=description,
        )
        self.files[file_id] = file
        self.children.setdefault(parent, {})[file_id] = None
        if not drive:
            self._put(file, Permission("", "user", "owner", owner))
        self._changed(file)
        return file_id

    @verb
    def reserve(self, count: int = 10) -> list[str]:
        """Ids that `create` will accept."""
        found = ["1" + self.world.new_id(32) for _ in range(count)]
        self.reserved.update(found)
        return found

    @verb
    def edit(self, file: str, text: str, by: str = "", at: str = "") -> None:
        """New content, by its last editor and now unless told otherwise."""
        found = self._touch(file)
        found.text, found.modified = text, parse(at) if at else self.world.now()
        found.editor, found.revision = by or found.editor, found.revision + 1
        self._changed(found)

    @verb
    def rename(self, file: str, name: str) -> None:
        """A new name; modifiedTime moves too, as in Drive."""
        found = self._touch(file)
        found.name, found.modified = name, self.world.now()
        self._changed(found)

    @verb
    def move(self, file: str, parent: str) -> None:
        """Into another folder or shared drive; what is below comes along."""
        found = self._touch(file)
        if not found.parent:
            raise VerbError("a root can't be moved")
        drive = parent if parent in self.drives else self.file(parent).drive
        if parent not in self.drives:
            if self.file(parent).mime != FOLDER:
                raise VerbError(f"{parent} is no folder")
            if any(at.id == file for at in self.ancestry(self.file(parent))):
                raise VerbError("a folder can't be moved into itself")
        if found.drive and not drive:
            raise VerbError("moving out of a shared drive is not supported")
        before = self._reach(found)
        left = "" if found.drive == drive else found.drive or "my"
        del self.children[found.parent][file]
        found.parent = parent
        self.children.setdefault(parent, {})[file] = None
        if drive != found.drive:
            for inner in [below.id for below in self.within(found)]:
                below = self._touch(inner)
                below.drive, below.owner = drive, ""
                for key in [k for k, p in below.permissions.items() if p.role == "owner"]:
                    del below.permissions[key]
        self._changed(found, left, before)

    @verb
    def trash(self, file: str, by: str = "") -> None:
        """Into the trash, with what is below."""
        found = self._touch(file)
        if not found.parent:
            raise VerbError("a root can't be trashed")
        found.trashed, found.trash_time = True, self.world.now()
        found.editor = by or found.editor
        self._changed(found)

    @verb
    def restore(self, file: str) -> None:
        """Out of the trash."""
        found = self._touch(file)
        found.trashed, found.trash_time = False, None
        self._changed(found)

    @verb
    def delete(self, file: str) -> None:
        """For good, with what is below."""
        found = self._touch(file)
        if not found.parent:
            raise VerbError("a root can't be deleted")
        for below in list(self.within(found)):
            self._changed(below, before=self._reach(below))
        for below in list(self.within(found)):
            self._forget(below)

    @verb
    def share(
        self,
        file: str,
        type: str,
        subject: str = "",
        role: str = "reader",
        expires: str = "",
        view: str = "",
        discoverable: bool = False,
    ) -> str:
        """Grant access, or change a grant; tells the permission's id.

        Args:
            file: what to share.
            type: user, group, domain or anyone.
            subject: a person's id, a group's id or a domain.
            role: reader, commenter or writer.
            expires: when the grant ends (user and group only); empty for never.
            view: ``published`` for the published copy only.
            discoverable: for domain and anyone: found by searching too.
        """
        found = self._touch(file)
        self._check_grant(type, subject, role)
        if expires and type not in ("user", "group"):
            raise VerbError("only user and group permissions expire")
        if not found.parent:
            raise VerbError("a root can't be shared")
        key = permission_id(type, subject, discoverable)
        if key in found.permissions and found.permissions[key].role == "owner":
            raise VerbError("the owner has access already")
        made = Permission(
            key,
            type,
            role,
            subject,
            parse(expires) if expires else None,
            view,
            discoverable and type in ("domain", "anyone"),
        )
        self._put(found, made)
        self._changed(found)
        return made.id

    @verb
    def unshare(self, file: str, permission: str) -> None:
        """Take a direct grant away."""
        found = self._touch(file)
        held = found.permissions.get(permission)
        if held is None or held.role == "owner":
            raise VerbError(f"no permission {permission} that could be removed")
        before = self._reach(found)
        del found.permissions[permission]
        self._changed(found, before=before)

    @verb
    def expire(self, file: str, permission: str, at: str = "") -> None:
        """Give a direct grant an end, or none if `at` is empty."""
        found = self._touch(file)
        held = found.permissions.get(permission)
        if held is None or held.role == "owner" or held.type not in ("user", "group"):
            raise VerbError(f"no permission {permission} that could expire")
        held.expires = parse(at) if at else None
        self._changed(found)

    @verb
    def transfer(self, file: str, owner: str) -> None:
        """Someone else becomes the owner; the old owner stays as a writer."""
        found = self._touch(file)
        self.world.directory.person(owner)
        if found.drive or not found.parent:
            raise VerbError("this has no owner that could change")
        self._put(found, Permission("", "user", "writer", found.owner))
        found.owner = owner
        self._put(found, Permission("", "user", "owner", owner))
        self._changed(found)

    @verb
    def limit(self, folder: str, limited: bool = True) -> None:
        """Make a folder limited-access (inheritedPermissionsDisabled), or end that."""
        found = self._touch(folder)
        if found.mime != FOLDER or not found.parent:
            raise VerbError("limited access is for folders")
        before = self._reach(found)
        found.limited = limited
        self._changed(found, before=before)

    @verb
    def comment(self, file: str, author: str, text: str, quoted: str = "") -> str:
        """A comment on a file; tells its id. It leaves modifiedTime alone."""
        found = self._touch(file)
        self.world.directory.person(author)
        comment_id = "AAAB" + self.world.new_id(7)
        found.comments[comment_id] = Comment(comment_id, author, text, self.world.now(), quoted)
        self._changed(found)
        return comment_id

    @verb
    def reply(self, file: str, comment: str, author: str, text: str) -> None:
        """An answer to a comment."""
        found = self._touch(file)
        if comment not in found.comments:
            raise VerbError(f"no comment {comment}")
        found.comments[comment].replies.append((author, text, self.world.now()))
        self._changed(found)

    @verb
    def expire_tokens(self) -> None:
        """From now on every page token handed out so far for changes answers 410."""
        self.oldest = len(self.log) + 1
        self.log.append(ChangeEntry(len(self.log) + 1, self.world.now(), "", "gone"))

    @verb
    def trust_key(self, account: str, public_key: str, scopes: list[str]) -> None:
        """Let a service account impersonate anyone (domain-wide delegation).

        Args:
            account: its address, the assertion's ``iss``.
            public_key: PEM, of the key that it signs with.
            scopes: what may be asked for.
        """
        self.keys[account] = {"public_key": public_key, "scopes": scopes}

    @verb
    def make_admin(self, person: str) -> None:
        """Let a person use the Admin SDK and domain admin access."""
        self.world.directory.person(person)
        self.admins.add(person)

    def drive(self, drive_id: str) -> Drive:
        """The shared drive with this id.

        Raises:
            VerbError: there is none.
        """
        found = self.drives.get(drive_id)
        if found is None:
            raise VerbError(f"no shared drive {drive_id}")
        return found

    def _check_grant(self, kind: str, subject: str, role: str) -> None:
        if kind not in ("user", "group", "domain", "anyone") or role not in ROLES[:-1]:
            raise VerbError(f"no grant of {role} to {kind}")
        if kind == "user":
            self.world.directory.person(subject)
        elif kind == "group":
            self.world.directory.group(subject)
        elif kind == "domain" and not subject:
            raise VerbError("which domain?")

    def _drive_changed(self, drive: str, before: tuple[Permission, ...] = ()) -> None:
        number = len(self.log) + 1
        self.log.append(ChangeEntry(number, self.world.now(), "", drive, before=before))

    def _forget(self, file: File) -> None:
        self.files.pop(file.id, None)
        self.children.pop(file.id, None)
        if self.generated is not None:
            self.gone.add(file.id)
        self.children.get(file.parent, {}).pop(file.id, None)


class _Joined(Sequence["File | None"]):
    """Generated files, then those that are held."""

    def __init__(
        self, first: Sequence[File], second: Sequence[File], still: Callable[[File], bool]
    ):
        self._first, self._second, self._still = first, second, still

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    @overload
    def __getitem__(self, at: int) -> File | None: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[File | None]: ...
    def __getitem__(self, at: int | slice) -> File | Sequence[File | None] | None:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        if at >= len(self._first):
            return self._second[at - len(self._first)]
        found = self._first[at]
        return found if self._still(found) else None
