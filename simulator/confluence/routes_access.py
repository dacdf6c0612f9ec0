"""v1: restrictions, spaces with their permissions, users, groups and the audit log."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import (
    CLOUD_ID,
    SITE_ZONE,
    account_id,
    from_millis,
    group_of,
    groups_seen,
    members_of,
    millis,
    person_of,
)
from simulator.confluence.api import (
    API,
    error,
    expands,
    no_content,
    not_permitted,
    offset_list,
    refused,
    refused_verb,
    seen,
    sight,
    window,
)
from simulator.confluence.render import RESTRICTION_PAGE, Renderer, Wish
from simulator.confluence.state import Audit, ConfluenceState, Content, Space
from simulator.confluence.view import Sight
from simulator.people import Group
from simulator.verbs import VerbError
from simulator.wire import Call, Reply, reply_json

_RESTRICTION = "/rest/api/content/{id}/restriction"
_OPERATION = _RESTRICTION + "/byOperation/{operation}"


@API.get(_RESTRICTION, "restrictions.list")
def list_restrictions(call: Call) -> Reply:
    """The direct restrictions of a content: a list."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    return _restrictions(call, eyes, found)


def _restrictions(call: Call, eyes: Sight, found: Content) -> Reply:
    render = Renderer(call, eyes)
    wish = Wish(expands(call)).plus("restrictions.user,restrictions.group")
    start = int(call.arg("start")) if call.arg("start").isdecimal() else 0
    limit = call.number("limit", 100, RESTRICTION_PAGE)
    rows = [
        render.restriction(found, operation, wish, start, limit)
        for operation in ("read", "update")
        if found.restriction(operation).set
    ]
    links = {"self": f"{call.base}{call.path}", "base": call.base, "context": "/wiki"}
    frame = {"results": rows, "start": start, "limit": limit, "size": len(rows)}
    return reply_json(frame | {"restrictionsHash": _hash(found), "_links": links})


def _hash(found: Content) -> str:
    held = {op: [*one.users, *one.groups] for op, one in found.restrictions.items()}
    return str(sum(ord(letter) * (at + 1) for at, letter in enumerate(str(held))))


@API.get(_RESTRICTION + "/byOperation", "restrictions.byOperation")
def restrictions_by_operation(call: Call) -> Reply:
    """The direct restrictions of a content: by operation."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    render = Renderer(call, eyes)
    wish = Wish(expands(call)).plus("restrictions.user,restrictions.group")
    made: dict[str, Any] = {
        operation: render.restriction(found, operation, wish, 0, RESTRICTION_PAGE)
        for operation in ("read", "update")
    }
    made["_links"] = {"self": f"{call.base}{call.path}", "base": call.base, "context": "/wiki"}
    return reply_json(made)


@API.get(_OPERATION, "restrictions.operation")
def one_restriction(call: Call) -> Reply:
    """Users and groups of one direct restriction, a page of each."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if call.params["operation"] not in ("read", "update"):
        return error(call, 400, f"{call.params['operation']} is no operation")
    wish = Wish(expands(call)).plus("restrictions.user,restrictions.group")
    start = int(call.arg("start")) if call.arg("start").isdecimal() else 0
    limit = call.number("limit", 100, RESTRICTION_PAGE)
    render = Renderer(call, eyes)
    return reply_json(render.restriction(found, call.params["operation"], wish, start, limit))


def _set(call: Call) -> Reply:
    eyes, wanted, given = sight(call), call.params["id"], call.json()
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if not eyes.restricts(found):
        return not_permitted(call, f"User not permitted to restrict content {wanted}")
    by, state = (call.person.id if call.person else ""), eyes.state
    try:
        if call.method in ("PUT", "DELETE"):
            state.unrestrict(content=wanted, by=by)
        lines = given.get("results", []) if isinstance(given, dict) else given or []
        for line in lines:
            for kind, subject in _subjects(state, line.get("restrictions", {})):
                state.restrict(
                    content=wanted, type=kind, subject=subject, operation=line["operation"], by=by
                )
    except (VerbError, KeyError, TypeError, AttributeError) as wrong:
        return refused_verb(call, VerbError(str(wrong)))
    return _restrictions(call, sight(call), found)


def _subjects(state: ConfluenceState, given: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    users, groups = given.get("user", []), given.get("group", [])
    for one in users.get("results", []) if isinstance(users, dict) else users:
        person = person_of(state.world, one.get("accountId", ""))
        if person is None:
            raise VerbError(f"no user {one.get('accountId')}")
        found.append(("user", person.id))
    for one in groups.get("results", []) if isinstance(groups, dict) else groups:
        group = group_of(state.world, one.get("id") or one.get("name", ""))
        if group is None:
            raise VerbError(f"no group {one.get('name')}")
        found.append(("group", group.id))
    return found


API.put(_RESTRICTION, "restrictions.set")(_set)
API.post(_RESTRICTION, "restrictions.add")(_set)
API.delete(_RESTRICTION, "restrictions.clear")(_set)


def _one(call: Call) -> Reply:
    """Ask for, add or remove one user or group of one operation."""
    eyes, wanted = sight(call), call.params["id"]
    found, state = seen(call, eyes, wanted), eyes.state
    if found is None:
        return no_content(call, wanted)
    if "group" in call.params:
        kind, group = "group", group_of(call.world, call.params["group"])
        subject = group.id if group else ""
    else:
        kind, person = "user", person_of(call.world, call.arg("accountId"))
        subject = person.id if person else ""
    operation = call.params["operation"]
    held = found.restriction(operation)
    if call.method == "GET":
        named = subject in (held.users if kind == "user" else held.groups)
        return Reply(200) if named else no_content(call, wanted)
    if not eyes.restricts(found):
        return not_permitted(call, f"User not permitted to restrict content {wanted}")
    by = call.person.id if call.person else ""
    change = state.restrict if call.method == "PUT" else state.unrestrict
    try:
        if not subject:
            raise VerbError("no such user or group")
        change(content=wanted, type=kind, subject=subject, operation=operation, by=by)
    except VerbError as wrong:
        return refused_verb(call, wrong)
    return Reply(200)


for _method in ("GET", "PUT", "DELETE"):
    _word = {"GET": "has", "PUT": "add", "DELETE": "remove"}[_method]
    API.route(_method, _OPERATION + "/user", f"restrictions.user.{_word}")(_one)
    API.route(_method, _OPERATION + "/byGroupId/{group}", f"restrictions.group.{_word}")(_one)


def _space(call: Call, eyes: Sight) -> Space | None:
    found = eyes.state.spaces.get(eyes.state.keys.get(call.params["key"], ""))
    return found if found is not None and eyes.sees_space(found) else None


@API.get("/rest/api/space", "spaces.list")
def list_spaces(call: Call) -> Reply:
    """Spaces that the caller may view."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    keys, kind, status = call.query.get("spaceKey"), call.arg("type"), call.arg("status")
    found = [
        space
        for space in eyes.state.spaces.values()
        if eyes.sees_space(space)
        and (keys is None or space.key in keys)
        and kind in ("", space.kind)
        and status in ("", space.status)
    ]
    page = window(call, found, 25, 500)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    return offset_list(call, page, [render.space(one, Wish(expands(call))) for one in page])


@API.get("/rest/api/space/{key}", "spaces.get")
def get_space(call: Call) -> Reply:
    """One space."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    found = _space(call, eyes)
    if found is None:
        return error(call, 404, f"No space with key : {call.params['key']}")
    return reply_json(Renderer(call, eyes).space(found, Wish(expands(call))))


@API.get("/rest/api/space/{key}/content/{type}", "spaces.content")
def list_space_content(call: Call) -> Reply:
    """Pages or blog posts of a space."""
    eyes = sight(call)
    found = _space(call, eyes)
    if found is None:
        return error(call, 404, f"No space with key : {call.params['key']}")
    items = [
        one
        for one in eyes.state.contents.values()
        if one.space == found.id
        and one.kind == call.params["type"]
        and one.status == "current"
        and eyes.sees(one)
    ]
    page = window(call, items, 25, 250)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    return offset_list(call, page, [render.content(one, Wish(expands(call))) for one in page])


@API.post("/rest/api/space/{key}/permission", "spaces.permissions.add")
def add_space_permission(call: Call) -> Reply:
    """Add a permission to a space."""
    eyes, given = sight(call), call.json()
    found = _space(call, eyes)
    if found is None:
        return error(call, 404, f"No space with key : {call.params['key']}")
    if not eyes.administers(found):
        return not_permitted(call, "User not permitted to administer the space")
    try:
        subject, operation = given["subject"], given["operation"]
        if subject["type"] == "user":
            person = person_of(call.world, subject["identifier"])
            name = person.id if person else ""
        else:
            group = group_of(call.world, subject["identifier"])
            name = group.id if group else ""
        made = eyes.state.grant_space(
            space=found.key,
            type=subject["type"],
            subject=name,
            operation=operation["key"],
            target=operation["target"],
            by=call.person.id if call.person else "",
        )
    except (VerbError, KeyError, TypeError) as wrong:
        return refused_verb(call, VerbError(str(wrong)))
    row = {"id": int(made), "subject": subject, "operation": operation}
    return reply_json(row | {"_links": {"base": call.base}})


@API.delete("/rest/api/space/{key}/permission/{permission}", "spaces.permissions.remove")
def remove_space_permission(call: Call) -> Reply:
    """Remove a permission from a space."""
    eyes = sight(call)
    found = _space(call, eyes)
    if found is None or call.params["permission"] not in found.permissions:
        return error(call, 404, "not_found")
    if not eyes.administers(found):
        return not_permitted(call, "User not permitted to administer the space")
    by = call.person.id if call.person else ""
    eyes.state.revoke_space(space=found.key, permission=call.params["permission"], by=by)
    return Reply(204)


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
    after, before = call.arg("startDate"), call.arg("endDate")
    word = call.arg("searchString").lower()
    found = [
        record
        for record in reversed(eyes.state.audit)
        if (not after or record.at >= from_millis(int(after)))
        and (not before or record.at <= from_millis(int(before)))
        and (not word or word in f"{record.summary} {record.object} {record.category}".lower())
    ]
    page = window(call, found, 1000, 1000)
    if isinstance(page, Reply):
        return page
    return offset_list(call, page, [_record(eyes.state, one) for one in page])


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
