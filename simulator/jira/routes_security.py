"""Issue security schemes, levels and members."""

from __future__ import annotations

from typing import Any

from simulator.jira.api import (
    admins_only,
    bean,
    error,
    mirror,
    on,
    sight,
)
from simulator.jira.objects import Holder, Level, SecurityScheme
from simulator.jira.render import Renderer
from simulator.jira.view import Sight
from simulator.wire import Call, Reply, reply_json


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
