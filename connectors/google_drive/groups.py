"""Google groups and their members, by the Admin Directory API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from access import Principal, PrincipalKind, Source
from connectors.google_drive.client import GoogleClient
from connectors.interface import MissingScope
from connectors.refused import Refused
from corpus import MembershipPage

_SOURCE = Source.GOOGLE_DRIVE
_KINDS = {"USER": PrincipalKind.USER, "GROUP": PrincipalKind.GROUP}


def memberships(client: GoogleClient, customer: str) -> Iterator[MembershipPage]:
    """Every group of the customer with its direct members; nested groups stay groups.

    Raises:
        MissingScope: the account may not list groups.
        ConnectorError: the source is unavailable.
    """
    service = client.service
    try:
        for groups in client.pages(
            lambda token: service.groups().list(customer=customer, pageToken=token)
        ):
            found: dict[Principal, frozenset[Principal] | None] = {}
            for group in groups.get("groups") or []:
                name = _group(group["email"])
                found[name] = _members(client, str(group["id"]))
                for alias in group.get("aliases") or []:
                    found[_group(alias)] = frozenset({name})
            yield MembershipPage(_SOURCE, found)
    except Refused as refused:
        raise MissingScope(
            _SOURCE,
            f"the groups can't be listed ({refused.reason})",
            "GOOGLE_DRIVE_SUBJECT must be an administrator who may read groups.",
            refused.status,
        ) from None


def _members(client: GoogleClient, group: str) -> frozenset[Principal] | None:
    members: set[Principal] = set()
    try:
        for page in client.pages(
            lambda token: client.service.members().list(groupKey=group, pageToken=token)
        ):
            members.update(_member(told) for told in page.get("members") or [])
    except Refused:
        return None
    return frozenset(members)


def _member(told: dict[str, Any]) -> Principal:
    if told.get("type") == "CUSTOMER":
        return Principal(_SOURCE, PrincipalKind.TENANT, str(told["id"]))
    kind = _KINDS.get(str(told.get("type")), PrincipalKind.USER)
    email = str(told.get("email") or "").lower()
    return Principal(_SOURCE, kind, email or f"id/{told['id']}")


def _group(email: str) -> Principal:
    return Principal(_SOURCE, PrincipalKind.GROUP, email.lower())
