"""v1: restrictions of content by operation, the direct ones only."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import group_of, person_of
from simulator.atlassian.bodies import Body
from simulator.confluence.api import (
    API,
    error,
    expands,
    no_content,
    not_permitted,
    refused,
    refused_verb,
    seen,
    sight,
)
from simulator.confluence.objects import Content
from simulator.confluence.render import RESTRICTION_PAGE, Renderer
from simulator.confluence.state import ConfluenceState
from simulator.confluence.view import Sight
from simulator.confluence.wish import Wish
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
    lines = Body(given).items("results") if isinstance(given, dict) else given
    try:
        wanted_lines = [
            (Body(line).text("operation"), kind, subject)
            for line in (lines if isinstance(lines, list) else [])
            for kind, subject in _subjects(state, Body(line).part("restrictions"))
        ]
        if any(operation not in ("read", "update") for operation, _, _ in wanted_lines):
            raise VerbError("restrictions are for read and update")
    except VerbError as wrong:
        return refused_verb(call, wrong)
    if call.method in ("PUT", "DELETE"):
        state.unrestrict(content=wanted, by=by)
    for operation, kind, subject in wanted_lines:
        state.restrict(content=wanted, type=kind, subject=subject, operation=operation, by=by)
    return _restrictions(call, sight(call), found)


def _subjects(state: ConfluenceState, given: Body) -> list[tuple[str, str]]:
    """(kind, id) of everyone named, given as lists or as pages of results."""
    found = []
    for one in given.parts("user") + given.part("user").parts("results"):
        person = person_of(state.world, one.text("accountId"))
        if person is None:
            raise VerbError(f"no user {one.text('accountId')}")
        found.append(("user", person.id))
    for one in given.parts("group") + given.part("group").parts("results"):
        group = group_of(state.world, one.text("id") or one.text("name"))
        if group is None:
            raise VerbError(f"no group {one.text('name')}")
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


@API.post("/rest/api/content/{id}/permission/check", "permission.check")
def check_permission(call: Call) -> Reply:
    """Whether a user or group may do something: site, space and restrictions together.

    Everyone may ask for themselves, administrators for others.
    """
    eyes, wanted, given = sight(call), call.params["id"], Body.of(call)
    if answer := refused(call, eyes):
        return answer
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    subject, operation = given.part("subject"), given.text("operation")
    if operation not in ("read", "update", "delete"):
        return error(call, 400, "A subject and an operation are required")
    name, kind = subject.text("identifier"), subject.text("type")
    person = person_of(call.world, name) if kind == "user" else None
    group = group_of(call.world, name) if kind == "group" else None
    if person is not None:
        theirs = Sight(eyes.state, person)
    elif group is not None:
        theirs = Sight.of_group(eyes.state, group.id)
    else:
        return error(call, 404, f"No user or group found: {name}")
    if not eyes.admin and (person is None or person is not call.person):
        return not_permitted(call, "Only Confluence administrators may ask for others")
    may = (person is None or person.works) and theirs.does(operation, found)
    links = {"self": f"{call.base}{call.path}"}
    return reply_json({"hasPermission": may, "errors": [], "_links": links})


for _method in ("GET", "PUT", "DELETE"):
    _word = {"GET": "has", "PUT": "add", "DELETE": "remove"}[_method]
    API.route(_method, _OPERATION + "/user", f"restrictions.user.{_word}")(_one)
    API.route(_method, _OPERATION + "/byGroupId/{group}", f"restrictions.group.{_word}")(_one)
