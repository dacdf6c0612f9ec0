"""v1: content, its children, versions, labels, properties and attachments."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import unquote

from simulator.atlassian.query import QueryError
from simulator.clock import rfc3339
from simulator.confluence.api import (
    API,
    Listing,
    cursor_list_v1,
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
from simulator.confluence.cql import Hit, Search
from simulator.confluence.render import Renderer, Wish, download_path
from simulator.confluence.state import Attachment, Comment, Content
from simulator.confluence.view import Sight
from simulator.verbs import VerbError
from simulator.wire import Call, Reply, reply_json

_BODIES = ("body.storage", "body.view", "body.export_view", "body.styled_view", "body.atlas")


def most(call: Call) -> int:
    """The largest page: 50 when bodies are expanded, else 250."""
    return 50 if any(body in expands(call) for body in _BODIES) else 250


def search(call: Call, eyes: Sight) -> Listing[Hit] | Reply:
    """Run the ``cql`` of a call; what the caller can't see is left out before paging."""
    world = call.world
    try:
        zone = eyes.state.zone(call.person)
        query = Search(eyes.state, call.arg("cql"), call.person, world.now(), zone)
        hits = query.run(world.now() - call.search_lag())
    except QueryError as wrong:
        return error(call, 400, f"Could not parse cql : {call.arg('cql')}", str(wrong))
    return window(call, [hit for hit in hits if eyes.sees(hit.on)], 25, most(call))


@API.get("/rest/api/content/search", "content.search")
def search_content(call: Call) -> Reply:
    """Search content by CQL."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    page = search(call, eyes)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    rows = [_any(render, hit.item, Wish(expands(call))) for hit in page]
    return cursor_list_v1(call, page, rows)


@API.get("/rest/api/search", "search")
def search_all(call: Call) -> Reply:
    """Search by CQL, with excerpts."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    page = search(call, eyes)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    rows = []
    for hit in page:
        space = eyes.state.spaces[hit.on.space]
        content = _any(render, hit.item, Wish(expands(call)).into("content"))
        rows.append(
            {
                "content": content,
                "title": hit.title,
                "excerpt": "",
                "url": render.links(hit.on, space)["webui"],
                "resultGlobalContainer": {
                    "title": space.name,
                    "displayUrl": f"/spaces/{space.key}",
                },
                "breadcrumbs": [],
                "entityType": "content",
                "iconCssClass": f"aui-icon content-type-{hit.type}",
                "lastModified": rfc3339(hit.modified),
                "friendlyLastModified": f"{hit.modified:%b %d, %Y}",
                "score": 0.0,
            }
        )
    total = len(rows) if page.following is None else page.following + 1
    return cursor_list_v1(
        call, page, rows, totalSize=total, cqlQuery=call.arg("cql"), searchDuration=11
    )


def _any(render: Renderer, item: Content | Comment | Attachment, wish: Wish) -> dict[str, Any]:
    if isinstance(item, Content):
        return render.content(item, wish)
    if isinstance(item, Comment):
        return render.comment(item, wish)
    return render.attachment(item, wish)


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
    eyes, given = sight(call), call.json()
    if answer := refused(call, eyes):
        return answer
    if not isinstance(given, dict) or "type" not in given:
        return error(call, 400, "Content type is required")
    body = given.get("body", {}).get("storage", {}).get("value", "")
    if given["type"] == "comment":
        return _comment(call, eyes, given, body)
    key = given.get("space", {}).get("key", "")
    state = eyes.state
    if key not in state.keys or not eyes.sees_space(state.spaces[state.keys[key]]):
        return error(call, 404, f"No space with key : {key}")
    space = state.spaces[state.keys[key]]
    if not eyes.creates(space, given["type"]):
        return not_permitted(call, f"Could not create content with type {given['type']}")
    status = given.get("status", "current")
    try:
        if given["type"] == "blogpost":
            made = state.create_blogpost(
                space=key, title=given.get("title", ""), author=_me(call), body=body, status=status
            )
        else:
            above = given.get("ancestors") or []
            parent = str(above[-1]["id"]) if above else ""
            if parent and seen(call, eyes, parent) is None:
                return no_content(call, parent)
            made = state.create_page(
                space=key,
                title=given.get("title", ""),
                author=_me(call),
                body=body,
                parent=parent,
                status=status,
            )
    except VerbError as wrong:
        return refused_verb(call, wrong)
    wish = Wish("body.storage,space,history,version,ancestors")
    return reply_json(Renderer(call, sight(call)).content(state.contents[made], wish))


def _me(call: Call) -> str:
    return call.person.id if call.person else ""


def _comment(call: Call, eyes: Sight, given: dict[str, Any], body: str) -> Reply:
    on = str(given.get("container", {}).get("id", ""))
    found = seen(call, eyes, on)
    if found is None:
        return no_content(call, on)
    if not eyes.creates(eyes.state.spaces[found.space], "comment"):
        return not_permitted(call, "Could not create comment")
    above = given.get("ancestors") or []
    try:
        made = eyes.state.comment(
            content=on, author=_me(call), body=body, parent=str(above[-1]["id"]) if above else ""
        )
    except VerbError as wrong:
        return refused_verb(call, wrong)
    wish = Wish("body.storage,version,history,container")
    return reply_json(Renderer(call, eyes).comment(eyes.state.comments[made], wish))


@API.put("/rest/api/content/{id}", "content.update")
def update_content(call: Call) -> Reply:
    """A new version; its number must be one more than the present one."""
    eyes, wanted, given = sight(call), call.params["id"], call.json()
    if answer := refused(call, eyes):
        return answer
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to update content {wanted}")
    if not isinstance(given, dict) or "number" not in given.get("version", {}):
        return error(call, 400, "Must supply an incremented version when updating Content.")
    return save(call, found, given, given.get("body", {}).get("storage", {}).get("value"))


def save(call: Call, found: Content, given: dict[str, Any], body: str | None) -> Reply:
    """Update `found` from a v1 or v2 request, or answer 409 if its version has moved on."""
    state = sight(call).state
    number, version = given["version"]["number"], found.version.number
    draft = found.status == "draft"
    if number != version + 1 and not (draft and number == version):
        said = (
            "com.atlassian.confluence.api.service.exceptions.ConflictException: Version must be "
            f"incremented on update. Current version is: {version}"
        )
        return error(call, 409, said, said)
    try:
        if draft and given.get("status", "current") == "current":
            state.publish(content=found.id)
        else:
            state.edit(
                content=found.id,
                body=found.body if body is None else body,
                title=given.get("title", ""),
                by=_me(call),
                message=given["version"].get("message", ""),
                minor=bool(given["version"].get("minorEdit", False)),
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
    return offset_list(call, page, [_any(render, one, wish) for one in page])


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
    return offset_list(call, page, [_any(render, one, Wish(expands(call))) for one in page])


@API.get("/rest/api/content/{id}/label", "content.labels")
def list_labels(call: Call) -> Reply:
    """The labels of a content."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    page = window(call, found.labels, 200, 200)
    if isinstance(page, Reply):
        return page
    return offset_list(call, page, [Renderer(call, eyes).label(one) for one in page])


@API.post("/rest/api/content/{id}/label", "content.labels.add")
def add_labels(call: Call) -> Reply:
    """Put labels on a content."""
    eyes, wanted, given = sight(call), call.params["id"], call.json()
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to label content {wanted}")
    try:
        for one in given if isinstance(given, list) else [given or {}]:
            eyes.state.label(content=wanted, label=one.get("name", ""))
    except VerbError as wrong:
        return refused_verb(call, wrong)
    return list_labels(call)


@API.delete("/rest/api/content/{id}/label/{label}", "content.labels.remove")
def remove_label(call: Call) -> Reply:
    """Take a label away."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None or call.params["label"] not in found.labels:
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to label content {wanted}")
    eyes.state.unlabel(content=wanted, label=call.params["label"])
    return Reply(204)


@API.get("/rest/api/content/{id}/property", "content.properties")
def list_properties(call: Call) -> Reply:
    """The properties of a content."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    page = window(call, list(found.properties), 10, 200)
    if isinstance(page, Reply):
        return page
    return offset_list(call, page, [_property(call, found, key) for key in page])


def _property(call: Call, found: Content, key: str) -> dict[str, Any]:
    self_link = f"{call.base}/rest/api/content/{found.id}/property/{key}"
    return {
        "id": str(int(found.id) * 100 + list(found.properties).index(key)),
        "key": key,
        "value": found.properties[key],
        "version": {"number": 1, "minorEdit": True, "when": rfc3339(found.created), "message": ""},
        "_links": {"self": self_link},
        "_expandable": {"content": f"/rest/api/content/{found.id}", "additionalProperties": ""},
    }


@API.get("/rest/api/content/{id}/property/{key}", "content.properties.get")
def get_property(call: Call) -> Reply:
    """One property."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None or call.params["key"] not in found.properties:
        return no_content(call, wanted)
    return reply_json(_property(call, found, call.params["key"]))


def _set_property(call: Call) -> Reply:
    eyes, wanted, given = sight(call), call.params["id"], call.json()
    found = seen(call, eyes, wanted)
    if found is None or not isinstance(given, dict):
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to update content {wanted}")
    key = call.params.get("key") or given.get("key", "")
    eyes.state.set_property(content=wanted, key=key, value=given.get("value"))
    return reply_json(_property(call, found, key))


API.put("/rest/api/content/{id}/property/{key}", "content.properties.set")(_set_property)
API.post("/rest/api/content/{id}/property", "content.properties.create")(_set_property)


def _parts(call: Call) -> list[EmailMessage]:
    header = f"Content-Type: {call.headers.get('content-type', '')}\r\n\r\n".encode()
    whole = BytesParser(_class=EmailMessage, policy=HTTP).parsebytes(header + call.body)
    return [part for part in whole.iter_parts() if isinstance(part, EmailMessage)]


def _attach(call: Call) -> Reply:
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if not eyes.creates(eyes.state.spaces[found.space], "attachment"):
        return not_permitted(call, "Could not create attachment")
    if call.headers.get("x-atlassian-token", "") not in ("no-check", "nocheck"):
        return error(call, 403, "XSRF check failed")
    parts = _parts(call)
    note = next((str(p.get_content()).strip() for p in parts if _field(p) == "comment"), "")
    made = []
    for part in parts:
        if _field(part) == "file":
            raw = part.get_payload(decode=True)
            data = base64.b64encode(raw if isinstance(raw, bytes) else b"").decode()
            made.append(
                eyes.state.attach(
                    content=wanted,
                    name=part.get_filename() or "file",
                    author=_me(call),
                    data=data,
                    media=part.get_content_type(),
                    encoding="base64",
                    comment=note,
                )
            )
    render = Renderer(call, eyes)
    rows = [render.attachment(eyes.state.attachments[one], Wish("version")) for one in made]
    return offset_list(call, Listing(rows, 0, len(rows), None), rows)


def _field(part: EmailMessage) -> str:
    return str(part.get_param("name", "", header="content-disposition"))


API.post("/rest/api/content/{id}/child/attachment", "content.attach")(_attach)
API.put("/rest/api/content/{id}/child/attachment", "content.attach.or.update")(_attach)


@API.get("/rest/api/content/{id}/child/attachment/{file}/download", "content.download")
def redirect_download(call: Call) -> Reply:
    """Leads to where the bytes are."""
    eyes = sight(call)
    file = eyes.state.attachments.get(call.params["file"])
    if file is None or not eyes.sees_attachment(file):
        return no_content(call, call.params["file"])
    return Reply(302, headers={"Location": f"{call.base}{download_path(file)}"})


@API.get("/download/attachments/{id}/{name}", "download")
def download(call: Call) -> Reply:
    """The bytes of an attachment."""
    eyes, name = sight(call), unquote(call.params["name"])
    for file in eyes.state.attachments_on(call.params["id"]):
        if file.name in (name, call.params["name"]) and eyes.sees_attachment(file):
            kept = {"Content-Type": file.media, "Accept-Ranges": "bytes"}
            return Reply(200, file.data, kept)
    return no_content(call, call.params["id"])
