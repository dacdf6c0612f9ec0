"""Admin SDK Directory: users, groups and their members.

https://developers.google.com/workspace/admin/directory/reference/rest. Only administrators may
ask; people from outside the company are no users of its directory, but may be members.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

from simulator.clock import rfc3339
from simulator.google.api import (
    API,
    error,
    invalid,
    lacks_scope,
    listed,
    masked,
    scope_error,
)
from simulator.google.ids import group_id, user_id
from simulator.google.routes_permissions import is_admin
from simulator.google.state import GoogleState
from simulator.people import Group, Person
from simulator.wire import Call, Reply

T = TypeVar("T")
CUSTOMER = "C01saltm4"
_USER_SCOPES = ("admin.directory.user", "admin.directory.user.readonly")
_GROUP_SCOPES = ("admin.directory.group", "admin.directory.group.readonly")
_MEMBER_SCOPES = (*_GROUP_SCOPES, "admin.directory.group.member",
                  "admin.directory.group.member.readonly")  # fmt: skip
_USERS, _GROUPS = "/admin/directory/v1/users", "/admin/directory/v1/groups"


def _refused(call: Call, scopes: tuple[str, ...]) -> Reply | None:
    if lacks_scope(call, *scopes):
        return scope_error()
    if not is_admin(call, GoogleState.of(call.world)):
        return error(call, 403, "forbidden", "Not Authorized to access this resource/api")
    return None


def _etag(*parts: object) -> str:
    return '"' + blake2b(repr(parts).encode(), digest_size=20).hexdigest() + '"'


def _user(call: Call, person: Person) -> dict[str, Any]:
    given, _, family = person.name.partition(" ")
    said: dict[str, Any] = {
        "kind": "admin#directory#user",
        "id": user_id(person.id),
        "etag": _etag(person),
        "primaryEmail": person.email,
        "name": {"givenName": given, "familyName": family, "fullName": person.name},
        "isAdmin": person.id in GoogleState.of(call.world).admins,
        "isDelegatedAdmin": False,
        "creationTime": rfc3339(call.world.start),
        "agreedToTerms": True,
        "suspended": not person.active and not person.deleted,
        "archived": False,
        "customerId": CUSTOMER,
        "orgUnitPath": "/",
        "isMailboxSetup": True,
        "includeInGlobalAddressList": not person.email_hidden,
        "emails": [{"address": person.email, "primary": True}]
        + [{"address": alias} for alias in person.aliases],
    }
    if person.aliases:
        said["aliases"] = person.aliases
    if person.deleted:
        said["deletionTime"] = rfc3339(call.world.now())
    return said


def _find_user(call: Call, key: str) -> Person | None:
    directory = call.world.directory
    person = directory.person_by_email(key) or next(
        (p for p in directory.people.values() if user_id(p.id) == key), None
    )
    return person if person is not None and not person.guest else None


@API.get(_USERS, "users.list")
def list_users(call: Call) -> Reply:
    """users.list; deleted ones only with showDeleted=true."""
    refused = _refused(call, _USER_SCOPES)
    if refused is not None:
        return refused
    if not call.arg("customer") and not call.arg("domain"):
        return invalid("Bad Request", "badRequest")
    gone = call.flag("showDeleted")
    found = [
        person
        for person in call.world.directory.people.values()
        if not person.guest
        and person.deleted == gone
        and call.arg("domain", person.domain) == person.domain
    ]
    found.sort(key=lambda person: person.email)
    return _paged(call, found, "users", 100, 500, lambda person: _user(call, person))


@API.get(_USERS + "/{key}", "users.get")
def get_user(call: Call) -> Reply:
    """users.get, by address, alias or id."""
    refused = _refused(call, _USER_SCOPES)
    if refused is not None:
        return refused
    person = _find_user(call, call.params["key"])
    if person is None or person.deleted:
        return error(call, 404, "notFound", "Resource Not Found: userKey")
    said = _user(call, person)
    return masked(call, {}, said, lambda _mask: said)


def _group(group: Group) -> dict[str, Any]:
    return {
        "kind": "admin#directory#group",
        "id": group_id(group.id),
        "etag": _etag(group),
        "email": group.email,
        "name": group.name,
        "description": "",
        "directMembersCount": str(len(group.members) + len(group.groups)),
        "adminCreated": True,
    }


def _find_group(call: Call, key: str) -> Group | None:
    directory = call.world.directory
    return directory.group_by_email(key) or next(
        (g for g in directory.groups.values() if group_id(g.id) == key), None
    )


@API.get(_GROUPS, "groups.list")
def list_groups(call: Call) -> Reply:
    """groups.list: all, or those with ``userKey`` as a direct member."""
    refused = _refused(call, _GROUP_SCOPES)
    if refused is not None:
        return refused
    key = call.arg("userKey")
    if not (key or call.arg("customer") or call.arg("domain")):
        return invalid("Bad Request", "badRequest")
    found = sorted(call.world.directory.groups.values(), key=lambda group: group.email)
    if key:
        person, group = call.world.directory.person_by_email(key), _find_group(call, key)
        found = [
            each
            for each in found
            if (person is not None and person.id in each.members)
            or (group is not None and group.id in each.groups)
        ]
    return _paged(call, found, "groups", 200, 200, _group)


@API.get(_GROUPS + "/{key}", "groups.get")
def get_group(call: Call) -> Reply:
    """groups.get, by address or id."""
    refused = _refused(call, _GROUP_SCOPES)
    if refused is not None:
        return refused
    group = _find_group(call, call.params["key"])
    if group is None:
        return error(call, 404, "notFound", "Resource Not Found: groupKey")
    said = _group(group)
    return masked(call, {}, said, lambda _mask: said)


def _members(call: Call, group: Group) -> list[dict[str, Any]]:
    directory, said = call.world.directory, []
    for person_id, role in group.members.items():
        person = directory.people[person_id]
        member: dict[str, Any] = {
            "kind": "admin#directory#member",
            "id": user_id(person.id),
            "etag": _etag(person_id, role),
            "email": person.email,
            "role": role,
            "type": "USER",
        }
        if not person.guest:
            member["status"] = "ACTIVE" if person.active else "SUSPENDED"
        said.append(member)
    for nested in group.groups:
        inner = directory.groups[nested]
        said.append(
            {
                "kind": "admin#directory#member",
                "id": group_id(inner.id),
                "etag": _etag(nested),
                "email": inner.email,
                "role": "MEMBER",
                "type": "GROUP",
                "status": "ACTIVE",
            }
        )
    return said


def _derived(call: Call, group: Group) -> list[dict[str, Any]]:
    """With includeDerivedMembership: the members of nested groups too."""
    seen, waiting, said = set[str](), [group.id], dict[str, dict[str, Any]]()
    while waiting:
        at = waiting.pop(0)
        if at not in seen:
            seen.add(at)
            inner = call.world.directory.groups[at]
            for member in _members(call, inner):
                said.setdefault(str(member["id"]), member)
            waiting += inner.groups
    return [*said.values()]


@API.get(_GROUPS + "/{key}/members", "members.list")
def list_members(call: Call) -> Reply:
    """members.list: direct members, nested groups among them as members of type GROUP."""
    refused = _refused(call, _MEMBER_SCOPES)
    if refused is not None:
        return refused
    group = _find_group(call, call.params["key"])
    if group is None:
        return error(call, 404, "notFound", "Resource Not Found: groupKey")
    found = (
        _derived(call, group) if call.flag("includeDerivedMembership") else _members(call, group)
    )
    roles = call.arg("roles").upper().split(",") if call.arg("roles") else []
    found = [member for member in found if not roles or member["role"] in roles]
    return _paged(call, found, "members", 200, 200, lambda member: member)


@API.get(_GROUPS + "/{key}/hasMember/{member}", "members.hasMember")
def has_member(call: Call) -> Reply:
    """members.hasMember: direct or derived, for users of the domain."""
    refused = _refused(call, _MEMBER_SCOPES)
    if refused is not None:
        return refused
    group = _find_group(call, call.params["key"])
    if group is None:
        return error(call, 404, "notFound", "Resource Not Found: groupKey")
    key = call.params["member"].lower()
    found = any(key in (m["email"].lower(), m["id"]) for m in _derived(call, group))
    said = {"isMember": found}
    return masked(call, {}, said, lambda _mask: said)


@API.get(_GROUPS + "/{key}/members/{member}", "members.get")
def get_member(call: Call) -> Reply:
    """members.get: a direct member."""
    refused = _refused(call, _MEMBER_SCOPES)
    if refused is not None:
        return refused
    group = _find_group(call, call.params["key"])
    key = call.params["member"].lower()
    found = None
    if group is not None:
        found = next(
            (m for m in _members(call, group) if key in (m["email"].lower(), m["id"])), None
        )
    if found is None:
        return error(call, 404, "notFound", "Resource Not Found: memberKey")
    said = found
    return masked(call, {}, said, lambda _mask: said)


def _paged(
    call: Call,
    found: Sequence[T],
    name: str,
    usual: int,
    most: int,
    show: Callable[[T], dict[str, Any]],
) -> Reply:
    kind = f"admin#directory#{name}"
    return listed(
        call, found, kind, name, show, usual=usual, most=most, size="maxResults", etag=_etag
    )
