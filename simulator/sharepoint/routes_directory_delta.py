"""Graph: ``users/delta`` and ``groups/delta``, with ``members@delta`` where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.faults import FaultKind
from simulator.paging import cut
from simulator.sharepoint import odata
from simulator.sharepoint.entra import granted
from simulator.sharepoint.graph import API, ORIGIN, Refused, expands, link_with
from simulator.sharepoint.ids import object_id
from simulator.sharepoint.routes_directory import (
    GROUPS,
    USERS,
    chosen,
    directory_open,
    group_row,
    user_row,
)
from simulator.sharepoint.shapes import wanted
from simulator.sharepoint.state import SharePointState
from simulator.wire import Call, Reply, reply_json

Json = dict[str, Any]
_KINDS = {"user": "person", "group": "group", "m365": "m365"}


def _id(principal: str) -> str:
    kind, _, subject = principal.partition(":")
    return object_id(_KINDS[kind], subject)


def _row(call: Call, principal: str) -> Json | None:
    """The principal's properties; None where it is gone."""
    state = SharePointState.of(call.world)
    kind, _, subject = principal.partition(":")
    if kind == "user":
        person = state.world.directory.people[subject]
        row = None if person.deleted else chosen(call, user_row(call, person))
    elif kind == "m365":
        row = group_row(call, state.m365[subject])
    else:
        group = state.world.directory.groups.get(subject)
        row = None if group is None else group_row(call, group)
    if row is None:
        return None
    row.pop("@odata.type")
    return {"id": row["id"]} | odata.select(row, call.arg("$select"))


def _member(principal: str, what: str) -> Json:
    kind = "user" if principal.startswith("user:") else "group"
    row: Json = {"@odata.type": f"#microsoft.graph.{kind}", "id": _id(principal)}
    return row | ({"@removed": {"reason": "deleted"}} if what == "removed" else {})


def _members(call: Call, principal: str, since: int | None, to: int) -> list[Json] | None:
    """Who joined or left since a place in the log; None where that may not be told."""
    state = SharePointState.of(call.world)
    kind, _, subject = principal.partition(":")
    if kind == "user" or not (wanted(call, "members") or expands(call, "members")):
        return None
    hidden = kind == "m365" and state.m365[subject].hidden
    if hidden and not granted(call, "Member.Read.Hidden"):
        return None
    if since is None:
        return [_member(one, "added") for one in state.members_of(principal)]
    last = {m: w for p, m, w in state.directory_log[since:to] if p == principal and m}
    return [_member(one, what) for one, what in last.items()]


def _delta(call: Call, context: str, mine: Callable[[str], bool]) -> Reply:
    directory_open(call)
    state = SharePointState.of(call.world)
    log, token = state.directory_log, call.arg("$deltatoken", call.arg("$skiptoken"))
    place: dict[str, Any] = {"to": len(log)}
    if token == "latest":  # noqa: S105
        place["from"] = len(log)
    elif token:
        place = odata.decode(token)
        if call.fault(FaultKind.EXPIRED_CURSOR):
            raise Refused(410, "syncStateNotFound", "The sync state is too old; start again.")
    place.setdefault("to", len(log))
    since = place.get("from")
    names = dict.fromkeys(p for p, _, _ in log[since or 0 : place["to"]] if mine(p))
    size = call.number("$top", 100, 999)
    size = min(size, state.page_limit) if state.page_limit else size
    page = cut(call, list(names), place.get("start", 0), size)
    rows = []
    for principal in page.items:
        row = _row(call, principal)
        if row is None:
            if since is not None:
                rows.append({"id": _id(principal), "@removed": {"reason": "changed"}})
            continue
        members = _members(call, principal, since, place["to"])
        rows.append(row | ({"members@delta": members} if members else {}))
    said: Json = {"@odata.context": f"{ORIGIN}/v1.0/$metadata#{context}"}
    if page.next is None:
        after = odata.encode({"from": place["to"]})
        said["@odata.deltaLink"] = link_with(call, "$deltatoken", after)
    else:
        further = odata.encode(place | {"start": page.next})
        said["@odata.nextLink"] = link_with(call, "$skiptoken", further)
    return reply_json(said | {"value": rows})


@API.serves("GET", "/users/delta", "users.delta", *USERS)
def users_delta(call: Call) -> Reply:
    """People who came, changed or went."""
    return _delta(call, "users", lambda principal: principal.startswith("user:"))


@API.serves("GET", "/groups/delta", "groups.delta", *GROUPS)
def groups_delta(call: Call) -> Reply:
    """Groups that came, changed or went, and who joined or left them."""
    return _delta(call, "groups", lambda principal: not principal.startswith("user:"))
