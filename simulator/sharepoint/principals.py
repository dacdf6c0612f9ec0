"""Principals as SharePoint and Graph show them, and login names read back."""

from __future__ import annotations

from typing import Any

from simulator.clock import rfc3339
from simulator.sharepoint.ids import (
    EEEU_LOGIN,
    EVERYONE_LOGIN,
    claim_id,
    group_login,
    m365_login,
    object_id,
    person_login,
    share_token,
    user_principal_name,
)
from simulator.sharepoint.model import Collection, Item, Link
from simulator.sharepoint.roles import LIMITED
from simulator.sharepoint.shapes import identity, web_root
from simulator.sharepoint.state import SharePointState
from simulator.wire import Call

Json = dict[str, Any]
_LINK_KINDS = {
    ("users", "view"): "Flexible",
    ("users", "edit"): "Flexible",
    ("organization", "view"): "OrganizationView",
    ("organization", "edit"): "OrganizationEdit",
    ("anonymous", "view"): "AnonymousView",
    ("anonymous", "edit"): "AnonymousEdit",
}
_FIXED = {
    "eeeu": ("Everyone except external users", EEEU_LOGIN),
    "everyone": ("Everyone", EVERYONE_LOGIN),
}


def link_group_title(state: SharePointState, link: Link) -> str:
    """The name of the site group that stands for a link."""
    kind = _LINK_KINDS[link.scope, link.kind]
    return f"SharingLinks.{state.items[link.item].unique}.{kind}.{link.id}"


def title_of(state: SharePointState, collection: Collection, principal: str) -> str:
    """A principal's name for people."""
    kind, _, subject = principal.partition(":")
    directory = state.world.directory
    if kind == "user":
        return directory.people[subject].name
    if kind == "group":
        return directory.groups[subject].name if subject in directory.groups else subject
    if kind in ("m365", "owners"):
        name = state.m365[subject].name
        return f"{name} Owners" if kind == "owners" else f"{name} Members"
    if kind == "site":
        return collection.groups[int(subject)].title
    if kind == "link":
        # A library's copy of its permissions may name a link that is gone: its group keeps the id.
        return link_group_title(state, state.links[subject]) if subject in state.links else subject
    return _FIXED[kind][0]


def login_of(state: SharePointState, collection: Collection, principal: str) -> str:
    """A principal's login name: its claim, or a site group's title."""
    kind, _, subject = principal.partition(":")
    if kind == "user":
        return person_login(state.world.directory.people[subject])
    if kind == "group":
        return group_login(subject)
    if kind in ("m365", "owners"):
        return m365_login(subject, owners=kind == "owners")
    if kind in ("site", "link"):
        return title_of(state, collection, principal)
    return _FIXED[kind][1]


def mail_of(state: SharePointState, principal: str) -> str:
    """A principal's address; empty where it has none."""
    kind, _, subject = principal.partition(":")
    directory = state.world.directory
    if kind == "user":
        return directory.people[subject].email
    if kind == "group":
        return directory.groups[subject].email if subject in directory.groups else ""
    return state.m365[subject].mail if kind in ("m365", "owners") else ""


def principal_of(state: SharePointState, logon: str) -> str:
    """The principal with a login name, address or claim; empty where it is nobody's."""
    wanted = logon.lower()
    for name, (_, login) in _FIXED.items():
        if wanted == login:
            return name
    directory = state.world.directory
    for person in directory.people.values():
        names = (person_login(person), user_principal_name(person).lower(), person.email.lower())
        if wanted in names and not person.deleted:
            return f"user:{person.id}"
    for group in directory.groups:
        if wanted in (group_login(group), object_id("group", group)):
            return f"group:{group}"
    for team in state.m365:
        if wanted == m365_login(team, owners=True):
            return f"owners:{team}"
        if wanted in (m365_login(team), object_id("m365", team)):
            return f"m365:{team}"
    return ""


def roles_for(collection: Collection, levels: list[str]) -> list[str]:
    """Graph's words for permission levels; empty where they let no one read."""
    found = []
    for level in levels:
        if level == LIMITED:
            continue
        permissions = collection.roles[level].permissions
        if "ManagePermissions" in permissions:
            found.append("owner")
        elif "ViewListItems" in permissions:
            found.append("write" if "EditListItems" in permissions else "read")
    return sorted(set(found))


def granted_to(call: Call, collection: Collection, principal: str) -> Json:
    """A principal as ``grantedToV2``."""
    state = SharePointState.of(call.world)
    kind, _, subject = principal.partition(":")
    shown: Json = {
        "id": str(collection.numbers[principal]),
        "displayName": title_of(state, collection, principal),
        "loginName": login_of(state, collection, principal),
    }
    if kind == "site":
        return {"siteGroup": shown}
    if mail := mail_of(state, principal):
        shown["email"] = mail
    said: Json = {"siteUser": shown}
    if kind == "user":
        said |= identity(call, subject)
    elif kind in ("group", "m365", "owners"):
        directory_kind = "group" if kind == "group" else "m365"
        said["group"] = {
            "id": object_id(directory_kind, subject),
            "displayName": shown["displayName"],
            "email": mail,
        }
    return said


def link_url(call: Call, link: Link) -> str:
    """A sharing link's address."""
    state = SharePointState.of(call.world)
    letter = "f" if state.items[link.item].kind == "folder" else "x"
    site = state.web_of(state.items[link.item])
    return f"{web_root(call)}/:{letter}:/s{site.path}/{link.secret}"


def link_permission(call: Call, link: Link, *, secrets: bool) -> Json:
    """A sharing link as a ``permission``."""
    state = SharePointState.of(call.world)
    collection = state.web_of(state.items[link.item]).collection
    row: Json = {
        "id": link.id,
        "roles": ["read" if link.kind == "view" else "write"],
        "hasPassword": False,
        "link": {"scope": link.scope, "type": link.kind, "preventsDownload": False},
        "grantedToIdentitiesV2": [
            granted_to(call, collection, f"user:{person}") for person in link.people
        ],
        "grantedToIdentities": [identity(call, person) for person in link.people],
    }
    if link.expires is not None:
        row["expirationDateTime"] = rfc3339(link.expires)
    if secrets:
        url = link_url(call, link)
        row["shareId"] = share_token(url)
        row["link"]["webUrl"] = url
    return row


def permissions_of(call: Call, item: Item, *, manages: bool) -> list[tuple[str, Json]]:
    """(principal, ``permission``) of everything that holds for an item.

    ``inheritedFrom`` is not among the properties: SharePoint does not return it
    (microsoft-graph-docs #21308, sources.md section 4).
    """
    state = SharePointState.of(call.world)
    collection = state.web_of(item).collection
    found: list[tuple[str, Json]] = []
    for principal, levels in state.roles_of(item).items():
        if levels == [LIMITED]:
            continue
        if principal.startswith("link:"):
            link = state.links.get(principal[5:])
            if link is None:
                continue
            found.append((principal, link_permission(call, link, secrets=manages)))
            continue
        roles = roles_for(collection, levels)
        if not roles:
            continue
        to = granted_to(call, collection, principal)
        row: Json = {
            "id": claim_id(login_of(state, collection, principal)),
            "roles": roles,
            "grantedToV2": to,
        }
        if "user" in to:
            row["grantedTo"] = {"user": to["user"]}
        found.append((principal, row))
    return found
