"""Users, groups and the audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from simulator.atlassian.accounts import (
    account_id,
    group_id,
    group_of,
    groups_seen,
    members_of,
    person_of,
)
from simulator.jira.api import (
    admins_only,
    bean,
    error,
    expands,
    mirror,
    on,
    people_only,
    place,
    project_for,
    sight,
)
from simulator.jira.objects import APPLICATION, Audit
from simulator.jira.render import Renderer
from simulator.jira.view import Sight
from simulator.paging import cut
from simulator.people import Group, Person
from simulator.wire import Call, Reply, reply_json

SEARCHED = 1000
"""How many users the user searches look at, however many there are (JRASERVER-65089)."""


@on("GET", "/myself", "users.myself")
def myself(call: Call) -> Reply:
    """Who calls, with their time zone and, on request, groups."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    render, expand = Renderer(call, eyes), expands(call)
    row = render.user(call.person)
    if call.person is not None:
        row["emailAddress"] = call.person.email
    row |= {"locale": "en_GB", "expand": "groups,applicationRoles"}
    return reply_json(row | _more(call, call.person, expand))


def _more(call: Call, person: Person | None, expand: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    mine = groups_seen(call.world, person) if person else set()
    if "groups" in expand:
        items = [
            {
                "name": group.id,
                "groupId": group_id(group.id),
                "self": f"{mirror(call)}/group?groupId={group_id(group.id)}",
            }
            for group in call.world.directory.groups.values()
            if group.id in mine
        ]
        row["groups"] = {"size": len(items), "items": items}
    if "applicationRoles" in expand:
        licensed = not mine.isdisjoint(sight(call).state.access)
        roles = [{"key": APPLICATION, "name": "Jira"}] if licensed else []
        row["applicationRoles"] = {"size": len(roles), "items": roles}
    return row


@on("GET", "/user", "users.get")
def get_user(call: Call) -> Reply:
    """A user by account id."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    person = person_of(call.world, call.arg("accountId"))
    if person is None:
        return error(call, 404, "Specified user does not exist or you do not have permission.")
    row = Renderer(call, eyes).user(person) | {"expand": "groups,applicationRoles"}
    return reply_json(row | _more(call, person, expands(call)))


@on("GET", "/user/bulk", "users.bulk")
def bulk_users(call: Call) -> Reply:
    """Several users by account id."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    wanted = call.query.get("accountId", [])
    found = [person for one in wanted if (person := person_of(call.world, one)) is not None]
    return bean(call, found, Renderer(call, eyes).user, 10, 200)


@on("GET", "/user/groups", "users.groups")
def user_groups(call: Call) -> Reply:
    """The groups of a user."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    person = person_of(call.world, call.arg("accountId"))
    if person is None:
        return error(call, 404, "Specified user does not exist or you do not have permission.")
    return reply_json(_more(call, person, "groups")["groups"]["items"])


def _all(call: Call) -> list[Person]:
    return [one for one in call.world.directory.people.values() if not one.deleted]


def _users(call: Call) -> Reply:
    """Every user, deactivated ones included: a bare list, a page at a time."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    start, size = place(call), call.number("maxResults", 50, 1000)
    page = cut(call, _all(call), start, size)
    return reply_json([Renderer(call, eyes).user(one) for one in page.items])


on("GET", "/users/search", "users.list")(_users)
on("GET", "/users", "users.list")(_users)


@on("GET", "/user/search", "users.search")
def search_users(call: Call) -> Reply:
    """Users by name, e-mail (where it is not hidden) or account id."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    word, account = call.arg("query").lower(), call.arg("accountId")
    found = [
        one
        for one in _all(call)[:SEARCHED]
        if one.works
        and (not account or account_id(one.id) == account)
        and (
            word in one.name.lower()
            or (not one.email_hidden and one.email.lower().startswith(word))
        )
    ]
    page = cut(call, found, place(call), call.number("maxResults", 50, 1000))
    return reply_json([Renderer(call, eyes).user(one) for one in page.items])


@on("GET", "/user/permission/search", "users.permission")
def users_with_permission(call: Call) -> Reply:
    """Users who have permissions in a project or on an issue.

    A page is cut from all users before they are checked, and only the first thousand are
    looked at: pages come up short, and may be empty before the end
    (``knowledge/sources.md`` section 6).
    """
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    wanted = [one for one in call.arg("permissions").split(",") if one]
    issue = eyes.state.find(call.arg("issueKey")) if call.arg("issueKey") else None
    if issue is not None and not eyes.sees(issue):
        issue = None
    if issue is not None:
        project = eyes.state.projects[issue.project]
    else:
        known = project_for(call, eyes, call.arg("projectKey"))
        if known is None:
            return error(call, 404, "The project or issue does not exist.")
        project = known
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", project)):
        return error(call, 403, "You do not have permission to administer this project.")
    start, size = place(call), call.number("maxResults", 50, 1000)
    shown = []
    for person in _all(call)[:SEARCHED][start : start + size]:
        theirs = Sight(eyes.state, person)
        may = person.works and all(theirs.may(one, project, issue) for one in wanted)
        if may and (issue is None or "BROWSE_PROJECTS" not in wanted or theirs.sees(issue)):
            shown.append(person)
    return reply_json([Renderer(call, eyes).user(one) for one in shown])


@on("GET", "/group/bulk", "groups.bulk")
def bulk_groups(call: Call) -> Reply:
    """Every group of the site, a page at a time."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    names, ids = call.query.get("groupName"), call.query.get("groupId")
    found = [
        one
        for one in call.world.directory.groups.values()
        if (names is None or one.id in names) and (ids is None or group_id(one.id) in ids)
    ]
    return bean(call, found, Renderer(call, eyes).group, 50, 100)


@on("GET", "/groups/picker", "groups.picker")
def pick_groups(call: Call) -> Reply:
    """Groups by a part of their name."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    word, most = call.arg("query").lower(), call.number("maxResults", 20, 1000)
    found = [one for one in call.world.directory.groups.values() if word in one.id]
    render = Renderer(call, eyes)
    rows = [render.group(one) | {"html": one.id, "labels": []} for one in found[:most]]
    header = f"Showing {len(rows)} of {len(found)} matching groups"
    return reply_json({"header": header, "total": len(found), "groups": rows})


def _group(call: Call) -> Group | None:
    return group_of(call.world, call.arg("groupId") or call.arg("groupname"))


@on("GET", "/group", "groups.get")
def get_group(call: Call) -> Reply:
    """One group."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    found = _group(call)
    if found is None:
        return error(call, 404, "The group was not found.")
    row = Renderer(call, eyes).group(found)
    here = f"{mirror(call)}/group?groupId={row['groupId']}"
    return reply_json(row | {"self": here, "expand": "users"})


@on("GET", "/group/member", "groups.members")
def group_members(call: Call) -> Reply:
    """The members of a group, nested groups flattened, deactivated users on request."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    found = _group(call)
    if found is None:
        return error(call, 404, "The group was not found.")
    every = call.flag("includeInactiveUsers")
    members = [one for one in members_of(call.world, found.id) if every or one.works]
    return bean(call, members, Renderer(call, eyes).user, 50, 50)


@on("GET", "/auditing/record", "audit.list")
def list_audit(call: Call) -> Reply:
    """Audit records, newest first; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    after, before = _when(call.arg("from")), _when(call.arg("to"))
    word = call.arg("filter").lower()
    found = [
        one
        for one in reversed(eyes.state.audit)
        if (after is None or one.at >= after)
        and (before is None or one.at <= before)
        and (not word or word in f"{one.summary} {one.category} {one.object[1]}".lower())
    ]
    start, size = place(call, "offset"), call.number("limit", 1000, 1000)
    page = cut(call, found, start, size)
    rows = [_record(call, eyes, one) for one in page.items]
    frame = {"offset": start, "limit": size, "total": len(found)}
    return reply_json(frame | {"records": rows})


def _when(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _record(call: Call, eyes: Sight, record: Audit) -> dict[str, Any]:
    number, name, kind = record.object
    row: dict[str, Any] = {
        "id": record.id,
        "summary": record.summary,
        "remoteAddress": "192.0.2.17",
        "created": Renderer(call, eyes).time(record.at),
        "category": record.category,
        "eventSource": "",
        "objectItem": {"id": number, "name": name, "typeName": kind},
        "changedValues": [
            {"fieldName": field, "changedFrom": old, "changedTo": new}
            for field, old, new in record.changes
        ],
        "associatedItems": [
            {"id": one, "name": said, "typeName": sort} for one, said, sort in record.associated
        ],
    }
    if record.author:
        row["authorKey"] = account_id(record.author)
    return row
