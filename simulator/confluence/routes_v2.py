"""v2: pages, blog posts, spaces, comments and attachments, with cursors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from simulator.atlassian.accounts import SERVICE, account_id, group_id
from simulator.atlassian.markup import adf_text, storage_adf, storage_text, to_storage
from simulator.clock import rfc3339
from simulator.confluence.api import (
    API,
    cursor_list_v2,
    error,
    refused,
    seen,
    sight,
    window,
)
from simulator.confluence.render import Renderer, download_path
from simulator.confluence.routes_content import save
from simulator.confluence.state import (
    OPERATIONS,
    Attachment,
    Comment,
    Content,
    Space,
    SpacePermission,
    Version,
)
from simulator.confluence.view import Sight
from simulator.verbs import VerbError
from simulator.wire import Call, Reply, reply_json

Row = dict[str, Any]
_FORMATS = ("storage", "atlas_doc_format", "view")
_STATUSES = ("current", "archived")
"""What a listing shows unless asked otherwise."""


def _account(person: str) -> str:
    return account_id(person) if person else SERVICE


def _body(call: Call, storage: str) -> Row:
    form = call.arg("body-format")
    if form not in _FORMATS:
        return {}
    value = storage
    if form == "atlas_doc_format":
        value = json.dumps(storage_adf(storage), ensure_ascii=False)
    elif form == "view":
        value = "".join(f"<p>{line}</p>" for line in storage_text(storage).split("\n"))
    return {form: {"representation": form, "value": value}}


def _version(number: int, by: str, when: datetime, message: str = "", minor: bool = False) -> Row:
    return {
        "number": number,
        "message": message,
        "minorEdit": minor,
        "authorId": _account(by),
        "createdAt": rfc3339(when),
    }


def _of(version: Version) -> Row:
    return _version(version.number, version.by, version.when, version.message, version.minor)


def _content(call: Call, eyes: Sight, found: Content, version: Version | None = None) -> Row:
    space, shown = eyes.state.spaces[found.space], version or found.version
    links = Renderer(call, eyes).links(found, space)
    row: Row = {
        "id": found.id,
        "status": "historical" if version else found.status,
        "title": shown.title,
        "spaceId": found.space,
        "authorId": _account(found.author),
        "createdAt": rfc3339(found.created),
        "version": _of(shown),
        "body": _body(call, shown.body),
        "_links": {key: links[key] for key in ("webui", "editui", "tinyui")},
    }
    if found.kind == "page":
        row |= {"position": found.position, "ownerId": _account(found.owner), "lastOwnerId": None}
        row |= {"parentId": found.parent or None, "parentType": "page" if found.parent else None}
    return row


def _one(call: Call, row: Row) -> Reply:
    row["_links"] = {**row.get("_links", {}), "base": call.base}
    return reply_json(row)


def _kind(call: Call) -> str:
    return "blogpost" if call.path.startswith("/api/v2/blogposts") else "page"


def _find(call: Call, eyes: Sight) -> Content | Reply:
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


def _listed(call: Call, eyes: Sight, kind: str, spaces: set[str] | None) -> Reply:
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
    return cursor_list_v2(call, page, [_content(call, eyes, one) for one in page])


def _list(call: Call) -> Reply:
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    given = [one for some in call.query.get("space-id", []) for one in some.split(",")]
    return _listed(call, eyes, _kind(call), set(given) if given else None)


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
    row = _content(call, eyes, found, older)
    optional: dict[str, list[Any]] = {}
    if call.flag("include-labels"):
        optional["labels"] = [_label(call, eyes, one) for one in found.labels]
    if call.flag("include-versions"):
        optional["versions"] = [_of(one) for one in found.versions[::-1]]
    if call.flag("include-properties"):
        optional["properties"] = [_property(found, key) for key in found.properties]
    for name, rows in optional.items():
        links = {"self": f"/wiki{call.path}/{name}"}
        row[name] = {"results": rows, "meta": {"hasMore": False}, "_links": links}
    return _one(call, row)


def _label(call: Call, eyes: Sight, label: str) -> Row:
    made = Renderer(call, eyes).label(label)
    return {key: made[key] for key in ("id", "name", "prefix")}


def _property(found: Content, key: str) -> Row:
    number = int(found.id) * 100 + list(found.properties).index(key)
    version = _version(1, found.author, found.created)
    return {"id": str(number), "key": key, "value": found.properties[key], "version": version}


def _given_body(given: Row) -> str | None:
    body = given.get("body") or {}
    form, value = body.get("representation"), body.get("value")
    for name in ("storage", "atlas_doc_format", "wiki"):
        if isinstance(body.get(name), dict):
            form, value = name, body[name].get("value")
    if value is None:
        return None
    if form == "atlas_doc_format":
        return to_storage(adf_text(json.loads(value) if isinstance(value, str) else value))
    return to_storage(str(value)) if form == "wiki" else str(value)


def _create(call: Call) -> Reply:
    eyes, given, kind = sight(call), call.json(), _kind(call)
    if answer := refused(call, eyes):
        return answer
    if not isinstance(given, dict) or not given.get("spaceId"):
        return error(call, 400, "", "Space Id can not be null or empty")
    space = eyes.state.spaces.get(str(given["spaceId"]))
    if space is None or not eyes.creates(space, kind):
        return error(
            call, 404, "not_found", "Could not find space or no permission to create in it"
        )
    parent = str(given.get("parentId") or "")
    if parent and seen(call, eyes, parent) is None:
        return error(call, 404, "not_found", "Could not find parent")
    if not parent and call.flag("root-level"):
        parent = "root"
    me = call.person.id if call.person else ""
    what = {"space": space.id, "title": given.get("title", ""), "author": me}
    what |= {"body": _given_body(given) or "", "status": given.get("status", "current")}
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
    return _one(call, _content(call, sight(call), eyes.state.contents[made]))


def _update(call: Call) -> Reply:
    eyes, given = sight(call), call.json()
    found = _find(call, eyes)
    if isinstance(found, Reply):
        return found
    if not eyes.edits(found):
        return error(call, 403, "forbidden", "User does not have permission to edit this content")
    if not isinstance(given, dict) or "number" not in (given.get("version") or {}):
        return error(call, 400, "", "version.number is required")
    reply = save(call, found, given, _given_body(given))
    if reply.status >= 400:
        said = json.loads(reply.body)
        detail = said.get("message") or said["errors"][0]["detail"]
        return error(call, reply.status, "", detail)
    call.query["body-format"] = ["storage"]
    return _one(call, _content(call, sight(call), found))


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
    found = _find(call, eyes)
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
    found = _find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, eyes.state.ancestors(found), 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [{"id": one.id, "type": "page"} for one in page])


def _labels(call: Call) -> Reply:
    eyes = sight(call)
    found = _find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, found.labels, 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_label(call, eyes, one) for one in page])


def _versions(call: Call) -> Reply:
    eyes = sight(call)
    found = _find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, found.versions[::-1], 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_of(one) for one in page])


def _properties(call: Call) -> Reply:
    eyes = sight(call)
    found = _find(call, eyes)
    if isinstance(found, Reply):
        return found
    page = window(call, list(found.properties), 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_property(found, key) for key in page])


def _attachment(call: Call, eyes: Sight, file: Attachment) -> Row:
    on = eyes.state.contents[file.content]
    path = download_path(file)
    web = f"/pages/viewpageattachments.action?pageId={on.id}&preview={on.id}"
    return {
        "id": file.id,
        "status": "current",
        "title": file.name,
        "createdAt": rfc3339(file.created),
        "pageId" if on.kind == "page" else "blogPostId": on.id,
        "mediaType": file.media,
        "mediaTypeDescription": "File",
        "comment": file.comment,
        "fileId": file.id.removeprefix("att"),
        "fileSize": len(file.data),
        "webuiLink": web,
        "downloadLink": path,
        "version": _version(file.version, file.author, file.created),
        "_links": {"webui": web, "download": path},
    }


def _attachments(call: Call) -> Reply:
    eyes = sight(call)
    found = _find(call, eyes)
    if isinstance(found, Reply):
        return found
    return _files(call, eyes, eyes.state.attachments_on(found.id))


def _files(call: Call, eyes: Sight, files: list[Attachment]) -> Reply:
    name, media = call.arg("filename"), call.arg("mediaType")
    files = [f for f in files if name in ("", f.name) and media in ("", f.media)]
    page = window(call, files, 50, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_attachment(call, eyes, one) for one in page])


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
    return _one(call, _attachment(call, eyes, file))


def _comment(call: Call, eyes: Sight, comment: Comment) -> Row:
    on = eyes.state.contents[comment.content]
    when = comment.modified or comment.created
    row: Row = {
        "id": comment.id,
        "status": "current",
        "title": f"Re: {on.title}",
        "pageId" if on.kind == "page" else "blogPostId": on.id,
        "version": _version(comment.version, comment.author, when),
        "body": _body(call, comment.body),
        "_links": {"webui": f"/pages/{on.id}?focusedCommentId={comment.id}"},
    }
    if comment.parent:
        row["parentCommentId"] = comment.parent
    if comment.selection:
        row["resolutionStatus"] = "resolved" if comment.resolved else "open"
        row["properties"] = {
            "inlineMarkerRef": f"ref-{comment.id}",
            "inlineOriginalSelection": comment.selection,
        }
    return row


def _comments(inline: bool) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        eyes = sight(call)
        found = _find(call, eyes)
        if isinstance(found, Reply):
            return found
        top = [c for c in eyes.state.comments_on(found.id) if not c.parent]
        return _said(call, eyes, [c for c in top if bool(c.selection) is inline])

    return answer


def _said(call: Call, eyes: Sight, comments: list[Comment]) -> Reply:
    page = window(call, comments, 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_comment(call, eyes, one) for one in page])


def _all_comments(inline: bool) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        eyes = sight(call)
        if refusal := refused(call, eyes):
            return refusal
        every = [c for c in eyes.state.comments.values() if eyes.sees_comment(c)]
        return _said(call, eyes, [c for c in every if _inline(eyes, c) is inline])

    return answer


def _inline(eyes: Sight, comment: Comment) -> bool:
    return bool(eyes.state.comments.get(comment.parent, comment).selection)


def _get_comment(call: Call) -> Reply:
    eyes = sight(call)
    found = eyes.state.comments.get(call.params["comment"])
    if found is None or not eyes.sees_comment(found):
        return error(call, 404, "not_found")
    return _one(call, _comment(call, eyes, found))


def _answers(call: Call) -> Reply:
    eyes = sight(call)
    found = eyes.state.comments.get(call.params["comment"])
    if found is None or not eyes.sees_comment(found):
        return error(call, 404, "not_found")
    return _said(call, eyes, [c for c in eyes.state.comments.values() if c.parent == found.id])


def _add_comment(call: Call) -> Reply:
    eyes, given = sight(call), call.json()
    if answer := refused(call, eyes):
        return answer
    if not isinstance(given, dict):
        return error(call, 400, "", "A body is required")
    parent = eyes.state.comments.get(str(given.get("parentCommentId", "")))
    on = parent.content if parent else str(given.get("pageId") or given.get("blogPostId") or "")
    found = seen(call, eyes, on)
    if found is None:
        return error(call, 404, "not_found")
    if not eyes.creates(eyes.state.spaces[found.space], "comment"):
        return error(call, 403, "forbidden", "User does not have permission to comment")
    inline = given.get("inlineCommentProperties") or {}
    made = eyes.state.comment(
        content=on,
        author=call.person.id if call.person else "",
        body=_given_body(given) or "",
        selection=inline.get("textSelection", ""),
        parent=parent.id if parent else "",
    )
    reply = _one(call, _comment(call, eyes, eyes.state.comments[made]))
    reply.status = 201
    reply.headers["Location"] = f"{call.base}{call.path}/{made}"
    return reply


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
        "authorId": _account(space.creator),
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
    return _one(call, row)


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
        return found if isinstance(found, Reply) else _listed(call, eyes, kind, {found.id})

    return answer


API.get("/api/v2/spaces/{id}/pages", "v2.spaces.pages")(_in_space("page"))
API.get("/api/v2/spaces/{id}/blogposts", "v2.spaces.blogposts")(_in_space("blogpost"))
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
    API.get(_root + "/{id}/footer-comments", f"{_name}.footer-comments")(_comments(False))
    API.get(_root + "/{id}/inline-comments", f"{_name}.inline-comments")(_comments(True))
for _path in ("children", "direct-children"):
    API.get("/api/v2/pages/{id}/" + _path, f"v2.pages.{_path}")(_children)
API.get("/api/v2/pages/{id}/ancestors", "v2.pages.ancestors")(_ancestors)
for _sort in ("footer", "inline"):
    _root, _name = f"/api/v2/{_sort}-comments", f"v2.{_sort}-comments"
    API.get(_root, f"{_name}.list")(_all_comments(_sort == "inline"))
    API.post(_root, f"{_name}.create")(_add_comment)
    API.get(_root + "/{comment}", f"{_name}.get")(_get_comment)
    API.get(_root + "/{comment}/children", f"{_name}.children")(_answers)
