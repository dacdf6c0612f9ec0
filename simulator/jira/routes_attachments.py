"""Attachments of issues."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP

from simulator.jira.api import (
    error,
    issue_for,
    me,
    mirror,
    no_issue,
    on,
    sight,
)
from simulator.jira.render import Renderer
from simulator.wire import Call, Reply, reply_json


@on("POST", "/issue/{issue}/attachments", "attachments.add")
def add_attachments(call: Call) -> Reply:
    """Files on an issue, as multipart form data."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    if call.headers.get("x-atlassian-token", "") not in ("no-check", "nocheck"):
        return error(call, 403, "XSRF check failed")
    if not eyes.may("CREATE_ATTACHMENTS", eyes.state.projects[issue.project], issue):
        return error(call, 403, "You do not have permission to create attachments.")
    header = f"Content-Type: {call.headers.get('content-type', '')}\r\n\r\n".encode()
    whole = BytesParser(_class=EmailMessage, policy=HTTP).parsebytes(header + call.body)
    made = []
    for part in whole.iter_parts():
        raw = part.get_payload(decode=True)
        data = base64.b64encode(raw if isinstance(raw, bytes) else b"").decode()
        made.append(
            eyes.state.attach(
                issue=issue.id,
                name=part.get_filename() or "file",
                author=me(call),
                data=data,
                media=part.get_content_type(),
                encoding="base64",
            )
        )
    render = Renderer(call, eyes)
    return reply_json([render.attachment(eyes.state.attachments[one]) for one in made])


@on("GET", "/attachment/{file}", "attachments.get")
def get_attachment(call: Call) -> Reply:
    """About one attachment; here its id is a number."""
    eyes = sight(call)
    file = eyes.state.attachments.get(call.params["file"])
    if file is None or not eyes.sees(eyes.state.issues[file.issue]):
        return error(call, 404, f"The attachment with id '{call.params['file']}' does not exist")
    row = Renderer(call, eyes).attachment(file)
    return reply_json(row | {"id": int(file.id), "properties": {}})


@on("GET", "/attachment/content/{file}", "attachments.content")
def attachment_content(call: Call) -> Reply:
    """The bytes; unless ``redirect=false`` by way of another address."""
    eyes = sight(call)
    file = eyes.state.attachments.get(call.params["file"])
    if file is None or not eyes.sees(eyes.state.issues[file.issue]):
        return error(call, 404, f"The attachment with id '{call.params['file']}' does not exist")
    if call.arg("redirect") != "false":
        here = f"{mirror(call)}/attachment/content/{file.id}?redirect=false"
        return Reply(303, headers={"Location": here})
    disposition = f'attachment; filename="{file.name}"'
    kept = {"Content-Type": file.media, "Content-Disposition": disposition}
    return Reply(200, file.data, kept)


@on("DELETE", "/attachment/{file}", "attachments.delete")
def delete_attachment(call: Call) -> Reply:
    """A file is gone."""
    eyes = sight(call)
    file = eyes.state.attachments.get(call.params["file"])
    issue = eyes.state.issues[file.issue] if file else None
    if file is None or issue is None or not eyes.sees(issue):
        return error(call, 404, f"The attachment with id '{call.params['file']}' does not exist")
    project = eyes.state.projects[issue.project]
    if file.author != me(call) and not eyes.may("ADMINISTER_PROJECTS", project):
        return error(call, 403, "You do not have permission to delete this attachment.")
    eyes.state.delete_attachment(attachment=file.id, by=me(call))
    return Reply(204)
