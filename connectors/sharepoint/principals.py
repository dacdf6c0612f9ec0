"""Who SharePoint's login names are.

Claims by https://learn.microsoft.com/sharepoint/dev/general-development/claim-provider-in-sharepoint
and https://pnp.github.io/pnpcore/using-the-sdk/security-users.html. A claim that is none of those
below stays a principal under its own name, which nobody is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from access import InvalidPrincipal, Principal, PrincipalKind, Source
from connectors.sharepoint.accounts import Accounts
from connectors.sharepoint.client import Json
from connectors.sharepoint.sites import Site
from connectors.sharepoint.tenant import Tenant

_SOURCE = Source.SHAREPOINT
_USER = "i:0#.f|membership|"
_GROUP = re.compile(
    r"c:0(?:t\.c\|tenant|o\.c\|federateddirectoryclaimprovider)\|([0-9a-f-]{36})(_o)?"
)
"""An Entra group's members; with ``_o`` the owners of a Microsoft 365 group."""
_MEMBERS_OF_TENANT = re.compile(r"c:0-\.f\|rolemanager\|spo-grid-all-users/([0-9a-f-]{36})")
"""Everyone except external users."""
_EVERYONE = "c:0(.s|true"
_SITE_GROUP = 8
"""``SP.PrincipalType``."""


class Principals:
    """Reads the users and groups of one site collection."""

    def __init__(self, site: Site, accounts: Accounts, tenant: Tenant):
        """Prepare.

        Args:
            site: one of the collection, whose groups are told from others' by its id.
            accounts: who is behind a user principal name.
            tenant: who everyone is.
        """
        self._site = site
        self._accounts = accounts
        self._tenant = tenant

    def of(self, rows: Sequence[Json]) -> list[Principal]:
        """Who each ``SP.Principal`` is.

        Raises:
            ValueError: one of them is nothing that can be read.
            ConnectorError: the directory can't be read.
            SharePointRefused: it won't be.
        """
        ids = self._accounts.ids(
            name for row in rows if (name := _name(row)) and not _object_id(row)
        )
        return [self._one(row, ids) for row in rows]

    def _one(self, row: Json, ids: dict[str, str]) -> Principal:
        try:
            if row["PrincipalType"] == _SITE_GROUP:
                return site_group(self._site.collection, int(row["Id"]), _title(row))
            login = str(row["LoginName"]).lower()
            if name := _name(row):
                id = _object_id(row) or ids.get(name)
                return user(id, name) if id else _principal(PrincipalKind.USER, f"login/{login}")
            if found := _GROUP.fullmatch(login):
                # Its name is for Graph to tell: SharePoint's title of it may be another.
                return (owners if found[2] else group)(found[1])
            if found := _MEMBERS_OF_TENANT.fullmatch(login):
                return _principal(PrincipalKind.TENANT, found[1])
            if login == _EVERYONE:
                return self._tenant.everyone(self._site)
            kind = PrincipalKind.USER if row["PrincipalType"] == 1 else PrincipalKind.GROUP
            return _principal(kind, f"login/{login}")
        except (KeyError, TypeError, InvalidPrincipal) as error:
            raise ValueError("a principal that can't be read") from error


def site_group(collection: str, number: int, name: str = "") -> Principal:
    """A SharePoint group: its number means something in its site collection only."""
    return _principal(PrincipalKind.GROUP, f"{collection}/{number}", name)


def administrators(collection: str) -> Principal:
    """A site collection's administrators, who read everything in it."""
    return _principal(PrincipalKind.GROUP, f"{collection}/administrators")


def group(id: str, name: str = "") -> Principal:
    """The members of an Entra group."""
    return _principal(PrincipalKind.GROUP, id.lower(), name)


def owners(id: str, name: str = "") -> Principal:
    """The owners of a Microsoft 365 group, who need not be members."""
    return _principal(PrincipalKind.GROUP, f"{id.lower()}/owners", name)


def user(id: str, name: str = "") -> Principal:
    """An Entra account; its name is the one that it signs in with."""
    return _principal(PrincipalKind.USER, id.lower(), name)


def _principal(kind: PrincipalKind, id: str, name: str = "") -> Principal:
    return Principal(_SOURCE, kind, id, name)


def _title(row: Json) -> str:
    """What people see of a group."""
    return str(row.get("Title") or "")


def _name(row: Json) -> str:
    """The user principal name of an account; empty for what is none."""
    login = str(row.get("LoginName") or "").lower()
    return login.removeprefix(_USER) if login.startswith(_USER) else ""


def _object_id(row: Json) -> str:
    """The account's object id, where SharePoint tells it: a name may be somebody else's by now."""
    told = row.get("AadObjectId")
    return str(told.get("NameId") or "").lower() if isinstance(told, dict) else ""
