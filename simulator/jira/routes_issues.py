"""Issues: search, get, bulk fetch, changelog, comments, attachments, properties and writes."""

from __future__ import annotations

import base64
import binascii
import json
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import blake2b
from typing import Any

from simulator.atlassian.accounts import group_of, person_of
from simulator.atlassian.markup import to_adf
from simulator.atlassian.query import QueryError
from simulator.faults import FaultKind
from simulator.jira.api import (
    NO_ISSUE,
    bean,
    error,
    expands,
    issue_for,
    me,
    mirror,
    no_issue,
    on,
    place,
    project_for,
    sight,
    textual,
)
from simulator.jira.jql import Search
from simulator.jira.render import NAVIGABLE, ONLY_ALL, Renderer
from simulator.jira.state import PRIORITIES, TYPES, Comment, Issue
from simulator.jira.view import Sight
from simulator.paging import cut
from simulator.wire import Call, Reply, reply_json

_BAD_TOKEN = "The provided next page token is invalid or has expired."  # noqa: S105


def _token(jql: str, start: int) -> str:
    said = {"q": blake2b(jql.encode(), digest_size=6).hexdigest(), "s": start}
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def _place(token: str, jql: str) -> int | None:
    try:
        said = json.loads(base64.urlsafe_b64decode(token))
        same = said["q"] == blake2b(jql.encode(), digest_size=6).hexdigest()
        return int(said["s"]) if same else None
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


def _asked(call: Call) -> dict[str, Any] | None:
    """The parameters of a search, from the query or the body."""
    if call.method == "POST":
        given = call.json()
        return given if isinstance(given, dict) else None
    asked: dict[str, Any] = {key: call.arg(key) for key in ("jql", "nextPageToken")}
    asked["expand"] = expands(call)
    asked["maxResults"] = call.number("maxResults", 50, 5000)
    asked["fields"] = [one for given in call.query.get("fields", []) for one in given.split(",")]
    asked["reconcileIssues"] = [
        one for given in call.query.get("reconcileIssues", []) for one in given.split(",")
    ]
    return asked


def _search(call: Call) -> Reply:
    eyes, asked = sight(call), _asked(call)
    if asked is None:
        return error(call, 400, "Invalid request payload.")
    jql, token = str(asked.get("jql") or ""), asked.get("nextPageToken")
    fields = asked.get("fields") or ["id"]
    world = call.world
    fresh = frozenset(str(one) for one in asked.get("reconcileIssues") or ())
    if len(fresh) > 50:
        return error(call, 400, "At most 50 issues can be reconciled.")
    try:
        found = Search(eyes, jql, world.now()).run(world.now() - call.search_lag(), fresh)
    except QueryError as wrong:
        return error(call, 400, str(wrong))
    start = 0
    if token:
        known = _place(str(token), jql)
        if known is None or call.fault(FaultKind.EXPIRED_CURSOR):
            return error(call, 400, _BAD_TOKEN)
        start = known
    render = Renderer(call, eyes)
    wanted = render.wanted([one for one in fields if one not in ("id", "key")], ())
    # Jira serves large pages only of ids and keys.
    most = 100 if wanted else 5000
    size = min(max(int(asked.get("maxResults") or 50), 1), most)
    page = cut(call, found, start, size)
    rows = []
    for one in page.items:
        issue = eyes.state.issues[one]
        if wanted or fields != ["id"]:
            rows.append(render.issue(issue, wanted, str(asked.get("expand") or "")))
        else:
            rows.append({"id": issue.id})
    content: dict[str, Any] = {"issues": rows, "isLast": page.next is None}
    if page.next is not None:
        content["nextPageToken"] = _token(jql, page.next)
    return reply_json(content)


on("GET", "/search/jql", "search.jql")(_search)
on("POST", "/search/jql", "search.jql")(_search)


@on("POST", "/search/approximate-count", "search.count")
def count(call: Call) -> Reply:
    """About how many issues match."""
    eyes, given = sight(call), call.json() or {}
    try:
        found = Search(eyes, str(given.get("jql", "")), call.world.now()).run(call.world.now())
    except QueryError as wrong:
        return error(call, 400, str(wrong))
    return reply_json({"count": len(found)})


def _gone(call: Call) -> Reply:
    said = (
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
        "A full migration guideline is available at "
        "https://developer.atlassian.com/changelog/#CHANGE-2046"
    )
    return error(call, 410, said)


on("GET", "/search", "search.removed")(_gone)
on("POST", "/search", "search.removed")(_gone)


@on("POST", "/issue/bulkfetch", "issues.bulkfetch")
def bulk_fetch(call: Call) -> Reply:
    """Up to 100 issues by id or key, in ascending order of id."""
    eyes, given = sight(call), call.json()
    wanted = given.get("issueIdsOrKeys") if isinstance(given, dict) else None
    if not isinstance(wanted, list) or not 0 < len(wanted) <= 100:
        return error(call, 400, "Between 1 and 100 issueIdsOrKeys are required.")
    render, rows, wrong = Renderer(call, eyes), dict[str, Issue](), []
    for one in wanted:
        issue = issue_for(call, eyes, str(one))
        if issue is None:
            wrong.append({"id": str(one), "errorMessage": NO_ISSUE})
        else:
            rows[issue.id] = issue
    fields = render.wanted(given.get("fields") or [], (*NAVIGABLE, *eyes.state.fields))
    expand = ",".join(given.get("expand") or [])
    made = [render.issue(rows[one], fields, expand) for one in sorted(rows, key=int)]
    return reply_json({"issues": made, "issueErrors": wrong})


@on("GET", "/issue/{issue}", "issues.get")
def get_issue(call: Call) -> Reply:
    """One issue by id or key, an old key included."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    render = Renderer(call, eyes)
    everything = (*NAVIGABLE, *ONLY_ALL, *eyes.state.fields)
    fields = render.wanted(call.query.get("fields", []), everything)
    row = render.issue(issue, fields, expands(call))
    if call.arg("properties"):
        names = call.arg("properties").split(",")
        every = "*all" in names
        row["properties"] = {k: v for k, v in issue.properties.items() if every or k in names}
    return reply_json(row)


@on("GET", "/issue/{issue}/changelog", "issues.changelog")
def changelog(call: Call) -> Reply:
    """The changes of an issue, oldest first."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    return bean(call, issue.changelog, Renderer(call, eyes).history, 100, 100)


@on("POST", "/changelog/bulkfetch", "changelogs.bulkfetch")
def bulk_changelogs(call: Call) -> Reply:
    """The changes of several issues."""
    eyes, given = sight(call), call.json() or {}
    render, rows = Renderer(call, eyes), []
    for one in given.get("issueIdsOrKeys", []):
        issue = issue_for(call, eyes, str(one))
        if issue is not None and issue.changelog:
            histories = [render.history(entry) for entry in issue.changelog]
            rows.append({"issueId": issue.id, "changeHistories": histories})
    return reply_json({"issueChangeLogs": rows})


@on("GET", "/issue/{issue}/comment", "comments.list")
def list_comments(call: Call) -> Reply:
    """The comments of an issue that the caller sees."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    render = Renderer(call, eyes)
    items = render.comments(issue)
    if call.arg("orderBy") == "-created":
        items = items[::-1]
    start, size = place(call), call.number("maxResults", 50, 5000)
    page = cut(call, items, start, size)
    rows = [render.comment(issue, one) for one in page.items]
    frame = {"startAt": start, "maxResults": size, "total": len(items)}
    return reply_json(frame | {"comments": rows})


def _comment_of(call: Call, eyes: Sight) -> tuple[Issue, Comment] | None:
    issue = issue_for(call, eyes, call.params["issue"])
    comment = issue.comments.get(call.params["comment"]) if issue else None
    if issue is None or comment is None or not eyes.sees_comment(comment, issue):
        return None
    return issue, comment


@on("GET", "/issue/{issue}/comment/{comment}", "comments.get")
def get_comment(call: Call) -> Reply:
    """One comment."""
    eyes = sight(call)
    found = _comment_of(call, eyes)
    if found is None:
        return error(call, 404, "Can not find a comment for the id.")
    return reply_json(Renderer(call, eyes).comment(*found))


def _adf(call: Call, given: Any) -> dict[str, Any] | None:
    """A body: ADF, in version 2 text; None if it is neither."""
    if textual(call):
        return to_adf(given) if isinstance(given, str) else None
    return given if isinstance(given, dict) and given.get("type") == "doc" else None


@on("POST", "/issue/{issue}/comment", "comments.create")
def add_comment(call: Call) -> Reply:
    """A comment, perhaps for one role or group alone."""
    eyes, given = sight(call), call.json() or {}
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    state, body = eyes.state, _adf(call, given.get("body"))
    project = state.projects[issue.project]
    if not eyes.may("ADD_COMMENTS", project, issue):
        return error(call, 400, "You do not have the permission to comment on this issue.")
    if body is None:
        return error(call, 400, "", {"comment": "Comment body is not valid!"})
    shown, role, group = given.get("visibility") or {}, "", ""
    if shown:
        wanted = str(shown.get("identifier") or shown.get("value") or "")
        if shown.get("type") == "role":
            names = {one.name: key for key, one in state.roles.items()}
            role = wanted if wanted in state.roles else names.get(wanted, "")
        else:
            found = group_of(call.world, wanted)
            group = found.id if found else ""
        if not role and not group:
            return error(call, 400, "", {"commentLevel": f"{wanted} does not exist."})
    made = state.comment(issue=issue.id, author=me(call), body=body, role=role, group=group)
    row = Renderer(call, sight(call)).comment(issue, issue.comments[made])
    return reply_json(row, 201, Location=row["self"])


@on("PUT", "/issue/{issue}/comment/{comment}", "comments.update")
def edit_comment(call: Call) -> Reply:
    """New words for a comment."""
    eyes, given = sight(call), call.json() or {}
    found, body = _comment_of(call, eyes), _adf(call, given.get("body"))
    if found is None:
        return error(call, 404, "Can not find a comment for the id.")
    issue, comment = found
    project = eyes.state.projects[issue.project]
    if comment.author != me(call) and not eyes.may("ADMINISTER_PROJECTS", project):
        return error(call, 400, "You do not have the permission to edit this comment.")
    if body is None:
        return error(call, 400, "", {"comment": "Comment body is not valid!"})
    eyes.state.edit_comment(issue=issue.id, comment=comment.id, body=body, by=me(call))
    return reply_json(Renderer(call, eyes).comment(issue, comment))


@on("DELETE", "/issue/{issue}/comment/{comment}", "comments.delete")
def remove_comment(call: Call) -> Reply:
    """A comment is gone."""
    eyes = sight(call)
    found = _comment_of(call, eyes)
    if found is None:
        return error(call, 404, "Can not find a comment for the id.")
    issue, comment = found
    project = eyes.state.projects[issue.project]
    if comment.author != me(call) and not eyes.may("ADMINISTER_PROJECTS", project):
        return error(call, 400, "You do not have the permission to delete this comment.")
    eyes.state.delete_comment(issue=issue.id, comment=comment.id)
    return Reply(204)


def _wanted_fields(
    call: Call, eyes: Sight, given: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Arguments for a verb from a request's ``fields``, and what is wrong with them."""
    made: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in given.items():
        if name in ("project", "issuetype", "parent", "security", "issuerestriction"):
            continue
        if name == "summary":
            made["summary"] = str(value or "").strip()
            if not made["summary"] or "\n" in made["summary"]:
                wrong["summary"] = "You must specify a summary of the issue."
        elif name == "description":
            made["description"] = _adf(call, value) if value else None
            if value and made["description"] is None:
                wrong["description"] = "Operation value must be an Atlassian Document"
        elif name in ("assignee", "reporter"):
            account = (value or {}).get("accountId") or (value or {}).get("id") or ""
            person = person_of(call.world, account)
            made[name] = person.id if person else ""
            if account and person is None:
                wrong[name] = "Specify a valid 'id' for user."
        elif name == "priority":
            made["priority"] = (value or {}).get("name") or PRIORITIES.get(
                str((value or {}).get("id")), ""
            )
        elif name == "labels":
            made["labels"] = list(value or [])
            if any(" " in one for one in made["labels"]):
                wrong["labels"] = "The label contains spaces which is invalid."
        elif name in eyes.state.fields:
            made.setdefault("fields", {})[name] = _custom(call, eyes, name, value)
        else:
            wrong[name] = (
                f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            )
    return made, wrong


def _custom(call: Call, eyes: Sight, name: str, value: Any) -> Any:
    kind = eyes.state.fields[name].kind
    if kind == "text" or not value:
        return value or None
    found = []
    for one in value if isinstance(value, list) else [value]:
        if kind.startswith("user"):
            person = person_of(call.world, one.get("accountId") or one.get("id") or "")
            found += [person.id] if person else []
        else:
            group = group_of(call.world, one.get("groupId") or one.get("name") or "")
            found += [group.id] if group else []
    return found if kind.endswith("s") else (found[0] if found else None)


@on("POST", "/issue", "issues.create")
def create_issue(call: Call) -> Reply:
    """A new issue."""
    eyes, given = sight(call), call.json()
    fields = given.get("fields") if isinstance(given, dict) else None
    if not isinstance(fields, dict):
        return error(call, 400, "Invalid request payload. Refer to the REST API documentation.")
    where = fields.get("project") or {}
    project = project_for(call, eyes, str(where.get("key") or where.get("id") or ""))
    made, wrong = _wanted_fields(call, eyes, fields)
    if project is None or not eyes.may("CREATE_ISSUES", project):
        wrong["project"] = "valid project is required"
    kind = fields.get("issuetype") or {}
    name = kind.get("name") or TYPES.get(str(kind.get("id")), "")
    if name not in TYPES.values():
        wrong["issuetype"] = "Specify a valid issue type"
    if "summary" not in made:
        wrong["summary"] = "You must specify a summary of the issue."
    if wrong or project is None:
        return error(call, 400, "", wrong)
    security = fields.get("security") or {}
    above = fields.get("parent") or {}
    made.setdefault("reporter", me(call))
    key = eyes.state.create_issue(
        project=project.key,
        type=name,
        creator=me(call),
        security=str(security.get("id") or ""),
        parent=str(above.get("key") or above.get("id") or ""),
        **made,
    )
    issue = eyes.state.issue(key)
    for name_, value in (given.get("properties") and _pairs(given["properties"])) or ():
        eyes.state.set_property(issue=issue.id, key=name_, value=value)
    row = {"id": issue.id, "key": key, "self": f"{mirror(call)}/issue/{issue.id}"}
    return reply_json(row, 201)


def _pairs(given: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [(one["key"], one.get("value")) for one in given if "key" in one]


@on("PUT", "/issue/{issue}", "issues.update")
def update_issue(call: Call) -> Reply:
    """Change fields; ``update`` can add and remove labels."""
    eyes, given = sight(call), call.json()
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    project = eyes.state.projects[issue.project]
    if not eyes.may("EDIT_ISSUES", project, issue):
        return error(call, 403, "You do not have permission to edit issues in this project.")
    if not isinstance(given, dict):
        return error(call, 400, "Invalid request payload. Refer to the REST API documentation.")
    fields = given.get("fields") or {}
    made, wrong = _wanted_fields(call, eyes, fields)
    labels = list(made.get("labels", issue.labels))
    for change in (given.get("update") or {}).get("labels", []):
        if "add" in change and change["add"] not in labels:
            labels.append(change["add"])
        if "remove" in change and change["remove"] in labels:
            labels.remove(change["remove"])
    if any(" " in one for one in labels):
        wrong["labels"] = "The label contains spaces which is invalid."
    if "security" in fields and not eyes.may("SET_ISSUE_SECURITY", project, issue):
        wrong["security"] = "Field 'security' cannot be set."
    if wrong:
        return error(call, 400, "", wrong)
    if made or labels != issue.labels:
        eyes.state.edit_issue(issue=issue.id, by=me(call), **(made | {"labels": labels}))
    if "security" in fields:
        level = str((fields["security"] or {}).get("id") or "")
        eyes.state.set_security(issue=issue.id, level=level, by=me(call))
    if "issuerestriction" in fields:
        named = (fields["issuerestriction"] or {}).get("issuerestrictions") or {}
        roles = [str(one) for one in named.get("projectrole", [])]
        eyes.state.restrict_issue(issue=issue.id, roles=roles, by=me(call))
    return Reply(204)


@on("DELETE", "/issue/{issue}", "issues.delete")
def delete_issue(call: Call) -> Reply:
    """An issue is gone."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    if not eyes.may("DELETE_ISSUES", eyes.state.projects[issue.project], issue):
        return error(call, 403, "You do not have permission to delete issues in this project.")
    below = [one for one in eyes.state.issues.values() if one.parent == issue.id]
    if below and not call.flag("deleteSubtasks"):
        return error(call, 400, f"The issue '{eyes.state.key(issue)}' has subtasks.")
    eyes.state.delete_issue(issue=issue.id, by=me(call))
    return Reply(204)


@on("GET", "/issue/{issue}/transitions", "transitions.list")
def list_transitions(call: Call) -> Reply:
    """What the caller may do with an issue's status."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    may = eyes.may("TRANSITION_ISSUES", eyes.state.projects[issue.project], issue)
    rows = Renderer(call, eyes).transitions() if may else []
    return reply_json({"expand": "transitions", "transitions": rows})


@on("POST", "/issue/{issue}/transitions", "transitions.do")
def do_transition(call: Call) -> Reply:
    """Into another status."""
    eyes, given = sight(call), call.json() or {}
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    if not eyes.may("TRANSITION_ISSUES", eyes.state.projects[issue.project], issue):
        return error(call, 400, "It seems that you have tried to perform an illegal operation.")
    wanted = str((given.get("transition") or {}).get("id", ""))
    for one in Renderer(call, eyes).transitions():
        if one["id"] == wanted:
            eyes.state.transition(issue=issue.id, status=one["to"]["id"], by=me(call))
            return Reply(204)
    return error(call, 400, f"Transition id '{wanted}' is not valid for this issue.")


@on("GET", "/issue/{issue}/properties", "properties.list")
def list_properties(call: Call) -> Reply:
    """The keys of an issue's properties."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    root = f"{mirror(call)}/issue/{issue.id}/properties"
    rows = [{"key": key, "self": f"{root}/{key}"} for key in issue.properties]
    return reply_json({"keys": rows})


@on("GET", "/issue/{issue}/properties/{key}", "properties.get")
def get_property(call: Call) -> Reply:
    """One property."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    key = call.params["key"]
    if key not in issue.properties:
        return error(call, 404, f"The property with key '{key}' does not exist.")
    return reply_json({"key": key, "value": issue.properties[key]})


@on("PUT", "/issue/{issue}/properties/{key}", "properties.set")
def set_property(call: Call) -> Reply:
    """Set a property."""
    eyes, key = sight(call), call.params["key"]
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    if not eyes.may("EDIT_ISSUES", eyes.state.projects[issue.project], issue):
        return error(call, 403, "You do not have permission to edit issues in this project.")
    value = call.json()
    if value is None:
        return error(call, 400, "The property value must be valid, non-empty JSON.")
    fresh = key not in issue.properties
    eyes.state.set_property(issue=issue.id, key=key, value=value)
    return reply_json({}, 201 if fresh else 200)


@on("DELETE", "/issue/{issue}/properties/{key}", "properties.delete")
def remove_property(call: Call) -> Reply:
    """Remove a property."""
    eyes, key = sight(call), call.params["key"]
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None or key not in issue.properties:
        return no_issue(call)
    if not eyes.may("EDIT_ISSUES", eyes.state.projects[issue.project], issue):
        return error(call, 403, "You do not have permission to edit issues in this project.")
    eyes.state.set_property(issue=issue.id, key=key)
    return Reply(204)


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


@on("GET", "/label", "labels.list")
def list_labels(call: Call) -> Reply:
    """Every label of the site."""
    eyes = sight(call)
    labels = {label for issue in eyes.state.issues.values() for label in issue.labels}
    return bean(call, sorted(labels), lambda label: label, 1000, 1000)
