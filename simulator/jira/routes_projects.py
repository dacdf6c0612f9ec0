"""Projects, permission schemes, issue security, roles and what a caller may do."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import CLOUD_ID, SITE_ZONE, group_of, jira_time, person_of
from simulator.jira.api import (
    admins_only,
    bean,
    error,
    expands,
    issue_for,
    mirror,
    no_issue,
    no_project,
    on,
    people_only,
    project_for,
    sight,
)
from simulator.jira.render import Renderer
from simulator.jira.state import (
    APPLICATION,
    PERMISSIONS,
    PRIORITIES,
    STATUSES,
    TYPES,
    Holder,
    Level,
    SecurityScheme,
)
from simulator.jira.view import Sight
from simulator.wire import Call, Reply, reply_json


@on("GET", "/project/search", "projects.search")
def search_projects(call: Call) -> Reply:
    """Projects that the caller sees, a page at a time."""
    eyes = sight(call)
    render, expand = Renderer(call, eyes), expands(call)
    keys, ids = call.query.get("keys"), call.query.get("id")
    word = call.arg("query").lower()
    action = call.arg("action", "view")
    needed = {"view": "", "browse": "BROWSE_PROJECTS", "edit": "ADMINISTER_PROJECTS"}
    permission = needed.get(action, "CREATE_ISSUES")
    found = [
        one
        for one in eyes.state.projects.values()
        if (eyes.may(permission, one) if permission else eyes.sees_project(one))
        and (keys is None or one.key in keys)
        and (ids is None or one.id in ids)
        and (word in one.key.lower() or word in one.name.lower())
    ]
    order = call.arg("orderBy", "key")
    if order.lstrip("+-") in ("key", "name"):
        found.sort(key=lambda one: str(getattr(one, order.lstrip("+-"))).lower())
    if order.startswith("-"):
        found.reverse()
    return bean(call, found, lambda one: render.project(one, expand), 50, 100)


@on("GET", "/project", "projects.list")
def list_projects(call: Call) -> Reply:
    """Every project that the caller sees."""
    eyes = sight(call)
    render, expand = Renderer(call, eyes), expands(call)
    found = [one for one in eyes.state.projects.values() if eyes.sees_project(one)]
    return reply_json([render.project(one, expand) for one in found])


@on("GET", "/project/{project}", "projects.get")
def get_project(call: Call) -> Reply:
    """One project by id or key, an old key included."""
    eyes = sight(call)
    found = project_for(call, eyes, call.params["project"])
    if found is None:
        return no_project(call, call.params["project"])
    render = Renderer(call, eyes)
    row = render.project(found, "description,lead,issueTypes,insight")
    names = {eyes.state.roles[role].name: role for role in _roles(eyes, found.id)}
    root = f"{render.base}/project/{found.id}/role"
    row |= {"assigneeType": "UNASSIGNED", "components": [], "versions": []}
    return reply_json(row | {"roles": {name: f"{root}/{role}" for name, role in names.items()}})


def _roles(eyes: Sight, project: str) -> list[str]:
    """The roles of a project: the site's, or a team-managed project's own."""
    state = eyes.state
    own = state.projects[project].style == "next-gen"
    return [role.id for role in state.roles.values() if role.project == (project if own else "")]


@on("GET", "/project/{project}/permissionscheme", "projects.permissionscheme")
def project_scheme(call: Call) -> Reply:
    """The permission scheme of a project; for its administrators."""
    eyes = sight(call)
    found = project_for(call, eyes, call.params["project"])
    if found is None:
        return no_project(call, call.params["project"])
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", found)):
        return error(call, 403, "You do not have permission to administer this project.")
    scheme = eyes.state.schemes[found.scheme]
    return reply_json(Renderer(call, eyes).scheme(scheme, expands(call)))


@on("GET", "/project/{project}/issuesecuritylevelscheme", "projects.securityscheme")
def project_security(call: Call) -> Reply:
    """The issue security scheme of a project; for its administrators."""
    eyes = sight(call)
    found = project_for(call, eyes, call.params["project"])
    if found is None or not found.security:
        return error(call, 404, "No issue security scheme is associated with the project.")
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", found)):
        return error(call, 403, "You do not have permission to administer this project.")
    return reply_json(Renderer(call, eyes).security(eyes.state.securities[found.security]))


@on("GET", "/project/{project}/securitylevel", "projects.securitylevels")
def project_levels(call: Call) -> Reply:
    """The security levels of a project that the caller may set."""
    eyes = sight(call)
    found = project_for(call, eyes, call.params["project"])
    if found is None:
        return no_project(call, call.params["project"])
    if not found.security or not eyes.may("SET_ISSUE_SECURITY", found):
        return reply_json({"levels": []})
    scheme, render = eyes.state.securities[found.security], Renderer(call, eyes)
    return reply_json({"levels": [render.level(one) for one in scheme.levels.values()]})


@on("GET", "/project/{project}/role", "projects.roles")
def project_roles(call: Call) -> Reply:
    """The roles of a project, by name."""
    eyes = sight(call)
    found = project_for(call, eyes, call.params["project"])
    if found is None:
        return no_project(call, call.params["project"])
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", found)):
        return error(call, 403, "You do not have permission to administer this project.")
    root = f"{mirror(call)}/project/{found.id}/role"
    roles = _roles(eyes, found.id)
    return reply_json({eyes.state.roles[role].name: f"{root}/{role}" for role in roles})


@on("GET", "/project/{project}/role/{role}", "projects.roles.get")
def project_role(call: Call) -> Reply:
    """A role of a project with its actors."""
    eyes, role = sight(call), call.params["role"]
    found = project_for(call, eyes, call.params["project"])
    if found is None:
        return no_project(call, call.params["project"])
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", found)):
        return error(call, 403, "You do not have permission to administer this project.")
    if role not in _roles(eyes, found.id):
        return error(call, 404, f"Can not retrieve a role actor for a null project role: {role}")
    return reply_json(Renderer(call, eyes).role(eyes.state.roles[role], found))


@on("POST", "/project/{project}/role/{role}", "projects.roles.add")
def add_actors(call: Call) -> Reply:
    """Users and groups begin to play a role."""
    eyes, role, given = sight(call), call.params["role"], call.json() or {}
    found = project_for(call, eyes, call.params["project"])
    if found is None or role not in _roles(eyes, found.id):
        return no_project(call, call.params["project"])
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", found)):
        return error(call, 403, "You do not have permission to administer this project.")
    for account in given.get("user", []):
        person = person_of(call.world, account)
        subject = person.id if person else account
        eyes.state.add_actor(project=found.id, role=role, type="user", subject=subject)
    for name in (*given.get("group", []), *given.get("groupId", [])):
        group = group_of(call.world, name)
        subject = group.id if group else name
        eyes.state.add_actor(project=found.id, role=role, type="group", subject=subject)
    return reply_json(Renderer(call, eyes).role(eyes.state.roles[role], found))


@on("DELETE", "/project/{project}/role/{role}", "projects.roles.remove")
def remove_actor(call: Call) -> Reply:
    """A user or group plays a role no longer."""
    eyes, role = sight(call), call.params["role"]
    found = project_for(call, eyes, call.params["project"])
    if found is None or role not in _roles(eyes, found.id):
        return no_project(call, call.params["project"])
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", found)):
        return error(call, 403, "You do not have permission to administer this project.")
    person = person_of(call.world, call.arg("user"))
    group = group_of(call.world, call.arg("groupId") or call.arg("group"))
    kind = "user" if call.arg("user") else "group"
    subject = person.id if person else group.id if group else ""
    eyes.state.remove_actor(project=found.id, role=role, type=kind, subject=subject)
    return Reply(204)


@on("GET", "/role", "roles.list")
def list_roles(call: Call) -> Reply:
    """Every project role; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    render = Renderer(call, eyes)
    return reply_json([render.role(role) for role in eyes.state.roles.values()])


@on("GET", "/role/{role}", "roles.get")
def get_role(call: Call) -> Reply:
    """One project role; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    role = eyes.state.roles.get(call.params["role"])
    if role is None:
        return error(call, 404, f"Can not find a role for id {call.params['role']}")
    return reply_json(Renderer(call, eyes).role(role))


@on("GET", "/permissionscheme", "permissionschemes.list")
def list_schemes(call: Call) -> Reply:
    """The permission schemes of classic projects."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    render, expand = Renderer(call, eyes), expands(call)
    schemes = [one for one in eyes.state.schemes.values() if not one.project]
    return reply_json({"permissionSchemes": [render.scheme(one, expand) for one in schemes]})


@on("GET", "/permissionscheme/{scheme}", "permissionschemes.get")
def get_scheme(call: Call) -> Reply:
    """One permission scheme."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    found = eyes.state.schemes.get(call.params["scheme"])
    if found is None:
        return error(call, 404, f"The permission scheme {call.params['scheme']} does not exist.")
    return reply_json(Renderer(call, eyes).scheme(found, expands(call)))


@on("GET", "/permissionscheme/{scheme}/permission", "permissionschemes.grants")
def list_grants(call: Call) -> Reply:
    """The grants of a permission scheme."""
    eyes = sight(call)
    if answer := people_only(call, eyes):
        return answer
    found = eyes.state.schemes.get(call.params["scheme"])
    if found is None:
        return error(call, 404, f"The permission scheme {call.params['scheme']} does not exist.")
    render = Renderer(call, eyes)
    rows = [render.grant(found, one) for one in found.grants.values()]
    return reply_json({"permissions": rows, "expand": "user,group,projectRole,field,all"})


@on("POST", "/permissionscheme/{scheme}/permission", "permissionschemes.grants.add")
def add_grant(call: Call) -> Reply:
    """Add a grant; for administrators."""
    eyes, given = sight(call), call.json() or {}
    if answer := admins_only(call, eyes):
        return answer
    found = eyes.state.schemes.get(call.params["scheme"])
    if found is None:
        return error(call, 404, f"The permission scheme {call.params['scheme']} does not exist.")
    holder = given.get("holder") or {}
    parameter = str(holder.get("value") or holder.get("parameter") or "")
    if holder.get("type") == "user":
        person = person_of(call.world, parameter)
        parameter = person.id if person else parameter
    elif holder.get("type") == "group":
        group = group_of(call.world, parameter)
        parameter = group.id if group else parameter
    made = eyes.state.grant(
        scheme=found.id,
        permission=str(given.get("permission")),
        type=str(holder.get("type")),
        parameter=parameter,
    )
    return reply_json(Renderer(call, eyes).grant(found, found.grants[made]), 201)


@on("DELETE", "/permissionscheme/{scheme}/permission/{grant}", "permissionschemes.grants.remove")
def remove_grant(call: Call) -> Reply:
    """Remove a grant; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    eyes.state.revoke(scheme=call.params["scheme"], grant=call.params["grant"])
    return Reply(204)


@on("GET", "/issuesecurityschemes", "securityschemes.list")
def list_securities(call: Call) -> Reply:
    """Issue security schemes without their levels; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    render = Renderer(call, eyes)
    rows = [render.security(one, levels=False) for one in eyes.state.securities.values()]
    return reply_json({"issueSecuritySchemes": rows})


@on("GET", "/issuesecurityschemes/search", "securityschemes.search")
def search_securities(call: Call) -> Reply:
    """Issue security schemes with the projects that use them; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer

    def row(scheme: SecurityScheme) -> dict[str, Any]:
        users = [int(p.id) for p in eyes.state.projects.values() if p.security == scheme.id]
        made: dict[str, Any] = {
            "id": int(scheme.id),
            "name": scheme.name,
            "description": scheme.description,
            "projectIds": users,
            "self": f"{mirror(call)}/issuesecurityschemes/{scheme.id}",
        }
        if scheme.default:
            made["defaultLevel"] = int(scheme.default)
        return made

    return bean(call, list(eyes.state.securities.values()), row)


def _levels(call: Call, eyes: Sight) -> list[tuple[SecurityScheme, Level]]:
    schemes, ids = call.query.get("schemeId"), call.query.get("id")
    levels = call.query.get("levelId")
    return [
        (scheme, level)
        for scheme in eyes.state.securities.values()
        for level in scheme.levels.values()
        if (schemes is None or scheme.id in schemes)
        and (levels is None or level.id in levels)
        and (ids is None or level.id in ids or call.path.endswith("/member"))
    ]


@on("GET", "/issuesecurityschemes/level", "securitylevels.list")
def list_levels(call: Call) -> Reply:
    """Security levels; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    render = Renderer(call, eyes)
    return bean(call, _levels(call, eyes), lambda pair: render.full_level(*pair))


@on("GET", "/issuesecurityschemes/level/member", "securitylevels.members")
def list_level_members(call: Call) -> Reply:
    """Members of security levels; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    render, ids = Renderer(call, eyes), call.query.get("id")
    rows = [
        {
            "id": member.id,
            "issueSecurityLevelId": level.id,
            "issueSecuritySchemeId": scheme.id,
            "holder": render.holder(member),
        }
        for scheme, level in _levels(call, eyes)
        for member in level.members.values()
        if ids is None or member.id in ids
    ]
    return bean(call, rows, lambda row: row)


@on("GET", "/issuesecurityschemes/project", "securityschemes.projects")
def list_mapped(call: Call) -> Reply:
    """Which project has which issue security scheme; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    schemes, projects = call.query.get("issueSecuritySchemeId"), call.query.get("projectId")
    rows = [
        {"issueSecuritySchemeId": one.security, "projectId": one.id}
        for one in eyes.state.projects.values()
        if one.security
        and (schemes is None or one.security in schemes)
        and (projects is None or one.id in projects)
    ]
    return bean(call, rows, lambda row: row)


@on("GET", "/issuesecurityschemes/{scheme}", "securityschemes.get")
def get_security(call: Call) -> Reply:
    """An issue security scheme with its levels; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    found = eyes.state.securities.get(call.params["scheme"])
    if found is None:
        return error(call, 404, "The issue security scheme does not exist.")
    return reply_json(Renderer(call, eyes).security(found))


@on("GET", "/issuesecurityschemes/{scheme}/members", "securityschemes.members")
def security_members(call: Call) -> Reply:
    """The members of a scheme's levels; for administrators."""
    eyes = sight(call)
    if answer := admins_only(call, eyes):
        return answer
    found = eyes.state.securities.get(call.params["scheme"])
    if found is None:
        return error(call, 404, "The issue security scheme does not exist.")
    render, wanted = Renderer(call, eyes), call.query.get("issueSecurityLevelId")

    def row(pair: tuple[Level, Holder]) -> dict[str, Any]:
        level, member = pair
        number, holder = int(member.id), render.holder(member)
        return {"id": number, "issueSecurityLevelId": int(level.id), "holder": holder}

    pairs = [
        (level, member)
        for level in found.levels.values()
        for member in level.members.values()
        if wanted is None or level.id in wanted
    ]
    return bean(call, pairs, row)


@on("GET", "/securitylevel/{level}", "securitylevels.get")
def get_level(call: Call) -> Reply:
    """One security level."""
    eyes = sight(call)
    for scheme in eyes.state.securities.values():
        if call.params["level"] in scheme.levels:
            level = scheme.levels[call.params["level"]]
            return reply_json(Renderer(call, eyes).level(level))
    return error(call, 404, "The security level does not exist.")


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
            may = eyes.may(key, project, issue)
            if key == "BROWSE_PROJECTS" and issue is not None:
                may = eyes.sees(issue)
        rows[key] = {
            "id": str(number + 10),
            "key": key,
            "name": key.replace("_", " ").capitalize(),
            "type": "GLOBAL" if key == "ADMINISTER" else "PROJECT",
            "description": "",
            "havePermission": may,
        }
    return reply_json({"permissions": rows})


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
