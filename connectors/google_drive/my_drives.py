"""My Drives: one for each configured user, or that of the account itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from access import Source
from connectors.google_drive.client import GoogleClient
from connectors.google_drive.drives import Acting
from connectors.google_drive.file import MY_DRIVE
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import AuthenticationFailed, SourceUnavailable
from connectors.refused import Refused
from corpus import Container

_LOG = logging.getLogger(__name__)
_SOURCE = Source.GOOGLE_DRIVE


class MyDrives:
    """The My Drives that the settings name."""

    def __init__(self, settings: GoogleDriveSettings, acting: Acting):
        """Prepare, without a request."""
        self._settings = settings
        self._acting = acting

    def all(self) -> Iterator[Container]:
        """Those of the configured users; who is suspended or gone does not stop the others.

        Raises:
            ConnectorError: none of them can be asked for.
        """
        refused: AuthenticationFailed | None = None
        read = 0
        for place, user in enumerate(self._settings.users, 1):
            try:
                yield self.of(user.lower())
                read += 1
            except AuthenticationFailed as error:
                refused = error
                _LOG.warning(
                    "google_drive: the user in place %d of GOOGLE_DRIVE_USERS can't be acted for:"
                    " suspended, deleted or misspelt. Their My Drive is not read.",
                    place,
                )
        if refused is not None and not read:
            raise refused

    def of(self, user: str | None) -> Container:
        """The My Drive of a user; of the credentials' own account for None.

        Raises:
            ConnectorError: it can't be asked for.
        """
        client = self._acting(user)
        told = self._told(
            client,
            lambda: client.service.about().get(
                fields="user(displayName,emailAddress,permissionId)"
            ),
        )["user"]
        return Container(
            _SOURCE,
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
                _SOURCE,
                f"drives can't be listed ({refused.reason})",
                "Check the account that GOOGLE_DRIVE_SUBJECT or GOOGLE_DRIVE_USERS names.",
                refused.status,
            ) from None
