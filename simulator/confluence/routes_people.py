"""v1: users, groups and the audit log."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import (
    CLOUD_ID,
    SITE_ZONE,
    account_id,
    group_of,
    groups_seen,
    members_of,
    millis,
    person_of,
)
from simulator.confluence.api import (
    API,
    error,
    not_permitted,
    offset_list,
    refused,
    sight,
    window,
)
from simulator.confluence.objects import Audit
from simulator.confluence.render import Renderer
from simulator.confluence.state import ConfluenceState
from simulator.confluence.view import Sight
from simulator.people import Group
from simulator.wire import Call, Reply, reply_json


@API.get("/rest/api/user", "users.get")
def get_user(call: Call) -> Reply:
    """A user by account id."""
    eyes, wanted = sight(call), call.arg("accountId")
    if answer := refused(call, eyes):
        return answer
    person = person_of(call.world, wanted)
    if person is None:
        return error(call, 404, f"No user found with account id: {wanted}")
    return reply_json(Renderer(call, eyes).user(person))


@API.get("/rest/api/user/current", "users.current")
def current_user(call: Call) -> Reply:
    """Who calls."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    if not call.known:
        return anonymous_user(call)
    row = Renderer(call, eyes).user(call.person)
    if call.person is not None:
        row["email"] = call.person.email
    return reply_json(row | {"timeZone": str(eyes.state.zone(call.person))})


@API.get("/rest/api/user/anonymous", "users.anonymous")
def anonymous_user(call: Call) -> Reply:
    """How people without an account are shown."""
    icon = {"path": "/wiki/aa-avatar/anonymous", "width": 48, "height": 48, "isDefault": True}
    row = {
        "type": "anonymous",
        "displayName": "Anonymous",
        "profilePicture": icon,
        "_expandable": {"operations": ""},
        "_links": {"self": f"{call.base}/rest/api/user/anonymous"},
    }
    return reply_json(row)


@API.get("/rest/api/user/bulk", "users.bulk")
def bulk_users(call: Call) -> Reply:
    """Several users by account id."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    asked = [one for given in call.query.get("accountId", []) for one in given.split(",")]
    found = [person for one in asked if (person := person_of(call.world, one)) is not None]
    page = window(call, found, 200, 200)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    return offset_list(call, page, [render.user(one) for one in page])


@API.get("/rest/api/user/memberof", "users.memberof")
def groups_of_user(call: Call) -> Reply:
    """The groups of a user."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    person = person_of(call.world, call.arg("accountId"))
    if person is None:
        return error(call, 404, f"No user found with account id: {call.arg('accountId')}")
    mine = groups_seen(call.world, person)
    return _groups(call, eyes, [g for g in call.world.directory.groups.values() if g.id in mine])


def _groups(call: Call, eyes: Sight, groups: list[Group]) -> Reply:
    page = window(call, groups, 200, 1000)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    return offset_list(call, page, [render.group(one) for one in page])


@API.get("/rest/api/group", "groups.list")
def list_groups(call: Call) -> Reply:
    """Every group of the site."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    return _groups(call, eyes, list(call.world.directory.groups.values()))


def _group(call: Call) -> Reply:
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    wanted = call.arg("id") or call.arg("name")
    found = group_of(call.world, wanted)
    if found is None:
        return error(call, 404, f"No group found: {wanted}")
    return reply_json(Renderer(call, eyes).group(found))


API.get("/rest/api/group/by-id", "groups.by_id")(_group)
API.get("/rest/api/group/by-name", "groups.by_name")(_group)


def _members(call: Call) -> Reply:
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    wanted = call.params.get("group") or call.arg("name")
    found = group_of(call.world, wanted)
    if found is None:
        return error(call, 404, f"No group found: {wanted}")
    page = window(call, members_of(call.world, found.id), 200, 200)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    more = {"totalSize": len(members_of(call.world, found.id))} if _flag(call) else {}
    return offset_list(call, page, [render.user(one) for one in page], **more)


def _flag(call: Call) -> bool:
    return call.flag("shouldReturnTotalSize")


API.get("/rest/api/group/{group}/membersByGroupId", "groups.members")(_members)
API.get("/rest/api/group/member", "groups.member")(_members)


@API.get("/rest/api/audit", "audit.list")
def list_audit(call: Call) -> Reply:
    """Audit records, newest first; for administrators."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    if not eyes.admin:
        return not_permitted(call, "Only Confluence administrators may read the audit log")
    after, before = _millis(call, "startDate", 0), _millis(call, "endDate", 10**15)
    word = call.arg("searchString").lower()
    found = [
        record
        for record in reversed(eyes.state.audit)
        if after <= millis(record.at) <= before
        and (not word or word in f"{record.summary} {record.object} {record.category}".lower())
    ]
    page = window(call, found, 1000, 1000)
    if isinstance(page, Reply):
        return page
    return offset_list(call, page, [_record(eyes.state, one) for one in page])


def _millis(call: Call, name: str, default: int) -> int:
    given = call.arg(name)
    return int(given) if given.isdecimal() else default


def _record(state: ConfluenceState, record: Audit) -> dict[str, Any]:
    person = state.world.directory.people.get(record.author)
    return {
        "author": {
            "type": "user",
            "displayName": person.name if person else "System",
            "operations": None,
            "username": None,
            "userKey": None,
            "accountId": account_id(person.id) if person else None,
            "accountType": "atlassian",
            "externalCollaborator": False,
            "isExternalCollaborator": False,
            "publicName": person.name if person else "System",
        },
        "remoteAddress": "192.0.2.17",
        "creationDate": millis(record.at),
        "summary": record.summary,
        "description": "",
        "category": record.category,
        "sysAdmin": False,
        "superAdmin": False,
        "affectedObject": {"name": record.object, "objectType": record.object_type},
        "changedValues": [
            {
                "name": name,
                "oldValue": old,
                "hiddenOldValue": "",
                "newValue": new,
                "hiddenNewValue": "",
            }
            for name, old, new in record.changes
        ],
        "associatedObjects": [
            {"name": _named(state, name, kind), "objectType": kind}
            for name, kind in record.associated
        ],
    }


def _named(state: ConfluenceState, name: str, kind: str) -> str:
    """The display name of a person; there is nothing else to tell two of one name apart."""
    person = state.world.directory.people.get(name) if kind == "User" else None
    return person.name if person else name


@API.get("/rest/api/settings/systemInfo", "system")
def system_info(call: Call) -> Reply:
    """About the site."""
    if not call.known:
        return error(call, 401, "unauthorized")
    row = {
        "cloudId": CLOUD_ID,
        "commitHash": "0" * 40,
        "baseUrl": call.base,
        "edition": "PREMIUM",
        "siteTitle": "Saltmarsh",
        "defaultLocale": "en_GB",
        "defaultTimeZone": SITE_ZONE,
    }
    return reply_json(row)
