"""v2: pages, blog posts and attachments, with cursors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from simulator.atlassian.bodies import Body
from simulator.confluence.api import (
    API,
    cursor_list_v2,
    error,
    refused,
    seen,
    sight,
    window,
)
from simulator.confluence.objects import Attachment, Content
from simulator.confluence.render import Renderer
from simulator.confluence.render_v2 import (
    attachment_row,
    content_row,
    given_body,
    label_row,
    property_row,
    shown_version,
    whole,
)
from simulator.confluence.routes_content import save
from simulator.confluence.view import Sight
from simulator.verbs import VerbError
from simulator.wire import Call, Reply

_STATUSES = ("current", "archived")
"""What a listing shows unless asked otherwise."""


def _kind(call: Call) -> str:
    return "blogpost" if call.path.startswith("/api/v2/blogposts") else "page"


def find(call: Call, eyes: Sight) -> Content | Reply:
    """The page or blog post of the path, or the answer where it is not there."""
    if answer := refused(call, eyes):
        return answer
    found = seen(call, eyes, call.params["id"])
    return found if found and found.kind == _kind(call) else error(call, 404, "not_found")


def _sorted(call: Call, items: list[Content]) -> list[Content]:
    given = call.arg("sort")
    keys: dict[str, Callable[[Content], Any]] = {
        "id": lambda one: int(one.id),
        "title": lambda one: one.title.lower(),
        "created-date": lambda one: one.created,
        "modified-date": lambda one: one.version.when,
    }
    key = keys.get(given.removeprefix("-"), keys["id"])
    return sorted(items, key=key, reverse=given.startswith("-"))


def listed(call: Call, eyes: Sight, kind: str, spaces: set[str] | None) -> Reply:
    """Pages or blog posts of some spaces, or of all where `spaces` is None."""
    wanted = [
        s for given in call.query.get("status", [",".join(_STATUSES)]) for s in given.split(",")
    ]
    ids = {one for given in call.query.get("id", []) for one in given.split(",")}
    title = call.arg("title")
    items = [
        one
        for one in eyes.state.contents.values()
        if one.kind == kind
        and one.status in wanted
        and (spaces is None or one.space in spaces)
        and (not ids or one.id in ids)
        and title in ("", one.title)
        and eyes.opens(one)
    ]
    page = window(call, _sorted(call, items), 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [content_row(call, eyes, one) for one in page])


def _list(call: Call) -> Reply:
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    given = [one for some in call.query.get("space-id", []) for one in some.split(",")]
    return listed(call, eyes, _kind(call), set(given) if given else None)


def _get(call: Call) -> Reply:
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    found = eyes.state.contents.get(call.params["id"])
    wanted = [s for one in call.query.get("status", []) for s in one.split(",")] or list(_STATUSES)
    if call.flag("get-draft"):
        wanted.append("draft")
    if found is None or found.kind != _kind(call) or found.status not in wanted:
        return error(call, 404, "not_found")
    if not eyes.opens(found):
        return error(call, 404, "not_found")
    number = call.arg("version")
    older = None
    if number.isdecimal() and int(number) < found.version.number:
        older = found.versions[int(number) - 1]
    row = content_row(call, eyes, found, older)
    optional: dict[str, list[Any]] = {}
    if call.flag("include-labels"):
        optional["labels"] = [label_row(call, eyes, one) for one in found.labels]
    if call.flag("include-versions"):
        optional["versions"] = [shown_version(one) for one in found.versions[::-1]]
    if call.flag("include-properties"):
        optional["properties"] = [property_row(found, key) for key in found.properties]
    for name, rows in optional.items():
        links = {"self": f"/wiki{call.path}/{name}"}
        row[name] = {"results": rows, "meta": {"hasMore": False}, "_links": links}
    return whole(call, row)


def _create(call: Call) -> Reply:
    eyes, given, kind = sight(call), Body.of(call), _kind(call)
    if answer := refused(call, eyes):
        return answer
    if not given.text("spaceId"):
        return error(call, 400, "", "Space Id can not be null or empty")
    space = eyes.state.spaces.get(given.text("spaceId"))
    if space is None or not eyes.creates(space, kind):
        return error(
            call, 404, "not_found", "Could not find space or no permission to create in it"
        )
    parent = given.text("parentId")
    if parent and seen(call, eyes, parent) is None:
        return error(call, 404, "not_found", "Could not find parent")
    if not parent and call.flag("root-level"):
        parent = "root"
    me = call.person.id if call.person else ""
    what = {"space": space.id, "title": given.text("title"), "author": me}
    what |= {"body": given_body(given) or "", "status": given.text("status", "current")}
    try:
        if kind == "blogpost":
            made = eyes.state.create_blogpost(**what)
        else:
            made = eyes.state.create_page(**what, parent=parent)
        if call.flag("private"):
            eyes.state.restrict(content=made, type="user", subject=me)
    except VerbError as wrong:
        return error(call, 400, "", str(wrong))
    call.query["body-format"] = ["storage"]
    return whole(call, content_row(call, sight(call), eyes.state.contents[made]))


def _update(call: Call) -> Reply:
    eyes, given = sight(call), Body.of(call)
    found = find(call, eyes)
    if isinstance(found, Reply):
        return found
    if not eyes.edits(found):
        return error(call, 403, "forbidden", "User does not have permission to edit this content")
    if given.part("version").whole("number") is None:
        return error(call, 400, "", "version.number is required")
    reply = save(call, found, given, given_body(given))
    if reply.status >= 400:
        said = json.loads(reply.body)
        detail = said.get("message") or said["errors"][0]["detail"]
        return error(call, reply.status, "", detail)
    call.query["body-format"] = ["storage"]
    return whole(call, content_row(call, sight(call), found))


def _delete(call: Call) -> Reply:
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    found = eyes.state.contents.get(call.params["id"])
    if found is None or found.kind != _kind(call) or not eyes.opens(found):
        return error(call, 404, "not_found")
    purging = call.flag("purge") or call.flag("draft")
    mine = found.status == "draft" and eyes.edits(found)
    admin = found.status == "trashed" and eyes.administers(eyes.state.spaces[found.space])
    if not (eyes.deletes(found) or mine or admin):
        return error(call, 403, "forbidden", "User does not have permission to delete this content")
    try:
        if purging:
            eyes.state.purge(content=found.id)
        else:
            eyes.state.trash(content=found.id)
    except VerbError as wrong:
        return error(call, 400, "", str(wrong))
    return Reply(204)


def _children(call: Call) -> Reply:
    eyes = sight(call)
    found = find(call, eyes)
    if isinstance(found, Reply):
        return found
    pages = [one for one in Renderer(call, eyes).pages_below(found) if eyes.sees(one)]
    pages = [one for one in pages if one.status in _STATUSES]
    page = window(call, pages, 25, 250)
    if isinstance(page, Reply):
        return page
    typed = {"type": "page"} if call.path.endswith("direct-children") else {}
    rows = [
        {
            "id": one.id,
            "status": one.status,
            "title": one.title,
            "spaceId": one.space,
            "childPosition": one.position,
            **typed,
        }
        for one in page
    ]
    return cursor_list_v2(call, page, rows)


def _ancestors(call: Call) -> Reply:
    eyes = sight(call)
    found = find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, eyes.state.ancestors(found), 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [{"id": one.id, "type": "page"} for one in page])


def _labels(call: Call) -> Reply:
    eyes = sight(call)
    found = find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, found.labels, 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [label_row(call, eyes, one) for one in page])


def _versions(call: Call) -> Reply:
    eyes = sight(call)
    found = find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, found.versions[::-1], 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [shown_version(one) for one in page])


def _properties(call: Call) -> Reply:
    eyes = sight(call)
    found = find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, list(found.properties), 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [property_row(found, key) for key in page])


def _attachments(call: Call) -> Reply:
    eyes = sight(call)
    found = find(call, eyes)
    if isinstance(found, Reply):
        return found
    return _files(call, eyes, eyes.state.attachments_on(found.id))


def _files(call: Call, eyes: Sight, files: list[Attachment]) -> Reply:
    name, media = call.arg("filename"), call.arg("mediaType")
    files = [f for f in files if name in ("", f.name) and media in ("", f.media)]
    page = window(call, files, 50, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [attachment_row(call, eyes, one) for one in page])


@API.get("/api/v2/attachments", "v2.attachments.list")
def list_attachments(call: Call) -> Reply:
    """Every attachment that the caller sees."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    files = [one for one in eyes.state.attachments.values() if eyes.sees_attachment(one)]
    return _files(call, eyes, files)


@API.get("/api/v2/attachments/{id}", "v2.attachments.get")
def get_attachment(call: Call) -> Reply:
    """One attachment."""
    eyes = sight(call)
    file = eyes.state.attachments.get(call.params["id"])
    if file is None or not eyes.sees_attachment(file):
        return error(call, 404, "not_found")
    return whole(call, attachment_row(call, eyes, file))


for _base in ("pages", "blogposts"):
    _root, _name = f"/api/v2/{_base}", f"v2.{_base}"
    API.get(_root, f"{_name}.list")(_list)
    API.post(_root, f"{_name}.create")(_create)
    API.get(_root + "/{id}", f"{_name}.get")(_get)
    API.put(_root + "/{id}", f"{_name}.update")(_update)
    API.delete(_root + "/{id}", f"{_name}.delete")(_delete)
    API.get(_root + "/{id}/labels", f"{_name}.labels")(_labels)
    API.get(_root + "/{id}/versions", f"{_name}.versions")(_versions)
    API.get(_root + "/{id}/properties", f"{_name}.properties")(_properties)
    API.get(_root + "/{id}/attachments", f"{_name}.attachments")(_attachments)
for _path in ("children", "direct-children"):
    API.get("/api/v2/pages/{id}/" + _path, f"v2.pages.{_path}")(_children)
API.get("/api/v2/pages/{id}/ancestors", "v2.pages.ancestors")(_ancestors)
