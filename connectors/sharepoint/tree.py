"""The folders of one library: what lies in what, and which carry permissions of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import RLock

from connectors.sharepoint.bearers import Bearer
from connectors.sharepoint.drives import Drive, DriveItem
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.flags import Flags, Unplaced


class Tree:
    """Knows the folders that it has met, and asks for the others as they are needed.

    A page of ``delta`` may tell of a file before it tells of the folder above, or not at all. A
    folder that was not met is asked for: were it passed over, what is restricted there would be
    read under the permissions from above.
    """

    def __init__(self, drive: Drive, flags: Flags):
        """Begin with nothing known."""
        self._drive = drive
        self._flags = flags
        self._lock = RLock()
        self._folders: dict[str, DriveItem | None] = {}

    def met(self, items: Iterable[DriveItem]) -> None:
        """Remember the folders among `items`."""
        self._folders.update((item.id, item) for item in items if item.folder and not item.gone)

    def bearer(self, item: DriveItem) -> Bearer:
        """Whose role assignments hold for an item.

        Raises:
            Unplaced: it can't be told.
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        part = self._drive.part
        with self._lock:  # of several documents in one folder the first asks for all
            for at in self._upwards(item):
                if at.root:
                    break
                if self._flags.unique(at.number) or at.shared:
                    return Bearer(part.site, part.list, at.number, part.drive, at.id)
            return Bearer(part.site, part.list)

    def beneath(self, item: DriveItem, folders: set[str]) -> bool:
        """Whether an item is in any of these folders, at any depth.

        One that can't be placed counts as if it were: it is looked at once more than needed.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        with self._lock:
            try:
                return any(at.id in folders for at in self._upwards(item) if at is not item)
            except Unplaced:
                return True

    def placed(self, item: DriveItem) -> bool:
        """Whether all folders above an item were met, so that none has to be asked for.

        So it is of one that asking would not place either.
        """
        with self._lock:
            passed: set[str] = set()
            at: DriveItem | None = item
            while at is not None and not at.root and at.parent and at.id not in passed:
                if at.parent not in self._folders:
                    return False
                passed.add(at.id)
                at = self._folders[at.parent]
            return True

    def _upwards(self, item: DriveItem) -> Iterator[DriveItem]:
        """The item, the folder that it is in, and so on up to the root."""
        passed: set[str] = set()
        at = item
        while True:
            yield at
            if at.root:
                return
            if at.parent is None or at.id in passed:
                raise Unplaced
            passed.add(at.id)
            above = self._folder(at.parent)
            if above is None:
                raise Unplaced
            at = above

    def _folder(self, id: str) -> DriveItem | None:
        if id not in self._folders:
            try:
                self._folders[id] = self._drive.get(id)
            except SharePointRefused:
                self._folders[id] = None
        return self._folders[id]
