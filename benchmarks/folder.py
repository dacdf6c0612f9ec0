# ruff: noqa: ARG002 - a folder has no use for some of what the contract passes
"""A folder of files as a source, for what is measured behind the connectors."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

from access import AccessControl, Clause, Principal, PrincipalKind, Source, utc_now
from connectors.interface import KnownVersions, ListingPage
from corpus import (
    Change,
    Container,
    Content,
    Cursor,
    Document,
    MembershipPage,
    Page,
    PermissionPage,
    Reacl,
    Upsert,
)

MEDIA_TYPES = {".md": "text/markdown", ".html": "text/html", ".txt": "text/plain"}
HERE = Container(Source.GOOGLE_DRIVE, "folder", "Folder", "")
_PAGE = 100


class Folder:
    """A folder of files that everybody may read, as a source."""

    source = HERE.source

    def __init__(self, folder: Path, *, resends: bool = False) -> None:
        """Read `folder`; one that `resends` sends bodies that are already stored again."""
        self._files = sorted(folder.iterdir())
        self._resends = resends
        anyone = Principal(self.source, PrincipalKind.ANYONE, "anyone")
        self._clause = Clause.of(self.source, "folder", {anyone}, utc_now())
        self._access = AccessControl.all_of(self._clause)

    def containers(self) -> Iterator[Container]:
        """The folder."""
        yield HERE

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """All files, a hundred to a page."""
        for start in range(0, len(self._files), _PAGE):
            files = self._files[start : start + _PAGE]
            stored = {} if self._resends else known([file.name for file in files])
            changes = tuple(self._change(file, stored.get(file.name)) for file in files)
            yield Page(changes, Cursor(str(start)), whole=start + _PAGE >= len(self._files))

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        """The folder's clause."""
        yield PermissionPage((self._clause,), (), Cursor("end"))

    def listing(
        self,
        container: Container,
        parts: Collection[str] | None = None,
    ) -> Iterator[ListingPage]:
        """Every file."""
        yield ListingPage({file.name: _version(file) for file in self._files}, True)

    def memberships(self) -> Iterator[MembershipPage]:
        """No groups."""
        yield from ()

    def _change(self, file: Path, stored: str | None) -> Change:
        version = _version(file)
        if stored == version:
            return Reacl(file.name, self._access)
        return Upsert(
            Document(
                source=self.source,
                id=file.name,
                container_id=HERE.id,
                title=file.stem,
                url="",
                content=Content(file.read_bytes(), MEDIA_TYPES[file.suffix]),
                version=version,
                owners=(),
                created_at=None,
                modified_at=None,
                access=self._access,
            )
        )


def _version(file: Path) -> str:
    found = file.stat()
    return hashlib.sha256(f"{found.st_mtime_ns}:{found.st_size}".encode()).hexdigest()[:16]
