"""Shared drives, and the account that each is read as.

An administrator sees that a shared drive is there and who its members are
(``useDomainAdminAccess``), but not what is in it: files, changes and permissions answer only a
member, and permissions only one who may edit. So the content is read as one of the drive's own
people. Organizers first, since they alone see inside every limited-access folder; then those
who manage content, then contributors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from access import Source
from connectors.google_drive.client import GoogleClient
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import AuthenticationFailed, MissingScope, SourceUnavailable
from connectors.refused import Refused
from corpus import Container

_SOURCE = Source.GOOGLE_DRIVE
_ROLES = ("organizer", "fileOrganizer", "writer")
_TRIED = 25
"""Accounts tried for one drive: most of a large group being suspended is not believable."""

Acting = Callable[..., GoogleClient]
"""Gives the client that acts as an account; ``directory=True`` for the Directory API."""


class SharedDrives:
    """The shared drives of a domain, or of one account."""

    def __init__(self, settings: GoogleDriveSettings, acting: Acting):
        """Prepare, without a request."""
        self._settings = settings
        self._acting = acting
        self._accounts: dict[str, str] = {}

    def containers(self) -> Iterator[Container]:
        """Those that the settings admit.

        Raises:
            ConnectorError: they can't be listed.
        """
        if self._settings.shared_drives == ():
            return
        for drive in self._all():
            wanted = self._settings.shared_drives
            if wanted is None or drive["id"] in wanted:
                url = f"https://drive.google.com/drive/folders/{drive['id']}"
                yield Container(_SOURCE, drive["id"], drive.get("name") or "", url)

    def forget(self, drive: str) -> None:
        """Forget the account of a shared drive, since it no longer serves."""
        self._accounts.pop(drive, None)

    def account(self, drive: str) -> str | None:
        """The account to read a shared drive as; None is the credentials' own.

        Args:
            drive: the shared drive's id.

        Raises:
            MissingScope: nobody of the drive can be acted for.
            ConnectorError: its members can't be read.
        """
        if not self._settings.administers:
            return self._settings.subject
        if drive not in self._accounts:
            self._accounts[drive] = self._found(drive)
        return self._accounts[drive]

    def _found(self, drive: str) -> str:
        tried = 0
        for email in self._candidates(drive):
            tried += 1
            if tried > _TRIED:
                break
            client = self._acting(email)
            try:
                client.told(partial(client.service.drives().get, driveId=drive, fields="id"))
            except (AuthenticationFailed, Refused):
                continue  # suspended, from outside, or no member any more
            return email
        raise MissingScope(
            _SOURCE,
            f"none of {tried} organizers, content managers and contributors of a shared drive"
            " can be acted for",
            "Make an active account of your domain a manager of the drive, directly or through"
            " a group (GOOGLE_DRIVE_DIRECTORY reads groups).",
        )

    def _candidates(self, drive: str) -> Iterator[str]:
        """Addresses of people who may read the drive's permissions, best first, each once."""
        told = self._members(drive)
        seen: set[str] = set()
        for role in _ROLES:
            here = [each for each in told if each.get("role") == role and not each.get("deleted")]
            people = [each for each in here if each.get("type") == "user"]
            groups = [each for each in here if each.get("type") == "group"]
            for email in self._addresses(people, groups):
                if email and email not in seen:
                    seen.add(email)
                    yield email

    def _addresses(
        self, people: list[dict[str, Any]], groups: list[dict[str, Any]]
    ) -> Iterator[str]:
        for each in people:
            yield str(each.get("emailAddress") or "").lower()
        for each in groups if self._settings.directory else ():
            yield from self._in_group(str(each.get("emailAddress") or ""))

    def _in_group(self, group: str) -> Iterator[str]:
        client = self._acting(self._settings.subject, directory=True)
        members = client.service.members()
        try:
            for page in client.pages(
                lambda token: members.list(
                    groupKey=group, includeDerivedMembership=True, pageToken=token
                )
            ):
                for told in page.get("members") or []:
                    if told.get("type") == "USER" and told.get("status", "ACTIVE") == "ACTIVE":
                        yield str(told.get("email") or "").lower()
        except Refused:
            return  # one group fewer to draw from

    def _members(self, drive: str) -> list[dict[str, Any]]:
        client = self._acting(self._settings.subject)
        permissions = client.service.permissions()
        fields = "nextPageToken,permissions(id,type,role,emailAddress,deleted)"
        try:
            pages = client.pages(
                lambda token: permissions.list(
                    fileId=drive,
                    pageSize=100,
                    pageToken=token,
                    supportsAllDrives=True,
                    useDomainAdminAccess=True,
                    fields=fields,
                )
            )
            return [each for page in pages for each in page.get("permissions") or []]
        except Refused as refused:
            raise SourceUnavailable(
                _SOURCE,
                f"the members of a shared drive can't be read ({refused.reason})",
                "Check that the drive is still there, and that GOOGLE_DRIVE_SUBJECT is an"
                " administrator who may manage Drive.",
                refused.status,
            ) from None

    def _all(self) -> Iterator[dict[str, Any]]:
        client = self._acting(self._settings.subject)
        try:
            for page in client.pages(
                lambda token: client.service.drives().list(
                    pageSize=100,
                    pageToken=token,
                    useDomainAdminAccess=self._settings.administers,
                    fields="nextPageToken,drives(id,name)",
                )
            ):
                yield from page.get("drives") or []
        except Refused as refused:
            raise SourceUnavailable(
                _SOURCE,
                f"drives can't be listed ({refused.reason})",
                "GOOGLE_DRIVE_SUBJECT must be an administrator who may manage Drive, or"
                " GOOGLE_DRIVE_DOMAIN_ADMIN false to read only the drives that it is in.",
                refused.status,
            ) from None
