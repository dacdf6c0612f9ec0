"""v1: spaces and their permissions."""

from __future__ import annotations

from simulator.atlassian.accounts import group_of, person_of
from simulator.atlassian.bodies import Body
from simulator.confluence.api import (
    API,
    error,
    expands,
    not_permitted,
    offset_list,
    refused,
    refused_verb,
    sight,
    window,
)
from simulator.confluence.objects import Space
from simulator.confluence.render import Renderer
from simulator.confluence.view import Sight
from simulator.confluence.wish import Wish
from simulator.verbs import VerbError
from simulator.wire import Call, Reply, reply_json


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
        for space in sorted(eyes.state.spaces.values(), key=lambda one: one.key)
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
    eyes, given = sight(call), Body.of(call)
    found = _space(call, eyes)
    if found is None:
        return error(call, 404, f"No space with key : {call.params['key']}")
    if not eyes.administers(found):
        return not_permitted(call, "User not permitted to administer the space")
    subject, operation = given.part("subject"), given.part("operation")
    if subject.text("type") == "user":
        person = person_of(call.world, subject.text("identifier"))
        name = person.id if person else "?"
    else:
        group = group_of(call.world, subject.text("identifier"))
        name = group.id if group else "?"
    try:
        made = eyes.state.grant_space(
            space=found.key,
            type=subject.text("type"),
            subject=name,
            operation=operation.text("key"),
            target=operation.text("target"),
            by=call.person.id if call.person else "",
        )
    except VerbError as wrong:
        return refused_verb(call, wrong)
    row = {"id": int(made), "subject": subject.given, "operation": operation.given}
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
