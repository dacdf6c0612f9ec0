"""v1: content, its children, history and versions."""

from __future__ import annotations

from simulator.atlassian.bodies import Body
from simulator.confluence.api import (
    API,
    error,
    expands,
    me,
    most,
    no_content,
    not_permitted,
    offset_list,
    refused,
    refused_verb,
    seen,
    sight,
    window,
)
from simulator.confluence.objects import Attachment, Comment, Content
from simulator.confluence.render import Renderer
from simulator.confluence.view import Sight
from simulator.confluence.wish import Wish
from simulator.verbs import VerbError
from simulator.wire import Call, Reply, reply_json


@API.get("/rest/api/content", "content.list")
def list_content(call: Call) -> Reply:
    """Content by type, space and title."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    wanted = call.query.get("status", ["current"])
    key, title, kind = call.arg("spaceKey"), call.arg("title"), call.arg("type", "page")
    state = eyes.state
    if key and (key not in state.keys or not eyes.sees_space(state.spaces[state.keys[key]])):
        return error(call, 404, f"No space with key : {key}")
    found = [
        one
        for one in state.contents.values()
        if one.kind == kind
        and ("any" in wanted or one.status in wanted)
        and (not key or state.keys[key] == one.space)
        and (not title or one.title == title)
        and eyes.opens(one)
    ]
    page = window(call, found, 25, most(call))
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    rows = [render.content(one, Wish(expands(call))) for one in page]
    return offset_list(call, page, rows)


@API.get("/rest/api/content/{id}", "content.get")
def get_content(call: Call) -> Reply:
    """One content."""
    eyes, wanted = sight(call), call.params["id"]
    if answer := refused(call, eyes):
        return answer
    state, render, wish = eyes.state, Renderer(call, eyes), Wish(expands(call))
    if wanted in state.comments and eyes.sees_comment(state.comments[wanted]):
        return reply_json(render.comment(state.comments[wanted], wish.plus("history,version")))
    if wanted in state.attachments and eyes.sees_attachment(state.attachments[wanted]):
        return reply_json(render.attachment(state.attachments[wanted], wish.plus("version")))
    found = state.contents.get(wanted)
    statuses = call.query.get("status", ["current", "archived"])
    asked = found is not None and (found.status in statuses or "any" in statuses)
    if found is None or not asked or not eyes.opens(found):
        return no_content(call, wanted)
    version = call.arg("version")
    older = None
    if version.isdecimal() and int(version) < found.version.number:
        older = found.versions[int(version) - 1]
    return reply_json(render.content(found, wish.plus("space,history,version,ancestors"), older))


@API.post("/rest/api/content", "content.create")
def create_content(call: Call) -> Reply:
    """A new page, blog post, draft or comment."""
    eyes, given = sight(call), Body.of(call)
    if answer := refused(call, eyes):
        return answer
    kind, body = given.text("type"), given.part("body", "storage").text("value")
    if kind not in ("page", "blogpost", "comment"):
        return error(call, 400, "Content type is required")
    if kind == "comment":
        return _comment(call, eyes, given, body)
    key, title = given.part("space").text("key"), given.text("title")
    state = eyes.state
    if key not in state.keys or not eyes.sees_space(state.spaces[state.keys[key]]):
        return error(call, 404, f"No space with key : {key}")
    space = state.spaces[state.keys[key]]
    if not eyes.creates(space, kind):
        return not_permitted(call, f"Could not create content with type {kind}")
    status = given.text("status", "current")
    try:
        if kind == "blogpost":
            made = state.create_blogpost(
                space=key, title=title, author=me(call), body=body, status=status
            )
        else:
            above = given.parts("ancestors")
            parent = above[-1].text("id") if above else ""
            if parent and seen(call, eyes, parent) is None:
                return no_content(call, parent)
            made = state.create_page(
                space=key,
                title=title,
                author=me(call),
                body=body,
                parent=parent,
                status=status,
            )
    except VerbError as wrong:
        return refused_verb(call, wrong)
    wish = Wish("body.storage,space,history,version,ancestors")
    return reply_json(Renderer(call, sight(call)).content(state.contents[made], wish))


def _comment(call: Call, eyes: Sight, given: Body, body: str) -> Reply:
    on = given.part("container").text("id")
    found = seen(call, eyes, on)
    if found is None:
        return no_content(call, on)
    if not eyes.creates(eyes.state.spaces[found.space], "comment"):
        return not_permitted(call, "Could not create comment")
    above = given.parts("ancestors")
    parent = above[-1].text("id") if above else ""
    try:
        made = eyes.state.comment(content=on, author=me(call), body=body, parent=parent)
    except VerbError as wrong:
        return refused_verb(call, wrong)
    wish = Wish("body.storage,version,history,container")
    return reply_json(Renderer(call, eyes).comment(eyes.state.comments[made], wish))


@API.put("/rest/api/content/{id}", "content.update")
def update_content(call: Call) -> Reply:
    """A new version; its number must be one more than the present one."""
    eyes, wanted, given = sight(call), call.params["id"], Body.of(call)
    if answer := refused(call, eyes):
        return answer
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to update content {wanted}")
    if given.part("version").whole("number") is None:
        return error(call, 400, "Must supply an incremented version when updating Content.")
    storage = given.part("body", "storage")
    return save(call, found, given, storage.text("value") if "value" in storage else None)


def save(call: Call, found: Content, given: Body, body: str | None) -> Reply:
    """Update `found` from a v1 or v2 request, or answer 409 if its version has moved on."""
    state = sight(call).state
    number, version = given.part("version").whole("number"), found.version.number
    draft = found.status == "draft"
    if number != version + 1 and not (draft and number == version):
        said = (
            "com.atlassian.confluence.api.service.exceptions.ConflictException: Version must be "
            f"incremented on update. Current version is: {version}"
        )
        return error(call, 409, said, said)
    try:
        if draft and given.text("status", "current") == "current":
            state.publish(content=found.id)
        else:
            state.edit(
                content=found.id,
                body=found.body if body is None else body,
                title=given.text("title"),
                by=me(call),
                message=given.part("version").text("message"),
                minor=given.part("version").given.get("minorEdit") is True,
            )
    except VerbError as wrong:
        return refused_verb(call, wrong)
    wish = Wish("body.storage,space,history,version,ancestors")
    return reply_json(Renderer(call, sight(call)).content(found, wish))


@API.delete("/rest/api/content/{id}", "content.delete")
def delete_content(call: Call) -> Reply:
    """Into the trash; with ``status=trashed`` for good."""
    eyes, wanted = sight(call), call.params["id"]
    if answer := refused(call, eyes):
        return answer
    found = eyes.state.contents.get(wanted)
    if found is None or not eyes.opens(found):
        return no_content(call, wanted)
    if not eyes.deletes(found) and not (
        found.status == "trashed" and eyes.administers(eyes.state.spaces[found.space])
    ):
        return not_permitted(call, f"User not permitted to delete content {wanted}")
    try:
        if call.arg("status") == "trashed":
            eyes.state.purge(content=wanted)
        else:
            eyes.state.trash(content=wanted)
    except VerbError as wrong:
        return refused_verb(call, wrong)
    return Reply(204)


@API.get("/rest/api/content/{id}/history", "content.history")
def get_history(call: Call) -> Reply:
    """Who made and last changed a content."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    return reply_json(Renderer(call, eyes).history(found, Wish(expands(call))))


@API.get("/rest/api/content/{id}/version", "content.versions")
def list_versions(call: Call) -> Reply:
    """Versions, newest first."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    page = window(call, found.versions[::-1], 200, 200)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    return offset_list(call, page, [render.version(found, one) for one in page])


@API.get("/rest/api/content/{id}/child/{type}", "content.children")
def list_children(call: Call) -> Reply:
    """Pages, comments or attachments of a content."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    render, wish, kind = Renderer(call, eyes), Wish(expands(call)), call.params["type"]
    items: list[Content | Comment | Attachment]
    if kind == "page":
        items = [one for one in render.pages_below(found) if one.status == "current"]
        items = [one for one in items if isinstance(one, Content) and eyes.sees(one)]
    elif kind == "comment":
        every = "all" in call.query.get("depth", ())
        items = [c for c in eyes.state.comments_on(wanted) if every or not c.parent]
    elif kind == "attachment":
        name = call.arg("filename")
        items = [a for a in eyes.state.attachments_on(wanted) if name in ("", a.name)]
    else:
        return error(call, 400, f"{kind} is no content type")
    page = window(call, items, 25, most(call))
    if isinstance(page, Reply):
        return page
    return offset_list(call, page, [render.anything(one, wish) for one in page])


@API.get("/rest/api/content/{id}/descendant/{type}", "content.descendants")
def list_descendants(call: Call) -> Reply:
    """Every page below, or every comment on a content."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    items: list[Content | Comment | Attachment] = []
    if call.params["type"] == "page":
        items += [one for one in eyes.state.below(found) if eyes.sees(one)]
    elif call.params["type"] == "comment":
        items += eyes.state.comments_on(wanted)
    else:
        items += eyes.state.attachments_on(wanted)
    page = window(call, items, 25, most(call))
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    return offset_list(call, page, [render.anything(one, Wish(expands(call))) for one in page])
