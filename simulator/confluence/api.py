"""The HTTP face under ``/wiki``: v1 below ``/rest/api``, v2 below ``/api/v2``."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from simulator.atlassian.accounts import SERVICE, account_id
from simulator.confluence.objects import Content
from simulator.confluence.state import ConfluenceState
from simulator.confluence.view import Sight
from simulator.faults import FaultKind
from simulator.paging import cut
from simulator.verbs import VerbError
from simulator.wire import Api, Call, Reply, reply_json

T = TypeVar("T")
_SAID = {
    "unauthorized": "Unauthorized; scope does not match",
    "forbidden": "Request rejected because the user is not permitted",
    "not_found": "null for uri",
    "rate_limit": "Rate limit exceeded",
    "server_error": "Internal server error",
}
_TITLES = {
    400: ("INVALID_REQUEST_PARAMETER", "Bad Request"),
    401: ("UNAUTHORIZED", "Unauthorized"),
    403: ("FORBIDDEN", "Forbidden"),
    404: ("NOT_FOUND", "Not Found"),
    409: ("CONFLICT", "Conflict"),
}


def error(call: Call | None, status: int, reason: str, message: str = "") -> Reply:
    """Confluence's error body: v2 lists errors, v1 has one message, the edge its own shape.

    Args:
        call: the request.
        status: the HTTP status.
        reason: the core's word for it, or a text.
        message: what to say instead of the reason's default.
    """
    said = message or _SAID.get(reason, reason)
    content: dict[str, Any]
    if status in (401, 429) or status >= 500:
        content = {"code": status, "message": said}
    elif call is not None and call.path.startswith("/api/v2"):
        code, title = _TITLES.get(status, ("ERROR", "Error"))
        detail = message or None
        content = {"errors": [{"status": status, "code": code, "title": title, "detail": detail}]}
    else:
        data = {"authorized": status != 403, "valid": True, "errors": [], "successful": False}
        content = {"statusCode": status, "data": data, "message": said}
    reply = reply_json(content, status)
    if status == 401:
        reply.headers["WWW-Authenticate"] = 'OAuth realm="https%3A%2F%2Fsaltmarsh.atlassian.net"'
    if status == 429:
        reply.headers["X-RateLimit-Limit"] = "100"
        reply.headers["X-RateLimit-Remaining"] = "0"
        reply.headers["RateLimit-Reason"] = "confluence-cost-based"
    return reply


def _finish(call: Call, reply: Reply) -> None:
    if call.person is not None or call.service:
        reply.headers["X-AACCOUNTID"] = account_id(call.person.id) if call.person else SERVICE
    reply.headers["Atl-Traceid"] = f"{len(call.world.requests):032x}"
    reply.headers.setdefault("Cache-Control", "no-store")


API = Api("confluence", "/wiki", error=error, anonymous=True, finish=_finish)


def expands(call: Call) -> str:
    """What is to be expanded, in one line: the parameter may be repeated."""
    return ",".join(call.query.get("expand", ()))


def me(call: Call) -> str:
    """The caller's person id; empty for the service account."""
    return call.person.id if call.person else ""


_BODIES = ("body.storage", "body.view", "body.export_view", "body.styled_view", "body.atlas")


def most(call: Call) -> int:
    """The largest v1 page: 50 when bodies are expanded, else 250."""
    return 50 if any(body in expands(call) for body in _BODIES) else 250


def sight(call: Call) -> Sight:
    """The caller's view; made anew for every call."""
    return Sight(ConfluenceState.of(call.world), call.person, service=call.service)


def refused(call: Call, eyes: Sight) -> Reply | None:
    """The answer for callers who may not use Confluence at all; None for all others."""
    if eyes.welcome:
        return None
    if not call.known:
        return error(call, 401, "unauthorized")
    return error(call, 403, "Request rejected because the caller can not use Confluence")


def no_content(call: Call, content_id: str) -> Reply:
    """404 for what is not there, or not for the caller."""
    if call.path.startswith("/api/v2"):
        return error(call, 404, "not_found", "")
    said = (
        "com.atlassian.confluence.api.service.exceptions.NotFoundException: "
        f"No content found with id: ContentId{{id={content_id}}}"
    )
    return error(call, 404, said)


def not_permitted(call: Call, what: str) -> Reply:
    """403 for what the caller sees but may not do."""
    said = f"com.atlassian.confluence.api.service.exceptions.PermissionException: {what}"
    return error(call, 403, said, said)


def refused_verb(call: Call, wrong: VerbError) -> Reply:
    """400 for a change that Confluence would not make."""
    said = f"com.atlassian.confluence.api.service.exceptions.BadRequestException: {wrong}"
    return error(call, 400, said, said)


def seen(call: Call, eyes: Sight, content_id: str) -> Content | None:
    """The content with this id if it is there for the caller."""
    found = eyes.state.contents.get(content_id)
    return found if found is not None and eyes.sees(found) else None


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"from": start}).encode()).decode().rstrip("=")


def _start(cursor: str) -> int | None:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded))["from"]
        return found if isinstance(found, int) and found >= 0 else None
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


class Listing(list[T]):
    """A page of results with its frame."""

    def __init__(self, items: Sequence[T], start: int, limit: int, following: int | None):
        super().__init__(items)
        self.start, self.limit, self.following = start, limit, following


def window(call: Call, items: Sequence[T], default: int, most: int) -> Listing[T] | Reply:
    """The asked-for part of a list, by ``cursor``, else by ``start``; a reply if refused."""
    if call.arg("cursor"):
        start = _start(call.arg("cursor"))
        if start is None or call.fault(FaultKind.EXPIRED_CURSOR):
            return error(call, 400, "Invalid cursor", "Provided cursor is invalid or has expired")
    else:
        given = call.arg("start")
        start = int(given) if given.isdecimal() else 0
    limit = call.number("limit", default, most)
    page = cut(call, items, start, limit)
    return Listing(page.items, start, limit, page.next)


def _again(call: Call, **changes: str) -> str:
    kept = {k: v for k, v in call.query.items() if k not in changes}
    pairs = [(key, one) for key, many in kept.items() for one in many]
    pairs += list(changes.items())
    return "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in pairs)


def offset_list(call: Call, page: Listing[Any], rows: list[Any], **more: Any) -> Reply:
    """A v1 list: start, limit, size, and a next link relative to the base."""
    links: dict[str, Any] = {
        "base": call.base,
        "context": "/wiki",
        "self": f"{call.base}{call.path}",
    }
    if page.following is not None:
        again = _again(call, limit=str(page.limit), start=str(page.following))
        links["next"] = f"{call.path}?{again}"
    if page.start > 0:
        back = _again(call, limit=str(page.limit), start=str(max(page.start - page.limit, 0)))
        links["prev"] = f"{call.path}?{back}"
    frame = {"results": rows, "start": page.start, "limit": page.limit, "size": len(rows)}
    return reply_json(frame | more | {"_links": links})


def cursor_list_v1(call: Call, page: Listing[Any], rows: list[Any], **more: Any) -> Reply:
    """A v1 search result: as `offset_list`, but the next link holds a cursor."""
    links: dict[str, Any] = {
        "base": call.base,
        "context": "/wiki",
        "self": f"{call.base}{call.path}?{call.raw_query}",
    }
    if page.following is not None:
        again = _again(
            call,
            next="true",
            cursor=_cursor(page.following),
            limit=str(page.limit),
            start=str(page.following),
        )
        links["next"] = f"{call.path}?{again}"
    frame = {"results": rows, "start": page.start, "limit": page.limit, "size": len(rows)}
    return reply_json(frame | more | {"_links": links})


def cursor_list_v2(call: Call, page: Listing[Any], rows: list[Any]) -> Reply:
    """A v2 list: the next link in the body and in the Link header."""
    links = {"base": call.base}
    header = []
    if page.following is not None:
        again = _again(call, limit=str(page.limit), cursor=_cursor(page.following))
        links["next"] = f"/wiki{call.path}?{again}"
        header.append(f'<{links["next"]}>; rel="next"')
    header.append(f'<{call.base}>; rel="base"')
    reply = reply_json({"results": rows, "_links": links})
    reply.headers["Link"] = ", ".join(header)
    return reply
