"""Ids and login names, the same for the same thing, in the shapes that Microsoft uses."""

from __future__ import annotations

import base64
import uuid
from hashlib import blake2b

from simulator.people import Person

HOST = "saltmarsh.sharepoint.com"
"""The tenant's SharePoint host, as site ids spell it."""
_MAIL_HOST = "saltmarsh.onmicrosoft.com"
ITEM_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
EVERYONE_LOGIN = "c:0(.s|true"


def guid(*key: str) -> str:
    """A GUID that is always the same for the same key."""
    return str(uuid.UUID(bytes=blake2b("/".join(key).encode(), digest_size=16).digest(), version=4))


TENANT = guid("tenant")
"""The directory's id."""
EEEU_LOGIN = f"c:0-.f|rolemanager|spo-grid-all-users/{TENANT}"
"""The claim "everyone except external users"."""


def object_id(kind: str, subject: str) -> str:
    """The Entra object id of a ``person``, a ``group`` or a Microsoft 365 group (``m365``)."""
    return guid(kind, subject)


def user_principal_name(person: Person) -> str:
    """The name that a person signs in with; guests have a long one in our directory."""
    if person.guest:
        return f"{person.email.replace('@', '_')}#EXT#@{_MAIL_HOST}"
    return person.email


def person_login(person: Person) -> str:
    """The person's claim in SharePoint."""
    return f"i:0#.f|membership|{user_principal_name(person).lower()}"


def group_login(group: str) -> str:
    """The claim of an Entra security group."""
    return f"c:0t.c|tenant|{object_id('group', group)}"


def m365_login(group: str, *, owners: bool = False) -> str:
    """The claim of a Microsoft 365 group's members, or of its owners."""
    ending = "_o" if owners else ""
    return f"c:0o.c|federateddirectoryclaimprovider|{object_id('m365', group)}{ending}"


def site_id(collection: str, web: str) -> str:
    """A site's id as Graph spells it."""
    return f"{HOST},{collection},{web}"


def drive_id(collection: str, web: str, library: str) -> str:
    """A document library's drive id: the three GUIDs in base64."""
    packed = b"".join(uuid.UUID(part).bytes_le for part in (collection, web, library))
    return "b!" + base64.urlsafe_b64encode(packed).decode()


def share_token(url: str) -> str:
    """The ``shares`` API's name for a URL."""
    return "u!" + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def claim_id(login: str) -> str:
    """The id of a permission that is held by this login or site group."""
    return base64.urlsafe_b64encode(login.encode()).decode().rstrip("=")
