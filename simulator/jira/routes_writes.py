"""Creating, changing and deleting issues."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import group_of, person_of
from simulator.atlassian.bodies import Body
from simulator.jira.api import (
    adf,
    error,
    issue_for,
    me,
    mirror,
    no_issue,
    on,
    project_for,
    sight,
)
from simulator.jira.objects import PRIORITIES, TYPES, Issue
from simulator.jira.view import Sight
from simulator.wire import Call, Reply, reply_json


def _wanted_fields(call: Call, eyes: Sight, given: Body) -> tuple[dict[str, Any], dict[str, str]]:
    """Arguments for a verb from a request's ``fields``, and what is wrong with them."""
    made: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in given.given.items():
        inner = Body(value)
        if name in ("project", "issuetype", "parent", "security", "issuerestriction"):
            continue
        if name == "summary":
            made["summary"] = given.text(name).strip()
            if not made["summary"] or "\n" in made["summary"]:
                wrong["summary"] = "You must specify a summary of the issue."
        elif name == "description":
            made["description"] = adf(call, value) if value else None
            if value and made["description"] is None:
                wrong["description"] = "Operation value must be an Atlassian Document"
        elif name in ("assignee", "reporter"):
            account = inner.text("accountId") or inner.text("id")
            person = person_of(call.world, account)
            made[name] = person.id if person else ""
            if person is None and (account or value is not None):
                wrong[name] = "Specify a valid 'id' for user."
        elif name == "priority":
            made["priority"] = inner.text("name") or PRIORITIES.get(inner.text("id"), "")
            if made["priority"] not in PRIORITIES.values():
                wrong[name] = "The priority selected is invalid."
        elif name == "labels":
            made["labels"] = given.texts(name)
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
    if kind == "text":
        return value if isinstance(value, str) and value else None
    found = []
    for one in map(Body, value if isinstance(value, list) else [value]):
        if kind.startswith("user"):
            person = person_of(call.world, one.text("accountId") or one.text("id"))
            found += [person.id] if person else []
        else:
            group = group_of(call.world, one.text("groupId") or one.text("name"))
            found += [group.id] if group else []
    return found if kind.endswith("s") else (found[0] if found else None)


@on("POST", "/issue", "issues.create")
def create_issue(call: Call) -> Reply:
    """A new issue."""
    eyes, given = sight(call), Body.of(call)
    fields = given.part("fields")
    where = fields.part("project")
    project = project_for(call, eyes, where.text("key") or where.text("id"))
    made, wrong = _wanted_fields(call, eyes, fields)
    if project is None or not eyes.may("CREATE_ISSUES", project):
        wrong["project"] = "valid project is required"
    kind = fields.part("issuetype")
    name = kind.text("name") or TYPES.get(kind.text("id"), "")
    if name not in TYPES.values():
        wrong["issuetype"] = "Specify a valid issue type"
    if "summary" not in made:
        wrong["summary"] = "You must specify a summary of the issue."
    parent = fields.part("parent").text("key") or fields.part("parent").text("id")
    if parent and issue_for(call, eyes, parent) is None:
        wrong["parent"] = "Could not find issue by id or key."
    if wrong or project is None:
        return error(call, 400, "", wrong)
    made.setdefault("reporter", me(call))
    key = eyes.state.create_issue(
        project=project.key,
        type=name,
        creator=me(call),
        security=fields.part("security").text("id"),
        parent=parent,
        **made,
    )
    issue = eyes.state.issue(key)
    for one in given.parts("properties"):
        if one.text("key") and one.given.get("value") is not None:
            eyes.state.set_property(issue=issue.id, key=one.text("key"), value=one.given["value"])
    row = {"id": issue.id, "key": key, "self": f"{mirror(call)}/issue/{issue.id}"}
    return reply_json(row, 201)


@on("PUT", "/issue/{issue}", "issues.update")
def update_issue(call: Call) -> Reply:
    """Change fields; ``update`` can add and remove labels."""
    eyes, given = sight(call), Body.of(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    project = eyes.state.projects[issue.project]
    if not eyes.may("EDIT_ISSUES", project, issue):
        return error(call, 403, "You do not have permission to edit issues in this project.")
    fields = given.part("fields")
    made, wrong = _wanted_fields(call, eyes, fields)
    labels = list(made.get("labels", issue.labels))
    for change in given.part("update").parts("labels"):
        if change.text("add") and change.text("add") not in labels:
            labels.append(change.text("add"))
        if change.text("remove") in labels:
            labels.remove(change.text("remove"))
    if any(" " in one for one in labels):
        wrong["labels"] = "The label contains spaces which is invalid."
    level = fields.part("security").text("id")
    if "security" in fields and not _may_set(eyes, issue, level):
        wrong["security"] = "Field 'security' cannot be set."
    roles = fields.part("issuerestriction", "issuerestrictions").texts("projectrole")
    own = [one.id for one in eyes.state.roles.values() if one.project == project.id]
    if any(role not in own for role in roles) or (
        "issuerestriction" in fields and project.style != "next-gen"
    ):
        wrong["issuerestriction"] = "Field 'issuerestriction' cannot be set."
    if wrong:
        return error(call, 400, "", wrong)
    if made or labels != issue.labels:
        eyes.state.edit_issue(issue=issue.id, by=me(call), **(made | {"labels": labels}))
    if "security" in fields:
        eyes.state.set_security(issue=issue.id, level=level, by=me(call))
    if "issuerestriction" in fields:
        eyes.state.restrict_issue(issue=issue.id, roles=roles, by=me(call))
    return Reply(204)


def _may_set(eyes: Sight, issue: Issue, level: str) -> bool:
    """Whether the caller may give the issue a security level, or with none take it away."""
    project = eyes.state.projects[issue.project]
    scheme = eyes.state.securities.get(project.security)
    known = not level or (scheme is not None and level in scheme.levels)
    sub_task = TYPES[issue.type] == "Sub-task"
    return known and not sub_task and eyes.may("SET_ISSUE_SECURITY", project, issue)


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
