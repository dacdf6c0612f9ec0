"""Sharing links: the groups that stand for them, and how long they last.

A link's group holds the people whom it was made for, and those who have opened it: they find what
it leads to. A link for the organisation or for anyone opens for others too, but only with its
address in hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from connectors.instants import instant
from connectors.sharepoint.bearers import Bearer
from connectors.sharepoint.client import Json, SharePointClient

_GROUP = re.compile(r"sharinglinks\.[0-9a-f-]{36}\.([a-z]+)\.([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class SharingLink:
    """A sharing link, as the name of its group tells of it."""

    id: str
    scope: str
    """``organization``, ``anonymous``, or ``users``: those in its group alone."""

    @classmethod
    def of(cls, member: Json) -> SharingLink | None:
        """The link that an ``SP.Principal`` stands for; None where it is something else."""
        if member.get("PrincipalType") != 8:
            return None
        found = _GROUP.fullmatch(str(member.get("LoginName") or "").lower())
        if found is None:
            return None
        kinds = {"organization": "organization", "anonymous": "anonymous"}
        scope = next((s for kind, s in kinds.items() if found[1].startswith(kind)), "users")
        return cls(found[2], scope)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a link opens."""

    until: datetime | None
    """When it ends; None for never."""
    password: bool
    """Whether its address alone opens nothing."""


class Links:
    """Asks Graph for the terms of the links on an object: REST does not tell them."""

    def __init__(self, client: SharePointClient):
        """Prepare, without a request."""
        self._client = client

    def terms(self, bearer: Bearer) -> dict[str, Terms]:
        """The terms of each link. One that is not here may have ended.

        Graph v1.0 has links of files and folders only, so those of pages and list items are
        never here.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the permissions may not be read.
        """
        if not (bearer.drive and bearer.item):
            return {}
        items = self._client.graph.drives.by_drive_id(bearer.drive).items
        permissions = items.by_drive_item_id(bearer.item).permissions
        found: dict[str, Terms] = {}
        for page in self._client.pages(permissions.to_get_request_information):
            for row in page.value:
                if row.get("link") is None:
                    continue
                told = row.get("expirationDateTime")
                until = instant(told) if told else None
                if not told or until is not None:
                    password = row.get("hasPassword") is not False
                    found[str(row.get("id") or "").lower()] = Terms(until, password)
        return found
