"""Permission schemes and their grants."""

from __future__ import annotations

from simulator.atlassian.accounts import group_of, person_of
from simulator.atlassian.bodies import Body
from simulator.jira.api import (
    admins_only,
    error,
    expands,
    on,
    people_only,
    sight,
)
from simulator.jira.render import Renderer
from simulator.wire import Call, Reply, reply_json


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
    eyes, given = sight(call), Body.of(call)
    if answer := admins_only(call, eyes):
        return answer
    found = eyes.state.schemes.get(call.params["scheme"])
    if found is None:
        return error(call, 404, f"The permission scheme {call.params['scheme']} does not exist.")
    holder = given.part("holder")
    parameter = holder.text("value") or holder.text("parameter")
    if holder.text("type") == "user":
        person = person_of(call.world, parameter)
        parameter = person.id if person else parameter
    elif holder.text("type") == "group":
        group = group_of(call.world, parameter)
        parameter = group.id if group else parameter
    made = eyes.state.grant(
        scheme=found.id,
        permission=given.text("permission"),
        type=holder.text("type"),
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
