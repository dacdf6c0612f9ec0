"""What the caller may do, fields, statuses and the site itself."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import CLOUD_ID, SITE_ZONE, jira_time, person_of
from simulator.atlassian.bodies import Body
from simulator.jira.api import (
    admins_only,
    error,
    issue_for,
    mirror,
    no_issue,
    no_project,
    on,
    project_for,
    sight,
)
from simulator.jira.objects import APPLICATION, PERMISSIONS, PRIORITIES, STATUSES, TYPES, Issue
from simulator.jira.render import Renderer
from simulator.jira.view import Sight
from simulator.wire import Call, Reply, reply_json


@on("GET", "/mypermissions", "permissions.mine")
def my_permissions(call: Call) -> Reply:
    """What the caller may do, in a project or on an issue."""
    eyes = sight(call)
    asked = call.arg("permissions")
    if not asked:
        return error(call, 400, "The 'permissions' query parameter is required.")
    issue = project = None
    if call.arg("issueKey") or call.arg("issueId"):
        issue = issue_for(call, eyes, call.arg("issueKey") or call.arg("issueId"))
        if issue is None:
            return no_issue(call)
        project = eyes.state.projects[issue.project]
    elif call.arg("projectKey") or call.arg("projectId"):
        wanted = call.arg("projectKey") or call.arg("projectId")
        project = project_for(call, eyes, wanted)
        if project is None:
            return no_project(call, wanted)
    rows = {}
    for number, key in enumerate((*PERMISSIONS, "ADMINISTER")):
        if key not in asked.split(","):
            continue
        if key == "ADMINISTER":
            may = eyes.admin
        elif project is None:
            may = any(eyes.may(key, one) for one in eyes.state.projects.values())
        else:
            may = eyes.may(key, project, issue) if issue is None else _may(eyes, key, issue)
        rows[key] = {
            "id": str(number + 10),
            "key": key,
            "name": key.replace("_", " ").capitalize(),
            "type": "GLOBAL" if key == "ADMINISTER" else "PROJECT",
            "description": "",
            "havePermission": may,
        }
    return reply_json({"permissions": rows})


@on("POST", "/permissions/check", "permissions.check")
def check_permissions(call: Call) -> Reply:
    """On which projects and issues a user has which permissions.

    Everyone may ask for themselves, administrators for others. What does not exist is ignored.
    """
    eyes, given = sight(call), Body.of(call)
    person = call.person
    if given.text("accountId"):
        person = person_of(call.world, given.text("accountId"))
        if person is not call.person and not eyes.admin:
            return error(call, 403, "Only administrators may check the permissions of others.")
        if person is None:
            return error(call, 400, "The account does not exist.")
        theirs = Sight(eyes.state, person)
    else:
        theirs = eyes
    works = person is None or person.works
    rows = []
    for asked in given.parts("projectPermissions"):
        projects = [eyes.state.projects.get(one) for one in asked.texts("projects")]
        issues = [eyes.state.issues.get(one) for one in asked.texts("issues")]
        for permission in filter(None, asked.texts("permissions")):
            if permission not in PERMISSIONS:
                return error(call, 400, f"Unrecognized permission: {permission}")
            where = [int(p.id) for p in projects if p and works and theirs.may(permission, p)]
            which = [int(i.id) for i in issues if i and works and _may(theirs, permission, i)]
            rows.append({"permission": permission, "projects": where, "issues": which})
    wanted = given.texts("globalPermissions")
    held = ["ADMINISTER"] if works and theirs.admin and "ADMINISTER" in wanted else []
    return reply_json({"projectPermissions": rows, "globalPermissions": held})


def _may(eyes: Sight, permission: str, issue: Issue) -> bool:
    project = eyes.state.projects[issue.project]
    return eyes.sees(issue) and eyes.may(permission, project, issue)


@on("GET", "/applicationrole", "applicationroles.list")
def application_roles(call: Call) -> Reply:
    """Which groups have Jira; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    render, groups = Renderer(call, eyes), call.world.directory.groups
    given = [groups[one] for one in eyes.state.access if one in groups]
    details = [
        render.group(one) | {"self": f"{mirror(call)}/group?groupId={render.group(one)['groupId']}"}
        for one in given
    ]
    row = {
        "key": APPLICATION,
        "groups": [one.id for one in given],
        "groupDetails": details,
        "name": "Jira",
        "defaultGroups": [],
        "selectedByDefault": False,
        "defined": True,
        "numberOfSeats": 100,
        "hasUnlimitedSeats": False,
        "platform": False,
    }
    return reply_json([row])


@on("GET", "/field", "fields.list")
def list_fields(call: Call) -> Reply:
    """System and custom fields."""
    eyes = sight(call)
    render = Renderer(call, eyes)
    system = {"labels": "array", "created": "datetime", "updated": "datetime"}
    rows: list[dict[str, Any]] = [
        {
            "id": name,
            "key": name,
            "name": render.name(name),
            "custom": False,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": [name],
            "schema": {"type": system.get(name, name), "system": name},
        }
        for name in ("summary", "description", "labels", "created", "updated", "security")
    ]
    for field in eyes.state.fields.values():
        number = int(field.id.rpartition("_")[2])
        kind = {"user": "user", "group": "group", "text": "string"}.get(field.kind, "array")
        schema: dict[str, Any] = {"type": kind, "customId": number}
        schema["custom"] = f"com.atlassian.jira.plugin.system.customfieldtypes:{field.kind}picker"
        if kind == "array":
            schema["items"] = field.kind.rstrip("s")
        rows.append(
            {
                "id": field.id,
                "key": field.id,
                "name": field.name,
                "custom": True,
                "orderable": True,
                "navigable": True,
                "searchable": True,
                "clauseNames": [f"cf[{number}]", field.name],
                "schema": schema,
            }
        )
    return reply_json(rows)


@on("GET", "/issuetype", "issuetypes.list")
def list_types(call: Call) -> Reply:
    """Issue types."""
    render = Renderer(call, sight(call))
    return reply_json([render.type(one) for one in TYPES])


@on("GET", "/status", "statuses.list")
def list_statuses(call: Call) -> Reply:
    """Statuses."""
    render = Renderer(call, sight(call))
    return reply_json([render.status(one) for one in STATUSES])


@on("GET", "/priority", "priorities.list")
def list_priorities(call: Call) -> Reply:
    """Priorities."""
    render = Renderer(call, sight(call))
    return reply_json([render.priority(one) for one in PRIORITIES])


@on("GET", "/serverInfo", "server")
def server_info(call: Call) -> Reply:
    """About the site."""
    eyes = sight(call)
    site = call.base.removesuffix("/rest")
    row = {
        "baseUrl": site,
        "displayUrl": site,
        "displayUrlConfluence": f"{site}/wiki",
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100290,
        "buildDate": jira_time(call.world.start, eyes.state.zone(None)),
        "serverTime": jira_time(call.world.now(), eyes.state.zone(call.person)),
        "scmInfo": CLOUD_ID.replace("-", ""),
        "serverTitle": "Saltmarsh",
        "serverTimeZone": SITE_ZONE,
    }
    return reply_json(row)
