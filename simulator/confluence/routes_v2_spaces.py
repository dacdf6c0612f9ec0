"""v2: spaces and their permissions."""

from __future__ import annotations

from collections.abc import Callable

from simulator.atlassian.accounts import account_id, group_id
from simulator.clock import rfc3339
from simulator.confluence.api import (
    API,
    cursor_list_v2,
    error,
    refused,
    sight,
    window,
)
from simulator.confluence.objects import OPERATIONS, Space, SpacePermission
from simulator.confluence.render_v2 import (
    Row,
    account,
    whole,
)
from simulator.confluence.routes_v2 import listed
from simulator.confluence.view import Sight
from simulator.wire import Call, Reply


def _permission(held: SpacePermission) -> Row:
    if held.type == "anonymous":
        # The schema has no word for everybody; Confluence shows a role.
        principal = {"type": "role", "id": "anonymous"}
    elif held.type == "user":
        principal = {"type": "user", "id": account_id(held.subject)}
    else:
        principal = {"type": "group", "id": group_id(held.subject)}
    operation = {"key": held.operation, "targetType": held.target}
    return {"id": held.id, "principal": principal, "operation": operation}


def _space(call: Call, space: Space) -> Row:
    form = call.arg("description-format")
    described = {form: {"representation": form, "value": space.description}}
    return {
        "id": space.id,
        "key": space.key,
        "name": space.name,
        "type": space.kind,
        "status": space.status,
        "authorId": account(space.creator),
        "createdAt": rfc3339(space.created),
        "homepageId": space.homepage,
        "description": described if form in ("plain", "view") else None,
        "icon": None,
        "_links": {"webui": f"/spaces/{space.key}"},
    }


@API.get("/api/v2/spaces", "v2.spaces.list")
def list_spaces(call: Call) -> Reply:
    """Spaces that the caller may view."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    ids = {one for given in call.query.get("ids", []) for one in given.split(",")}
    keys = {one for given in call.query.get("keys", []) for one in given.split(",")}
    kind, status = call.arg("type"), call.arg("status")
    found = [
        one
        for one in eyes.state.spaces.values()
        if eyes.sees_space(one)
        and (not ids or one.id in ids)
        and (not keys or one.key in keys)
        and kind in ("", one.kind)
        and status in ("", one.status)
    ]
    page = window(call, found, 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_space(call, one) for one in page])


def _find_space(call: Call, eyes: Sight) -> Space | Reply:
    if answer := refused(call, eyes):
        return answer
    found = eyes.state.spaces.get(call.params["id"])
    if found is None or not eyes.sees_space(found):
        return error(call, 404, "not_found")
    return found


@API.get("/api/v2/spaces/{id}", "v2.spaces.get")
def get_space(call: Call) -> Reply:
    """One space."""
    eyes = sight(call)
    found = _find_space(call, eyes)
    if isinstance(found, Reply):
        return found
    row = _space(call, found)
    if call.flag("include-permissions"):
        rows = [_permission(one) for one in found.permissions.values()]
        links = {"self": f"/wiki{call.path}/permissions"}
        row["permissions"] = {"results": rows, "meta": {"hasMore": False}, "_links": links}
    return whole(call, row)


@API.get("/api/v2/spaces/{id}/permissions", "v2.spaces.permissions")
def list_permissions(call: Call) -> Reply:
    """The permissions of a space, one line for each principal and operation."""
    eyes = sight(call)
    found = _find_space(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, list(found.permissions.values()), 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_permission(one) for one in page])


@API.get("/api/v2/space-permissions", "v2.space-permissions")
def known_permissions(call: Call) -> Reply:
    """Every permission that a space could grant."""
    page = window(call, OPERATIONS, 25, 250)
    if isinstance(page, Reply):
        return page
    rows = [
        {
            "id": f"{operation}_{target}",
            "displayName": f"{operation.capitalize()} {target}",
            "description": f"{operation.capitalize()} {target}",
            "requiredPermissionIds": [] if operation == "read" else ["read_space"],
        }
        for operation, target in page
    ]
    return cursor_list_v2(call, page, rows)


def _in_space(kind: str) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        eyes = sight(call)
        found = _find_space(call, eyes)
        return found if isinstance(found, Reply) else listed(call, eyes, kind, {found.id})

    return answer


API.get("/api/v2/spaces/{id}/pages", "v2.spaces.pages")(_in_space("page"))
API.get("/api/v2/spaces/{id}/blogposts", "v2.spaces.blogposts")(_in_space("blogpost"))
