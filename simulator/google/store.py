"""Where Google's objects are kept and found; the verbs that change them are in ``state``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from simulator.google.ids import permission_id, root_id
from simulator.google.objects import FOLDER, ChangeEntry, Drive, File, Permission
from simulator.verbs import VendorState, VerbError

if TYPE_CHECKING:
    from simulator.google.generated import Generated
    from simulator.world import World


class GoogleStore(VendorState):
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
        self.disabled: set[str] = set()
        """APIs, by host, that the project of every credential has switched off."""
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

    def drive(self, drive_id: str) -> Drive:
        """The shared drive with this id.

        Raises:
            VerbError: there is none.
        """
        found = self.drives.get(drive_id)
        if found is None:
            raise VerbError(f"no shared drive {drive_id}")
        return found

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
