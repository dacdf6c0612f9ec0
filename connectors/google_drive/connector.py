"""Google Drive as a `SourceConnector`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

from access import AccessControl, Clause, Source
from connectors.google_drive.client import GoogleClient
from connectors.google_drive.content import fetch
from connectors.google_drive.files import MY_DRIVE, DriveFile, Files
from connectors.google_drive.groups import memberships
from connectors.google_drive.permissions import Permissions
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import (
    AuthenticationFailed,
    KnownVersions,
    ListingPage,
    SourceUnavailable,
)
from connectors.patience import Patience
from connectors.position import END, PageTokens, Position
from connectors.reading import Found, Reading
from connectors.refused import Refused
from connectors.retry import Retry
from connectors.workers import in_order
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
)

_CRAWL = "crawl"
_SWEEP = "sweep"


class GoogleDriveConnector:
    """Files of shared drives and My Drives, with who may read them.

    A page of changes is one page of ``files.list``, or part of one when its bodies are many:
    the parts repeat the cursor of their beginning, which is safe to go on from.
    """

    source = Source.GOOGLE_DRIVE

    def __init__(
        self,
        settings: GoogleDriveSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        """Prepare, without a request."""
        self._settings = settings
        self._now = now
        self._retry = Retry(self.source, settings.attempts, settings.longest_wait, sleep)
        self._clients: dict[tuple[str | None, bool], GoogleClient] = {}

    def containers(self) -> Iterator[Container]:
        """The shared drives that the account sees, then each configured user's My Drive."""
        yield from self._shared_drives()
        if self._settings.service_account_file is None or self._settings.access_token is not None:
            yield self._my_drive(None)
        else:
            for user in self._settings.users:
                yield self._my_drive(user.lower())

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """Every file of the container, from the page that `since` names or from the first.

        The last page's cursor says that the crawl is over; from it the next call starts anew.
        """
        place = Position.start(self.source, since, (_CRAWL,))
        client = self._client(container)
        # Each has patience of its own: permissions that are read well say nothing of bodies.
        permissions = Permissions(client, Patience(), self._now)
        with Reading(self.source, self._settings.concurrency, Patience(), known) as reading:
            for listed in self._files(client, container).pages(place.token):
                found = [self._found(client, permissions, container, f) for f in listed.files]
                for changes, last in reading.batches(found):
                    here = Position(_CRAWL, listed.token).cursor()
                    yield Page(changes, _after(_CRAWL, listed.next) if last else here)

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        """Who may read each file of the container now, without reading a body."""
        place = Position.start(self.source, since, (_SWEEP,))
        client = self._client(container)
        permissions = Permissions(client, Patience(), self._now)
        with self._pool() as pool:
            for listed in self._files(client, container).pages(place.token):
                clauses: set[Clause] = set()
                changes: list[Change] = []
                found = in_order(pool, self._settings.concurrency, permissions.access, listed.files)
                for file, access in zip(listed.files, found, strict=True):
                    clauses.update(access.clauses)
                    changes.append(Reacl(file.id, access))
                yield PermissionPage(
                    tuple(sorted(clauses, key=lambda clause: clause.key)),
                    tuple(changes),
                    _after(_SWEEP, listed.next),
                )

    def listing(self, container: Container) -> Iterator[ListingPage]:
        """Ids and versions; complete only if Google never said that its search was not."""
        incomplete = False
        for listed in self._files(self._client(container), container).pages():
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

    def _found(
        self,
        client: GoogleClient,
        permissions: Permissions,
        container: Container,
        file: DriveFile,
    ) -> Found:
        limit = self._settings.max_bytes
        version = file.version(limit)

        def read(access: AccessControl) -> Document:
            return _document(container, file, fetch(client, file, limit), version, access)

        return Found(file.id, version, partial(permissions.access, file), read)

    def _shared_drives(self) -> Iterator[Container]:
        if self._settings.shared_drives == ():
            return
        client = self._as(self._settings.subject)
        tokens = PageTokens(self.source)
        token = ""
        while True:
            page = self._told(
                client,
                partial(
                    client.service.drives().list,
                    pageSize=100,
                    pageToken=token or None,
                    useDomainAdminAccess=self._settings.domain_admin,
                    fields="nextPageToken,drives(id,name)",
                ),
            )
            for drive in page.get("drives") or []:
                wanted = self._settings.shared_drives
                if wanted is None or drive["id"] in wanted:
                    url = f"https://drive.google.com/drive/folders/{drive['id']}"
                    yield Container(self.source, drive["id"], drive.get("name") or "", url)
            if not page.get("nextPageToken"):
                return
            token = tokens.checked(page["nextPageToken"])

    def _my_drive(self, user: str | None) -> Container:
        client = self._as(user)
        told = self._told(
            client,
            lambda: client.service.about().get(
                fields="user(displayName,emailAddress,permissionId)"
            ),
        )["user"]
        return Container(
            self.source,
            f"{MY_DRIVE}{told['permissionId']}",
            f"My Drive of {told.get('displayName') or 'an account'}",
            "https://drive.google.com/drive/my-drive",
            owner=user or str(told.get("emailAddress") or "").lower() or None,
        )

    def _told(self, client: GoogleClient, request: Callable[[], Any]) -> dict[str, Any]:
        try:
            return client.told(request)
        except Refused as refused:
            raise SourceUnavailable(
                self.source,
                f"drives can't be listed ({refused.reason})",
                "Check the account that GOOGLE_DRIVE_SUBJECT or GOOGLE_DRIVE_USERS names.",
                refused.status,
            ) from None

    def _files(self, client: GoogleClient, container: Container) -> Files:
        owned = bool(self._settings.users) and self._settings.access_token is None
        return Files(client, container, owned=owned, page_size=self._settings.page_size)

    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._settings.concurrency, "google-drive")

    def _client(self, container: Container) -> GoogleClient:
        if self._settings.access_token is None and container.id.startswith(MY_DRIVE):
            if container.owner is None:
                raise AuthenticationFailed(
                    self.source, "a My Drive without owner", "List the containers again."
                )
            return self._as(container.owner)
        return self._as(self._settings.subject)

    def _as(self, subject: str | None, *, directory: bool = False) -> GoogleClient:
        key = (subject, directory)
        if key not in self._clients:
            self._clients[key] = GoogleClient(
                self._settings, self._retry, subject, directory=directory
            )
        return self._clients[key]


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


def _after(phase: str, token: str | None) -> Cursor:
    return (Position(END) if token is None else Position(phase, token)).cursor()
