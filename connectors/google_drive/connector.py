"""Google Drive as a `SourceConnector`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from access import AccessControl, Clause, Source
from connectors.budget import Budget
from connectors.capability import Capability, Outcome, tried
from connectors.google_drive.capabilities import of_container, of_directory, of_users, who
from connectors.google_drive.client import GoogleClient
from connectors.google_drive.content import fetch
from connectors.google_drive.drives import SharedDrives
from connectors.google_drive.feed import Feed
from connectors.google_drive.file import MY_DRIVE, DriveFile
from connectors.google_drive.files import MOST, Files
from connectors.google_drive.groups import memberships
from connectors.google_drive.my_drives import MyDrives
from connectors.google_drive.permissions import Permissions
from connectors.google_drive.place import CHANGES, CRAWL, SWEEP, Place
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.google_drive.tree import Tree
from connectors.interface import (
    AuthenticationFailed,
    CursorExpired,
    KnownVersions,
    ListingPage,
    SourceUnavailable,
)
from connectors.patience import Patience
from connectors.position import END, Position
from connectors.reading import Found, Listed, Reading
from connectors.refused import Refused
from connectors.retry import Retry
from connectors.workers import in_order
from corpus import (
    Change,
    Container,
    Content,
    Cursor,
    Delete,
    Document,
    MembershipPage,
    Page,
    PermissionPage,
    Reacl,
)

END_OF_FEED = Position(END).cursor()
_DIRECTORY_RATE = 39.0
"""Requests a second; with a burst of 60 the most that a minute may have."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """One container, and what it takes to read it."""

    container: Container
    drive: str
    """The shared drive's id; empty for a My Drive."""
    client: GoogleClient
    files: Files


class GoogleDriveConnector:
    """Files of shared drives and My Drives, with who may read them.

    A page of changes is one page of ``files.list`` or ``changes.list``, or part of one when its
    bodies are many: the parts repeat the cursor of their beginning, which is safe to go on from.
    """

    source = Source.GOOGLE_DRIVE

    def __init__(
        self,
        settings: GoogleDriveSettings,
        *,
        budgets: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        """Prepare, without a request."""
        self._settings = settings
        self._now = now
        self._retry = Retry(
            self.source,
            settings.attempts,
            settings.longest_wait,
            sleep,
            budget=Budget.of(
                budgets, self.source, settings.credential, settings.rate, settings.burst
            ),
        )
        # The Directory has a quota of its own: 2,400 requests a minute, user and project
        # (https://developers.google.com/workspace/admin/directory/v1/limits).
        self._directory_retry = replace(
            self._retry,
            budget=Budget.of(
                budgets, self.source, f"directory {settings.credential}", _DIRECTORY_RATE, 60
            ),
        )
        self._clients: dict[tuple[str | None, bool], GoogleClient] = {}
        self._drives = SharedDrives(settings, self._as)
        self._my_drives = MyDrives(settings, self._as)

    def containers(self) -> Iterator[Container]:
        """Shared drives of the domain or of the account, then each configured user's My Drive."""
        yield from self._drives.containers()
        if self._settings.service_account_file is None or self._settings.access_token is not None:
            yield self._my_drives.of(None)
        else:
            yield from self._my_drives.all()

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """What changed after `since`; without it, every file of the container.

        The change log's place is taken before the first page of a crawl, so that what happens
        meanwhile is told afterwards. The page that ends a crawl is `whole`.

        Raises:
            CursorExpired: the log no longer goes back to `since`, or the account that it was
                read as can no longer read it.
        """
        place = Place.saved(since, (CRAWL, CHANGES))
        if place is None:
            place = self._begun(container)
        reader = self._reader(container, place.account)
        # Each has patience of its own: permissions that are read well say nothing of bodies.
        concurrency = self._settings.concurrency
        with Reading(self.source, concurrency, Patience(), known, self._now) as reading:
            if place.phase == CRAWL:
                yield from reading.pages(self._crawl(reader, place))
                return
            try:
                yield from reading.pages(self._follow(reader, place, known))
            except Refused as refused:
                self._drives.forget(container.id)
                raise CursorExpired(
                    self.source,
                    f"the account can no longer follow the changes ({refused.reason})",
                    "Reconcile from the start, as another account.",
                    refused.status,
                ) from None

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        """Who may read each file of the container now, without reading a body."""
        place = Place.saved(since, (SWEEP,))
        if place is None:
            place = Place(SWEEP, account=self._account(container))
        reader = self._reader(container, place.account)
        patience = Patience()
        permissions = self._look(reader, patience)
        with self._pool() as pool:
            for listed in reader.files.pages(place.page):
                clauses: set[Clause] = set()
                changes: list[Change] = []
                found = in_order(pool, len(listed.files), permissions.access, listed.files)
                for file, access in zip(listed.files, found, strict=True):
                    clauses.update(access.clauses)
                    changes.append(Reacl(file.id, access))
                yield PermissionPage(
                    tuple(sorted(clauses, key=lambda clause: clause.key)),
                    tuple(changes),
                    END_OF_FEED if listed.next is None else place.at(listed.next).cursor(),
                )
                if permissions.old:
                    permissions = self._look(reader, patience)

    def listing(
        self,
        container: Container,
        parts: Collection[str] | None = None,  # noqa: ARG002
    ) -> Iterator[ListingPage]:
        """Ids and versions; complete only if Google never said that its search was not.

        A drive has no parts.
        """
        incomplete = False
        reader = self._reader(container, self._account(container))
        # Nothing is saved between these pages, so that small ones would only cost requests.
        for listed in reader.files.pages(page_size=MOST):
            incomplete = incomplete or listed.incomplete
            yield ListingPage(
                {file.id: file.version(self._settings.max_bytes) for file in listed.files},
                listed.next is None and not incomplete,
            )

    def memberships(self) -> Iterator[MembershipPage]:
        """Google groups, when the Directory API is configured; else nothing."""
        if self._settings.directory:
            client = self._as(self._settings.subject, directory=True)
            yield from memberships(client, self._settings.customer)

    def capabilities(self) -> Iterator[Capability]:
        """What a sync with these settings needs to do, each tried on the first that is found."""
        settings = self._settings
        client = self._as(settings.subject if settings.delegated else None)
        account = tried("know the account that asks", "everything", partial(who, client))
        yield account
        if account.outcome is Outcome.WORKS:
            yield from self._of_drives()
            if settings.delegated:
                yield from of_users(settings, self._as)
            else:
                yield from self._of_container(self._my_drives.of(None))
        if settings.directory:
            yield from of_directory(
                lambda scopes: self._client(settings.subject, directory=True, scopes=scopes),
                settings.customer,
            )

    def _of_drives(self) -> Iterator[Capability]:
        needed = "the files of shared drives"
        drives: list[Container] = []
        if self._settings.shared_drives == ():
            return
        first = islice(self._drives.containers(), 1)
        listing = tried("list shared drives", needed, lambda: drives.extend(first))
        yield listing
        name = "read a shared drive as one of its people"
        if drives:
            found = tried(name, needed, lambda: self._drives.account(drives[0].id))
            yield found
            if found.outcome is Outcome.WORKS:
                yield from self._of_container(drives[0])
        elif listing.outcome is Outcome.WORKS:
            yield Capability.untried(name, needed, "no shared drive is seen to try it on")

    def _of_container(self, container: Container) -> Iterator[Capability]:
        reader = self._reader(container, self._account(container))
        return of_container(
            container,
            reader.files,
            reader.client,
            lambda: self._begun(container),
            self._settings.max_bytes,
        )

    def _crawl(self, reader: _Reader, place: Place) -> Iterator[Listed]:
        patience = Patience()
        permissions = self._look(reader, patience)
        for listed in reader.files.pages(place.page):
            found = [self._found(reader, permissions, file) for file in listed.files]
            end = listed.next is None
            after = _after_crawl(place) if end else place.at(str(listed.next)).cursor()
            yield Listed(found, place.at(listed.token).cursor(), after, whole=end)
            if permissions.old:
                permissions = self._look(reader, patience)

    def _look(self, reader: _Reader, patience: Patience) -> Permissions:
        """Permissions as of now, over every folder as it is now; for what is listed from now on."""
        tree = Tree(reader.files, reader.drive)
        permissions = Permissions(reader.client, patience, self._now, tree)
        tree.load()
        return permissions

    def _follow(self, reader: _Reader, place: Place, known: KnownVersions) -> Iterator[Listed]:
        feed = Feed(reader.files, reader.drive, owned=self._owned)
        patience = Patience()
        pages = reader.files.changes(place.page)
        while True:
            # Made for each page anew: what was known of folders may be what has changed. And
            # before the page is asked for, since what it says of files is as old as that.
            tree = Tree(reader.files, reader.drive)
            permissions = beneath = Permissions(reader.client, patience, self._now, tree)
            asked = self._now()
            page = next(pages, None)
            if page is None:
                return
            here = place.at(page.token).cursor()
            meaning = feed.meaning(page)
            for files, binned in feed.beneath(tree, meaning.folders):
                meaning.gone.update(binned)
                yield Listed([self._found(reader, beneath, f) for f in files], here, here)
                if beneath.old:
                    beneath = self._look(reader, patience)
            gone = tuple(Delete(id) for id in sorted(meaning.gone))
            kept = [f for f in meaning.files.values() if f.id not in meaning.gone]
            found = [self._found(reader, permissions, file) for file in kept]
            # A folder that is gone may have been emptied by it, or moved to where we do not look:
            # only the listing tells what is still here. It is long, so it is read once, at the
            # end; until then each place that is saved keeps the doubt.
            perhaps = sorted(meaning.perhaps_folders)
            doubt = place.doubt or (bool(perhaps) and len(known(perhaps)) < len(perhaps))
            place = replace(place, doubt=doubt and not page.last)
            after = place.at(page.next).cursor()
            whole = doubt and page.last
            yield Listed(found, here, after, whole=whole, first=gone, asked=asked)

    def _begun(self, container: Container) -> Place:
        """Where a first crawl starts: at the first page, with the log's place noted."""
        account = self._account(container)
        reader = self._reader(container, account)
        try:
            start = reader.files.start()
        except Refused as refused:
            if refused.status != 404 or self._settings.delegated:
                raise SourceUnavailable(
                    self.source,
                    f"the changes of a container can't be followed ({refused.reason})",
                    "Check that the account is still a member of the drive.",
                    refused.status,
                ) from None
            start = ""  # a server without a change log: every sync is a crawl
        return Place(CRAWL, start=start, account=account)

    def _found(self, reader: _Reader, permissions: Permissions, file: DriveFile) -> Found:
        limit = self._settings.max_bytes
        version = file.version(limit)

        def read(access: AccessControl) -> Document:
            content = fetch(reader.client, file, limit)
            return _document(reader.container, file, content, version, access)

        return Found(file.id, version, partial(permissions.access, file), read)

    @property
    def _owned(self) -> bool:
        return bool(self._settings.users) and self._settings.access_token is None

    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._settings.concurrency, "google-drive")

    def _account(self, container: Container) -> str | None:
        """Whom a container is read as; None is the credentials' own account."""
        if container.id.startswith(MY_DRIVE):
            if self._settings.access_token is not None:
                return None
            if container.owner is None:
                raise AuthenticationFailed(
                    self.source, "a My Drive without owner", "List the containers again."
                )
            return container.owner
        return self._drives.account(container.id)

    def _reader(self, container: Container, account: str | None) -> _Reader:
        client = self._as(account)
        drive = "" if container.id.startswith(MY_DRIVE) else container.id
        size = self._settings.page_size
        files = Files(client, container, owned=self._owned, page_size=size, now=self._now)
        return _Reader(container, drive, client, files)

    def _as(self, subject: str | None, *, directory: bool = False) -> GoogleClient:
        key = (subject, directory)
        if key not in self._clients:
            self._clients[key] = self._client(subject, directory=directory)
        return self._clients[key]

    def _client(
        self, subject: str | None, *, directory: bool, scopes: tuple[str, ...] | None = None
    ) -> GoogleClient:
        retry = self._directory_retry if directory else self._retry
        return GoogleClient(self._settings, retry, subject, directory=directory, scopes=scopes)


def _document(
    container: Container, file: DriveFile, content: Content, version: str, access: AccessControl
) -> Document:
    return Document(
        source=Source.GOOGLE_DRIVE,
        id=file.id,
        container_id=container.id,
        title=file.name,
        url=file.url,
        content=content,
        version=version,
        owners=file.owners,
        created_at=file.created_at,
        modified_at=file.modified_at,
        access=access,
    )


def _after_crawl(place: Place) -> Cursor:
    if not place.start:
        return END_OF_FEED
    return Place(CHANGES, place.start, account=place.account).cursor()
