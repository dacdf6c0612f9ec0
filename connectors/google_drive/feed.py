"""What a page of a change log means for the documents of one container."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.google_drive.file import SHORTCUT, DriveFile
from connectors.google_drive.files import ChangePage, Files
from connectors.google_drive.tree import Tree


@dataclass(slots=True)
class Consequences:
    """What a page of changes asks for."""

    files: dict[str, DriveFile] = field(default_factory=dict)
    """Files of this container, to be read as they are now."""
    gone: set[str] = field(default_factory=set)
    """Documents that are no longer here, by the account's own confirmation."""
    perhaps_folders: set[str] = field(default_factory=set)
    """Of what is gone, what is or may be a folder: nothing tells what was in it."""
    folders: set[str] = field(default_factory=set)
    """Folders whose content has to be looked at again."""


class Feed:
    """Reads the change log of one container."""

    def __init__(self, files: Files, drive: str, *, owned: bool):
        """Prepare, without a request.

        Args:
            files: the container's files.
            drive: the shared drive's id; empty for a My Drive.
            owned: whether only what the account owns has its home in this My Drive.
        """
        self._files = files
        self._drive = drive
        self._owned = owned
        self._no_folders: set[str] = set()

    def meaning(self, page: ChangePage) -> Consequences:
        """What `page` asks for.

        An entry that says *removed* means deleted, moved away, or no longer shared with the
        account, so the file is asked for before it counts as gone.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        found = Consequences()
        for change in page.changes:
            if not change.id:
                # The drive itself: its members may have changed, and with them everybody's
                # readers. Only what carries permissions of its own costs a request.
                if self._drive:
                    found.folders.add(self._drive)
                continue
            file = change.file if change.file is not None else self._files.get(change.id)
            found.files.pop(change.id, None)
            if file is not None and not file.folder:
                self._no_folders.add(change.id)
            if file is None or not self._here(file):
                found.gone.add(change.id)
                if change.id not in self._no_folders:
                    found.perhaps_folders.add(change.id)
            elif file.folder:
                found.folders.add(file.id)
            elif file.media_type == SHORTCUT:
                continue
            elif file.trashed:
                found.gone.add(file.id)
            else:
                found.gone.discard(file.id)
                found.files[file.id] = file
        return found

    def beneath(self, tree: Tree, folders: set[str]) -> Iterator[tuple[list[DriveFile], set[str]]]:
        """Files below changed folders, page by page: those to read again, and those in the bin.

        Inherited changes are not promised an entry of their own in any change log.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        for page in tree.beneath(folders):
            yield (
                [each for each in page.files if not each.trashed],
                {each.id for each in page.files if each.trashed},
            )

    def _here(self, file: DriveFile) -> bool:
        if self._drive:
            return file.drive == self._drive
        # A folder counts wherever it is: one's own files may lie in another's.
        return file.drive is None and (not self._owned or file.mine or file.folder)
