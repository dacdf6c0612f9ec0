"""What happens in Google Drive: its verbs."""

from __future__ import annotations

from simulator.clock import parse
from simulator.google.ids import permission_id, root_id
from simulator.google.objects import (
    DOC,
    FOLDER,
    ROLES,
    SHORTCUT,
    ChangeEntry,
    Comment,
    Drive,
    File,
    Permission,
)
from simulator.google.store import GoogleStore
from simulator.verbs import VerbError, verb


class GoogleState(GoogleStore):
    """Drive as the server knows it."""

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
    def switch_api(self, service: str, on: bool) -> None:
        """Switch an API on or off for the project of every credential.

        Args:
            service: ``drive.googleapis.com`` or ``admin.googleapis.com``.
            on: whether it answers.
        """
        (self.disabled.discard if on else self.disabled.add)(service)

    @verb
    def make_admin(self, person: str) -> None:
        """Let a person use the Admin SDK and domain admin access."""
        self.world.directory.person(person)
        self.admins.add(person)

    def _check_grant(self, kind: str, subject: str, role: str) -> None:
        if kind not in ("user", "group", "domain", "anyone") or role not in ROLES[:-1]:
            raise VerbError(f"no grant of {role} to {kind}")
        if kind == "user":
            self.world.directory.person(subject)
        elif kind == "group":
            self.world.directory.group(subject)
        elif kind == "domain" and not subject:
            raise VerbError("which domain?")
