"""SharePoint REST: role assignments, site groups and users."""

from __future__ import annotations

from typing import Any

from simulator.sharepoint.graph import Refused, sight
from simulator.sharepoint.model import Collection, Securable
from simulator.sharepoint.principals import principal_of, title_of
from simulator.sharepoint.rest import API, Many, expands, many, one, value
from simulator.sharepoint.rest_rows import (
    ITEM,
    LIST,
    READ,
    group_members,
    member_row,
    role_row,
    securable_here,
    web_here,
)
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.wire import Call, Reply

Json = dict[str, Any]
FULL = ("Sites.FullControl.All",)


def _assignment(call: Call, inside: Collection, principal: str, levels: list[str]) -> Json:
    state = SharePointState.of(call.world)
    row: Json = {
        "odata.type": "SP.RoleAssignment",
        "PrincipalId": inside.numbers[principal],
    }
    if expands(call, "Member") or expands(call, "Member/Users"):
        ids = expands(call, "Member/AadObjectId")
        row["Member"] = member_row(state, inside, principal, ids=ids)
        if expands(call, "Member/Users") and row["Member"]["PrincipalType"] == 8:
            members = group_members(state, inside, principal)
            row["Member"]["Users"] = Many(member_row(state, inside, m) for m in members)
    if expands(call, "RoleDefinitionBindings"):
        row["RoleDefinitionBindings"] = Many(role_row(inside.roles[level]) for level in levels)
    return row


def _assignments(call: Call, eyes: Sight, securable: Securable) -> list[Json]:
    if not eyes.may(securable, "EnumeratePermissions"):
        raise Refused(403, "forbidden")
    inside = eyes.state.web_of(securable).collection
    roles = eyes.state.roles_of(securable)
    return [_assignment(call, inside, principal, levels) for principal, levels in roles.items()]


for _prefix, _name in (("/web", "web"), (LIST, "list"), (ITEM, "item")):

    @API.serves("GET", f"{_prefix}/hasuniqueroleassignments", f"rest.{_name}.unique", *READ)
    def has_unique(call: Call) -> Reply:
        """Whether it has role assignments of its own."""
        found = securable_here(call, sight(call))
        return value(call, "HasUniqueRoleAssignments", found.roles is not None)

    @API.serves("GET", f"{_prefix}/roleassignments", f"rest.{_name}.roles", *FULL)
    def role_assignments(call: Call) -> Reply:
        """Who holds which roles there, inherited or not."""
        eyes = sight(call)
        return many(call, _assignments(call, eyes, securable_here(call, eyes)))

    @API.serves("GET", f"{_prefix}/roleassignments/{{number}}", f"rest.{_name}.role", *FULL)
    def role_assignment(call: Call) -> Reply:
        """Which roles one principal holds."""
        eyes = sight(call)
        for row in _assignments(call, eyes, securable_here(call, eyes)):
            if str(row["PrincipalId"]) == call.params["number"]:
                return one(call, row)
        raise Refused(404, "not_found", "Can not find the principal with this id.")

    @API.serves("GET", f"{_prefix}/roleassignments/{{number}}/member", "rest.member", *FULL)
    def role_member(call: Call) -> Reply:
        """The principal of a role assignment."""
        return _of_assignment(call, "member")

    @API.serves(
        "GET",
        f"{_prefix}/roleassignments/{{number}}/roledefinitionbindings",
        "rest.bindings",
        *FULL,
    )
    def role_bindings(call: Call) -> Reply:
        """The roles of a role assignment."""
        return _of_assignment(call, "bindings")

    @API.serves("GET", f"{_prefix}/effectivebasepermissions", f"rest.{_name}.mask", *READ)
    def effective(call: Call) -> Reply:
        """The caller's own permission bits."""
        eyes = sight(call)
        mask = eyes.mask(securable_here(call, eyes))
        bits = {"High": str(mask >> 32), "Low": str(mask & 0xFFFFFFFF)}
        return value(call, "EffectiveBasePermissions", bits)


def _of_assignment(call: Call, what: str) -> Reply:
    eyes = sight(call)
    securable = securable_here(call, eyes)
    if not eyes.may(securable, "EnumeratePermissions"):
        raise Refused(403, "forbidden")
    inside = eyes.state.web_of(securable).collection
    for principal, levels in eyes.state.roles_of(securable).items():
        if str(inside.numbers[principal]) == call.params["number"]:
            if what == "member":
                return one(call, member_row(eyes.state, inside, principal))
            return many(call, [role_row(inside.roles[level]) for level in levels])
    raise Refused(404, "not_found", "Can not find the principal with this id.")


def _site_groups(state: SharePointState, inside: Collection) -> list[str]:
    return [p for p in inside.numbers if p.startswith("site:") or p[5:] in state.links]


def _group_here(call: Call, eyes: Sight) -> tuple[Collection, str]:
    inside, key = web_here(call, eyes).collection, call.params["group"]
    for principal in _site_groups(eyes.state, inside):
        if key in (str(inside.numbers[principal]), title_of(eyes.state, inside, principal)):
            return inside, principal
    raise Refused(404, "not_found", "Group cannot be found.")


@API.serves("GET", "/web/sitegroups", "rest.groups", *READ)
def site_groups(call: Call) -> Reply:
    """The collection's groups, those of sharing links with them."""
    eyes = sight(call)
    inside = web_here(call, eyes).collection
    rows = []
    for principal in _site_groups(eyes.state, inside):
        row = member_row(eyes.state, inside, principal)
        if expands(call, "Users"):
            members = group_members(eyes.state, inside, principal)
            ids = expands(call, "Users/AadObjectId")
            row["Users"] = Many(member_row(eyes.state, inside, m, ids=ids) for m in members)
        rows.append(row)
    return many(call, rows)


@API.serves("GET", "/web/sitegroups/{group}", "rest.group", *READ)
def site_group(call: Call) -> Reply:
    """One group."""
    eyes = sight(call)
    inside, principal = _group_here(call, eyes)
    return one(call, member_row(eyes.state, inside, principal))


@API.serves("GET", "/web/sitegroups/{group}/users", "rest.group.users", *READ)
def group_users(call: Call) -> Reply:
    """A group's members; for someone who may look at permissions, or is one of them."""
    eyes = sight(call)
    inside, principal = _group_here(call, eyes)
    allowed = eyes.may(web_here(call, eyes), "EnumeratePermissions")
    if not allowed and not eyes.covered(principal, inside):
        raise Refused(403, "forbidden")
    members = group_members(eyes.state, inside, principal)
    ids = expands(call, "AadObjectId")
    return many(call, [member_row(eyes.state, inside, m, ids=ids) for m in members])


@API.serves("GET", "/web/siteusers", "rest.users", *READ)
def site_users(call: Call) -> Reply:
    """Every person and claim that the collection knows."""
    eyes = sight(call)
    inside = web_here(call, eyes).collection
    known = [p for p in inside.numbers if not p.startswith(("site:", "link:"))]
    ids = expands(call, "AadObjectId")
    return many(call, [member_row(eyes.state, inside, p, ids=ids) for p in known])


@API.serves("GET", "/web/siteusers/{number}", "rest.user", *READ)
def site_user(call: Call) -> Reply:
    """One of them."""
    eyes = sight(call)
    inside = web_here(call, eyes).collection
    for principal, number in inside.numbers.items():
        if str(number) == call.params["number"] and not principal.startswith(("site:", "link:")):
            return one(call, member_row(eyes.state, inside, principal))
    raise Refused(404, "not_found", "User cannot be found.")


@API.serves("GET", "/web/currentuser", "rest.currentuser", *READ)
def current_user(call: Call) -> Reply:
    """The caller."""
    eyes = sight(call)
    inside = web_here(call, eyes).collection
    if call.person is None or f"user:{call.person.id}" not in inside.numbers:
        raise Refused(404, "not_found", "User cannot be found.")
    return one(call, member_row(eyes.state, inside, f"user:{call.person.id}"))


@API.serves("GET", "/web/roledefinitions", "rest.roledefinitions", *READ)
def role_definitions(call: Call) -> Reply:
    """The collection's permission levels."""
    inside = web_here(call, sight(call)).collection
    return many(call, [role_row(role) for role in inside.roles.values()])


@API.serves("POST", "/web/ensureuser", "rest.ensureuser", *READ)
@API.serves("POST", "/web/ensureuser/{logon}", "rest.ensureuser", *READ)
def ensure_user(call: Call) -> Reply:
    """Make a person or claim known by its login name, and tell its id."""
    eyes = sight(call)
    web = web_here(call, eyes)
    logon = call.params.get("logon") or str(call.json_object().get("logonName", ""))
    principal = principal_of(eyes.state, logon)
    if not principal:
        raise Refused(400, "bad", f"The specified user {logon} could not be found.")
    eyes.state.ensure_user(site=web.id, principal=principal)
    return one(call, member_row(eyes.state, web.collection, principal))
