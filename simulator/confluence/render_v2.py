"""Confluence's objects as v2 JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from simulator.atlassian.accounts import SERVICE, account_id
from simulator.atlassian.bodies import Body
from simulator.atlassian.markup import adf_text, is_adf, storage_adf, storage_text, to_storage
from simulator.clock import rfc3339
from simulator.confluence.objects import Attachment, Content, Version
from simulator.confluence.render import Renderer, download_path
from simulator.confluence.view import Sight
from simulator.wire import Call, Reply, reply_json

Row = dict[str, Any]
_FORMATS = ("storage", "atlas_doc_format", "view")


def account(person: str) -> str:
    """The account id behind a person's id; empty is the service account."""
    return account_id(person) if person else SERVICE


def body_row(call: Call, storage: str) -> Row:
    """The body in the format that ``body-format`` asks for; empty without one."""
    form = call.arg("body-format")
    if form not in _FORMATS:
        return {}
    value = storage
    if form == "atlas_doc_format":
        value = json.dumps(storage_adf(storage), ensure_ascii=False)
    elif form == "view":
        value = "".join(f"<p>{line}</p>" for line in storage_text(storage).split("\n"))
    return {form: {"representation": form, "value": value}}


def version_row(
    number: int, by: str, when: datetime, message: str = "", minor: bool = False
) -> Row:
    """A version."""
    return {
        "number": number,
        "message": message,
        "minorEdit": minor,
        "authorId": account(by),
        "createdAt": rfc3339(when),
    }


def shown_version(version: Version) -> Row:
    """A version of a page or blog post."""
    return version_row(version.number, version.by, version.when, version.message, version.minor)


def content_row(call: Call, eyes: Sight, found: Content, version: Version | None = None) -> Row:
    """A page or blog post."""
    space, shown = eyes.state.spaces[found.space], version or found.version
    links = Renderer(call, eyes).links(found, space)
    row: Row = {
        "id": found.id,
        "status": "historical" if version else found.status,
        "title": shown.title,
        "spaceId": found.space,
        "authorId": account(found.author),
        "createdAt": rfc3339(found.created),
        "version": shown_version(shown),
        "body": body_row(call, shown.body),
        "_links": {key: links[key] for key in ("webui", "editui", "tinyui")},
    }
    if found.kind == "page":
        row |= {"position": found.position, "ownerId": account(found.owner), "lastOwnerId": None}
        row |= {"parentId": found.parent or None, "parentType": "page" if found.parent else None}
    return row


def whole(call: Call, row: Row) -> Reply:
    """One object, with the base of its links."""
    row["_links"] = {**row.get("_links", {}), "base": call.base}
    return reply_json(row)


def label_row(call: Call, eyes: Sight, label: str) -> Row:
    """A label."""
    made = Renderer(call, eyes).label(label)
    return {key: made[key] for key in ("id", "name", "prefix")}


def property_row(found: Content, key: str) -> Row:
    """A content property."""
    number = int(found.id) * 100 + list(found.properties).index(key)
    version = version_row(1, found.author, found.created)
    return {"id": str(number), "key": key, "value": found.properties[key], "version": version}


def given_body(given: Body) -> str | None:
    """The storage format of a request's body; None where it has none, or none that is good."""
    body = given.part("body")
    form, value = body.text("representation"), body.given.get("value")
    for name in ("storage", "atlas_doc_format", "wiki"):
        if name in body:
            form, value = name, body.part(name).given.get("value")
    if form == "atlas_doc_format":
        try:
            document = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            return None
        return to_storage(adf_text(document)) if is_adf(document) else None
    if not isinstance(value, str):
        return None
    return to_storage(value) if form == "wiki" else value


def attachment_row(call: Call, eyes: Sight, file: Attachment) -> Row:
    """An attachment."""
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
        "version": version_row(file.version, file.author, file.created),
        "_links": {"webui": web, "download": path},
    }
