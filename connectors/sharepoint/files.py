"""Document libraries: their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from access import AccessControl, Clause, Source
from connectors.left_out import TOO_LARGE, no_text
from connectors.media_types import readable
from connectors.sharepoint.bearers import Bearer, Guard
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.drives import MOST, READINGS, Drive, DriveItem
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.flags import Flags
from connectors.sharepoint.parts import Part
from connectors.sharepoint.permissions import Permissions
from connectors.sharepoint.reader import Entry, Happened, MakePermissions, PartPage, guarded
from connectors.sharepoint.settings import SharePointSettings
from connectors.sharepoint.tree import Tree
from corpus import Content, Document

_SKEW = timedelta(minutes=5)
"""How far SharePoint's clock and this one may be apart."""
_WAITING = 10 * MOST
"""Files that may wait for their folders to be listed: about 10 MB of them."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known of permissions, each thing asked for when it is first needed."""

    permissions: Permissions
    flags: Flags
    tree: Tree


class Library:
    """Reads the files of one document library."""

    def __init__(
        self,
        client: SharePointClient,
        part: Part,
        permissions: MakePermissions,
        settings: SharePointSettings,
    ):
        """Prepare, without a request."""
        self.part = part
        self._client = client
        self._make = permissions
        self._settings = settings
        self._drive = Drive(client, part)
        self._bearer = Bearer(part.site, part.list)
        self.begin()

    def begin(self) -> None:
        """Forget what is known of permissions and folders."""
        # In this order: the permissions' date covers what flags and folders are told.
        self._look(self._make(), Flags(self._client, self.part))

    def _look(self, permissions: Permissions, flags: Flags) -> None:
        self._now = _Look(permissions, flags, Tree(self._drive, flags))
        self._tree = self._now.tree

    def mark(self) -> str:
        """Nothing: a drive tells with its last page."""
        return ""

    def whole(self, link: str, page_size: int) -> Iterator[PartPage]:
        """Every file of the library."""
        rooted = bool(link)
        for page in self._drive.pages(link, page_size):
            there = [item for item in page.items if not item.gone]
            rooted = rooted or any(item.root for item in there)
            if page.next is None and not rooted and (root := self._drive.get("root")) is not None:
                there.append(root)  # only it says how much lies directly in the library
            self._tree.met(there)
            yield PartPage(
                tuple(self._entry(item) for item in there if _document(item)),
                page.link,
                page.next,
                page.delta,
                {item.id: item.parent for item in there if not item.root},
                {item.id: item.children for item in there if item.folder},
            )

    def top(self) -> AccessControl:
        """Who reads the files that have the library's own permissions, or the site's."""
        return self._now.permissions.access(Guard(self._bearer, self.part.drafts))

    def since(self, mark: str, top: str) -> Iterator[Happened]:
        """What happened to files and folders; see `Drive.pages`.

        What lies in the folders is looked at once, with the last page. Until then the place stays
        before the first of them, or a reader that is killed would not be told of it again.

        The root may be named for what happened below it, or because its permissions changed. The
        clauses that it guards are told then. Its files are looked at only if the permissions are
        not as they were: who breaks its inheritance may have ended that of folders and files too.
        """
        folders: set[str] = set()
        roots: set[str] = set()
        below = False
        gone: set[str] = set()
        held = ""
        permissions = self._make()
        for page in self._drive.pages(mark, MOST):
            there = [item for item in page.items if not item.gone]
            self._look(permissions, Flags(self._client, self.part, [item.number for item in there]))
            self._tree.met(there)
            roots |= {item.id for item in there if item.root}
            below = below or any(not item.root for item in page.items)
            folders |= {item.id for item in there if item.folder and not item.root}
            gone |= {item.id for item in page.items if item.gone}
            gone -= {item.id for item in there}
            if (folders or roots) and not held:
                held = page.link
            found: str | None = None
            clauses = frozenset[Clause]()
            if roots and not page.next:
                found, clauses = self._digest(permissions), self.top().clauses
                # Of authors each has a clause of their own, which is not among those.
                if not below or not found or found != top or self.part.own_only:
                    folders |= roots
            beneath = partial(self._beneath, folders, gone) if folders and not page.next else None
            yield Happened(
                tuple(self._entry(item) for item in there if _document(item)),
                (held or page.next) if page.next else page.delta,
                frozenset(item.id for item in page.items if item.gone),
                beneath=beneath,
                top=found,
                clauses=tuple(clauses),
            )
            # Before the next page is asked for: the date covers where it says that files lie.
            permissions = self._make()

    def everything(self) -> Iterator[tuple[Entry, ...]]:
        """Every file of the library, looked at anew."""
        return self._beneath(None, set())

    def _digest(self, permissions: Permissions) -> str:
        """What the library's permissions are, in short; empty where that can't be told."""
        url = self.part.api("?$select=Id,HasUniqueRoleAssignments")
        try:
            unique = self._client.rest(self.part.site.host, url).get("HasUniqueRoleAssignments")
        except SharePointRefused:
            return ""
        held = permissions.digest(self._bearer)
        return f"{unique}/{held}" if held and isinstance(unique, bool) else ""

    def _beneath(self, folders: set[str] | None, gone: set[str]) -> Iterator[tuple[Entry, ...]]:
        """The files in these folders (None: all), but for what was told to be gone.

        The whole library is listed, by the thousand: a listing of one folder does not tell what
        carries permissions of its own. A file that comes before a folder that it is in waits for
        it, or each such folder would be asked for by itself.
        """
        self.begin()
        early: dict[str, DriveItem] = {}
        for page in self._drive.pages("", MOST):
            for item in page.items:
                early.pop(item.id, None)  # what is told last holds
            there = [item for item in page.items if not item.gone]
            self._tree.met(there)
            found = {item.id: item for item in there if _document(item) and item.id not in gone}
            waiting = {id: item for id, item in found.items() if not self._tree.placed(item)}
            early |= waiting
            yield self._within(folders, (found[id] for id in found if id not in waiting))
            if len(early) > _WAITING:
                yield self._within(folders, early.values())
                early.clear()
        yield self._within(folders, early.values())

    def _within(self, folders: set[str] | None, items: Iterable[DriveItem]) -> tuple[Entry, ...]:
        return tuple(
            self._entry(item)
            for item in items
            if folders is None or self._tree.beneath(item, folders)
        )

    def _entry(self, item: DriveItem) -> Entry:
        # The look is taken now: another page may begin another.
        access = partial(self._access, self._now, item)
        version = item.known_by(self._settings.max_bytes)
        return Entry(item.id, version, access, partial(self._read, self._now, item))

    def _access(self, look: _Look, item: DriveItem) -> AccessControl:
        return guarded(look.permissions, f"item/{item.id}", partial(self._guard, look, item))

    def _guard(self, look: _Look, item: DriveItem) -> Guard:
        bearer, draft, author = look.tree.bearer(item), 0, None
        if self.part.drafts and look.flags.draft(item.number):
            draft = self.part.drafts
        if self.part.own_only:
            author = look.flags.author(item.number)
        return Guard(bearer, draft, author, own=bearer.item == item.id)

    def _read(self, look: _Look, item: DriveItem, access: AccessControl) -> Document:
        """The document, with readers who may read the very body that it has.

        A file may be locked and filled in after it was listed: then both are looked at again.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the file can't be read, or is never twice the same.
        """
        if item.modified_at is None or item.modified_at > look.permissions.began - _SKEW:
            # It may have been edited after the look: what it holds since, others may not read.
            item, anew = self._again(item)
            access = self._access(anew, item)
        for _ in range(READINGS):
            content = self._content(item)
            if content.data is None:
                return self._document(item, content, access)
            now, anew = self._again(item)
            if item.unchanged(now):
                return self._document(item, content, access)
            item, access = now, self._access(anew, now)
        raise SharePointRefused(409, "it changes while it is read")

    def _again(self, item: DriveItem) -> tuple[DriveItem, _Look]:
        """The file as it is now, and a look at permissions that is dated before that."""
        permissions = self._make()
        now = self._drive.get(item.id)
        if now is None:
            raise SharePointRefused(404, "itemNotFound")
        if item.tag == item.state:
            # `delta` need not tell the tag of the bytes; versions are to stay comparable.
            now = replace(now, tag=now.state)
        flags = Flags(self._client, self.part, [now.number])
        return now, _Look(permissions, flags, Tree(self._drive, flags))

    def _document(self, item: DriveItem, content: Content, access: AccessControl) -> Document:
        return Document(
            source=Source.SHAREPOINT,
            id=item.id,
            container_id=self.part.site.id,
            part=self.part.key,
            title=item.name,
            url=item.url,
            content=content,
            version=item.known_by(self._settings.max_bytes),
            owners=item.owners,
            created_at=item.created_at,
            modified_at=item.modified_at,
            access=access,
        )

    def _content(self, item: DriveItem) -> Content:
        wanted = readable(item.media_type, item.name)
        if wanted is None:
            told = item.media_type or "application/octet-stream"
            return Content(None, told, no_text(told))
        if item.size > self._settings.max_bytes:
            return Content(None, wanted, TOO_LARGE)
        data = self._drive.content(item, self._settings.max_bytes)
        if data is None:
            return Content(None, wanted, TOO_LARGE)
        return Content(data, wanted)


def _document(item: DriveItem) -> bool:
    """A notebook is one too, if without text; a shortcut is only an address."""
    return not item.folder and not item.shortcut
