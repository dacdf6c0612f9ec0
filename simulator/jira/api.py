"""The HTTP face under ``/rest``: the platform API, versions 3 (ADF) and 2 (text)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from simulator.atlassian.accounts import CLOUD_ID, SERVICE, account_id
from simulator.atlassian.markup import is_adf, to_adf
from simulator.jira.objects import Issue, Project
from simulator.jira.state import JiraState
from simulator.jira.view import Sight
from simulator.paging import cut
from simulator.verbs import VerbError
from simulator.wire import Answer, Api, Call, Reply, reply_json

T = TypeVar("T")
_SAID = {
    "unauthorized": "Client must be authenticated to access this resource.",
    "forbidden": "You do not have the permission to see the specified issue.",
    "not_found": "No endpoint here.",
    "rate_limit": "Rate limit exceeded.",
    "server_error": "Internal server error",
}
NO_ISSUE = "Issue does not exist or you do not have permission to see it."
_MIRRORS = "/api/3", "/api/2"


def error(
    call: Call | None, status: int, reason: str, fields: dict[str, str] | None = None
) -> Reply:
    """Jira's error body.

    Args:
        call: the request.
        status: the HTTP status.
        reason: the core's word for it, or a text; empty for none.
        fields: what is wrong with which field.
    """
    said = _SAID.get(reason, reason)
    content: dict[str, Any] = {"errorMessages": [said] if said else [], "errors": fields or {}}
    reply = reply_json(content, status)
    if status == 401:
        reply.headers["WWW-Authenticate"] = 'OAuth realm="https%3A%2F%2Fsaltmarsh.atlassian.net"'
        reply.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
    if status == 429:
        reply.headers["X-RateLimit-Limit"] = "350"
        reply.headers["X-RateLimit-Remaining"] = "0"
        reply.headers["RateLimit-Reason"] = "jira-burst-based"
    return reply


def _finish(call: Call, reply: Reply) -> None:
    if call.known:
        reply.headers["X-AACCOUNTID"] = account_id(call.person.id) if call.person else SERVICE
    reply.headers["Atl-Traceid"] = f"{len(call.world.requests):032x}"
    reply.headers.setdefault("Cache-Control", "no-cache, no-store, no-transform")


API = Api("jira", "/rest", error=error, anonymous=True, finish=_finish)
EDGE = Api("jira", "/_edge", error=error, anonymous=True)
"""What tells a site's cloud id."""


@EDGE.get("/tenant_info", "tenant")
def tenant_info(call: Call) -> Reply:
    """The cloud id of the site."""
    return reply_json({"cloudId": CLOUD_ID})


def sight(call: Call) -> Sight:
    """The caller's view; made anew for every call."""
    return Sight(JiraState.of(call.world), call.person, service=call.service)


def on(method: str, path: str, endpoint: str) -> Callable[[Answer], Answer]:
    """Register a handler under both versions; callers without Jira are turned away."""

    def keep(handler: Answer) -> Answer:
        def guarded(call: Call) -> Reply:
            if not sight(call).welcome:
                return error(call, 403, "You do not have access to Jira on this site.")
            try:
                return handler(call)
            except VerbError as wrong:
                return error(call, 400, str(wrong))

        for prefix in _MIRRORS:
            API.route(method, prefix + path, endpoint)(guarded)
        return handler

    return keep


def textual(call: Call) -> bool:
    """Whether bodies are plain text: version 2."""
    return call.path.startswith("/api/2/")


def mirror(call: Call) -> str:
    """The address of the version that was called."""
    return call.base + ("/api/2" if textual(call) else "/api/3")


def expands(call: Call) -> str:
    """What is to be expanded, in one line: the parameter may be repeated."""
    return ",".join(call.query.get("expand", ()))


def me(call: Call) -> str:
    """The caller's person id; empty for the service account."""
    return call.person.id if call.person else ""


def issue_for(call: Call, eyes: Sight, wanted: str) -> Issue | None:
    """The issue with this key or id if it is there for the caller."""
    found = eyes.state.find(wanted)
    return found if found is not None and eyes.sees(found) else None


def no_issue(call: Call) -> Reply:
    """404, whether the issue is not there or not for the caller."""
    if call.known:
        return error(call, 404, NO_ISSUE)
    return error(call, 401, "You do not have the permission to see the specified issue.")


def project_for(call: Call, eyes: Sight, wanted: str) -> Project | None:
    """The project with this key or id if it is there for the caller."""
    found = eyes.state.projects.get(eyes.state.keys.get(wanted, wanted))
    return found if found is not None and eyes.sees_project(found) else None


def no_project(call: Call, wanted: str) -> Reply:
    """404 for projects."""
    return error(call, 404, f"No project could be found with key '{wanted}'.")


def admins_only(call: Call, eyes: Sight) -> Reply | None:
    """The answer for everyone but administrators."""
    if eyes.admin:
        return None
    if not call.known:
        return error(call, 401, "unauthorized")
    return error(
        call,
        403,
        "You are not authorized to perform this action. Administrator privileges are required.",
    )


def people_only(call: Call, eyes: Sight) -> Reply | None:
    """The answer for callers without an account."""
    return None if call.known else error(call, 401, "unauthorized")


def place(call: Call, name: str = "startAt") -> int:
    """Where a page starts."""
    given = call.arg(name)
    return int(given) if given.isdecimal() else 0


def bean(
    call: Call,
    items: Sequence[T],
    render: Callable[[T], Any],
    default: int = 50,
    most: int = 100,
) -> Reply:
    """A page of results in the form that most listings have."""
    start, size = place(call), call.number("maxResults", default, most)
    page = cut(call, items, start, size)
    here = f"{call.base}{call.path}"
    content: dict[str, Any] = {
        "self": f"{here}?startAt={start}&maxResults={size}",
        "maxResults": size,
        "startAt": start,
        "total": len(items),
        "isLast": page.next is None,
        "values": [render(one) for one in page.items],
    }
    if page.next is not None:
        others = [
            f"{key}={one}"
            for key, many in call.query.items()
            if key not in ("startAt", "maxResults")
            for one in many
        ]
        again = "&".join([*others, f"startAt={page.next}", f"maxResults={size}"])
        content["nextPage"] = f"{here}?{again}"
    return reply_json(content)


def adf(call: Call, given: Any) -> dict[str, Any] | None:
    """A body: ADF, in version 2 text; None if it is neither."""
    if textual(call):
        return to_adf(given) if isinstance(given, str) else None
    return given if is_adf(given) else None
