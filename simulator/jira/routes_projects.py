"""Projects with their schemes, roles and actors."""

from __future__ import annotations

from simulator.atlassian.accounts import group_of, person_of
from simulator.atlassian.bodies import Body
from simulator.jira.api import (
    admins_only,
    bean,
    error,
    expands,
    mirror,
    no_project,
    on,
    project_for,
    sight,
)
from simulator.jira.render import Renderer
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
    eyes, role, given = sight(call), call.params["role"], Body.of(call)
    found = project_for(call, eyes, call.params["project"])
    if found is None or role not in _roles(eyes, found.id):
        return no_project(call, call.params["project"])
    if not (eyes.admin or eyes.may("ADMINISTER_PROJECTS", found)):
        return error(call, 403, "You do not have permission to administer this project.")
    for account in given.texts("user"):
        person = person_of(call.world, account)
        subject = person.id if person else account
        eyes.state.add_actor(project=found.id, role=role, type="user", subject=subject)
    for name in (*given.texts("group"), *given.texts("groupId")):
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
