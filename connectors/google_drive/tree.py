"""The folders of one container: what lies in what, and which carry permissions of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.google_drive.file import DriveFile
from connectors.google_drive.files import FilePage, Files

_ASKED_BY_NAME = 25
"""Folders whose content is asked for by name; for more, the whole container is listed."""


class Tree:
    """Knows the folders that it has met: all of them after `load`, else each as it is needed."""

    def __init__(self, files: Files, top: str):
        """Begin with nothing known.

        Args:
            files: the container's files.
            top: the shared drive's id; empty for a My Drive.
        """
        self._files = files
        self._top = top
        self._known: dict[str, DriveFile | None] = {}
        self._whole = False

    def load(self) -> None:
        """Read every folder of the container: a request for each thousand.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        if self._whole:
            return
        for page in self._files.folders():
            self._known.update((each.id, each) for each in page.files)
            if page.incomplete:
                return
        self._whole = True

    def folder(self, id: str) -> DriveFile | None:
        """A folder; None where the account can't see it, and for the drive itself.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        if id == self._top:
            return None
        if id not in self._known:
            self._known[id] = self._files.get(id)
        return self._known[id]

    def bearer(self, id: str) -> str:
        """The nearest folder, from this one upwards, whose permissions are told by itself alone.

        In a shared drive an item that carries no permission of its own, and is not shut off from
        above (``hasAugmentedPermissions`` and ``inheritedPermissionsDisabled`` both false), has
        exactly the permissions of what it is in: there is nowhere else for one to come from. So
        a chain of such folders has the readers of the first that is no such folder, or of the
        drive.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        passed = set()
        while id not in passed:
            passed.add(id)
            at = self.folder(id)
            if at is None or not follows(at) or at.parent is None:
                break
            id = at.parent
        return id

    def beneath(self, roots: Iterable[str]) -> Iterator[FilePage]:
        """Files below these folders, at any depth; those in the bin are marked so.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        wanted = set(roots)
        if not wanted:
            return
        self.load()
        inside: dict[str, list[str]] = {}
        for each in self._known.values():
            if each is not None and each.parent:
                inside.setdefault(each.parent, []).append(each.id)
        waiting = list(wanted)
        while waiting:
            for id in inside.get(waiting.pop(), ()):
                if id not in wanted:
                    wanted.add(id)
                    waiting.append(id)
        if self._whole and len(wanted) <= _ASKED_BY_NAME and self._top not in wanted:
            yield from self._files.within(sorted(wanted))
            return
        everything = not self._whole or self._top in wanted
        for page in self._files.everything():
            found = tuple(f for f in page.files if everything or f.parent in wanted or not f.parent)
            yield FilePage(found, page.token, page.next, page.incomplete)


def follows(file: DriveFile) -> bool:
    """Whether a file or folder of a shared drive has exactly its folder's permissions."""
    return file.limited is False and file.augmented is False and file.parent is not None
