"""Creating, changing and deleting issues."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import group_of, person_of
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
from simulator.jira.objects import PRIORITIES, TYPES
from simulator.jira.view import Sight
from simulator.wire import Call, Reply, reply_json


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
            made["description"] = adf(call, value) if value else None
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
