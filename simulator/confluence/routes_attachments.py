"""v1: attachments."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import unquote

from simulator.confluence.api import (
    API,
    Listing,
    error,
    me,
    no_content,
    not_permitted,
    offset_list,
    seen,
    sight,
)
from simulator.confluence.render import Renderer, download_path
from simulator.confluence.wish import Wish
from simulator.wire import Call, Reply


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
                    author=me(call),
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
