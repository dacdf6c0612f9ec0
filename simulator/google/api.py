"""The HTTP face under ``/google``: one table of routes for Drive, the Directory and tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

from simulator.google.fields import (
    EVERYTHING,
    InvalidMask,
    Mask,
    check,
    inside,
    keep,
    parse_mask,
)
from simulator.paging import cut
from simulator.wire import Answer, Api, Call, Reply, reply_json

T = TypeVar("T")
_REASONS = {
    "unauthorized": ("authError", "Invalid Credentials"),
    "forbidden": ("insufficientFilePermissions", "The user does not have sufficient permissions."),
    "not_found": ("notFound", "Not Found"),
    "rate_limit": ("rateLimitExceeded", "Rate Limit Exceeded"),
    "secondary_limit": ("userRateLimitExceeded", "User Rate Limit Exceeded"),
    "server_error": ("backendError", "Internal Error"),
}


def error(_call: Call | None, status: int, reason: str, message: str = "") -> Reply:
    """Google's error body.

    Args:
        status: the HTTP status.
        reason: the core's word for it, or Google's own ``reason``.
        message: what to say; a default for known reasons.
    """
    known, said = _REASONS.get(reason, (reason, reason))
    detail = {"message": message or said, "domain": "global", "reason": known}
    content = {"error": {"code": status, "message": message or said, "errors": [detail]}}
    reply = reply_json(content, status)
    if status == 401:
        reply.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    return reply


class _SwitchedApi(Api):
    """Routes of an API that the project has switched off answer so."""

    def route(
        self, method: str, path: str, endpoint: str, *, anonymous: bool = False
    ) -> Callable[[Answer], Answer]:
        keep = super().route(method, path, endpoint, anonymous=anonymous)
        service = next((host for part, host in _SERVICES.items() if path.startswith(part)), "")

        def switched(handler: Answer) -> Answer:
            def answer(call: Call) -> Reply:
                off: set[str] = getattr(call.world.states["google"], "disabled", set())
                return disabled(service) if service in off else handler(call)

            keep(answer)
            return handler

        return switched if service else keep


_SERVICES = {"/drive/": "drive.googleapis.com", "/admin/": "admin.googleapis.com"}
API = _SwitchedApi("google", "/google", error=error)


def masked(
    call: Call, default: Mask, names: Iterable[str], build: Callable[[Mask], dict[str, Any]]
) -> Reply:
    """Answer with what `build` makes, cut to the caller's ``fields``.

    Args:
        call: the request.
        default: the mask where the caller names no fields.
        names: what the resource has at its top.
        build: makes the resource under a mask; it may leave out what the mask leaves out.
    """
    text = call.arg("fields")
    try:
        mask = parse_mask(text) if text else default
        check(mask, names)
        return reply_json(keep(build(mask), mask))
    except InvalidMask as wrong:
        return invalid(f"Invalid field selection {wrong}", "invalidParameter")


def invalid(message: str, reason: str = "invalid") -> Reply:
    """400, said in Google's way."""
    return error(None, 400, reason, message)


def missing(what: str, name: str) -> Reply:
    """404 for a file, shared drive, permission or comment that is not there for the caller."""
    return error(None, 404, "notFound", f"{what} not found: {name}.")


def lacks_scope(call: Call, *enough: str) -> bool:
    """Whether the token was granted scopes, and none of those that would be `enough`."""
    granted = call.token.scopes
    return bool(granted) and not any(_SCOPES + scope in granted for scope in enough)


def scope_error() -> Reply:
    """403: the token's scopes do not reach this far."""
    message = "Request had insufficient authentication scopes."
    reply = _denied(message, "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", {})
    realm = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
    reply.headers["WWW-Authenticate"] = realm
    return reply


def disabled(service: str) -> Reply:
    """403: the project of the credentials has not switched this API on."""
    message = (
        f"{_TITLES[service]} has not been used in project 1021 before or it is disabled. Enable"
        " it by visiting the console, then retry."
    )
    told = {"service": service, "consumer": "projects/1021"}
    return _denied(message, "accessNotConfigured", "SERVICE_DISABLED", told, "usageLimits")


def _denied(
    message: str, reason: str, code: str, metadata: dict[str, str], domain: str = "global"
) -> Reply:
    """403 with the structured details of https://google.aip.dev/193."""
    detail = {"message": message, "domain": domain, "reason": reason}
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": code,
        "domain": "googleapis.com",
        "metadata": metadata,
    }
    said = {"code": 403, "message": message, "errors": [detail], "status": "PERMISSION_DENIED"}
    return reply_json({"error": {**said, "details": [info]}}, 403)


_TITLES = {"drive.googleapis.com": "Google Drive API", "admin.googleapis.com": "Admin SDK API"}


_SCOPES = "https://www.googleapis.com/auth/"
READ = ("drive", "drive.readonly")
WRITE = ("drive",)


def token_start(call: Call) -> int | None:
    """The position that ``pageToken`` names; 0 for none, None where it is malformed.

    A token belongs to one query, as Drive's do: it carries a mark of the others' parameters.
    """
    token = call.arg("pageToken")
    if not token:
        return 0
    mark, _, position = token.partition("~")
    good = mark == _mark(call) and position.isdecimal()
    return int(position) if good else None


def token_for(call: Call, position: int) -> str:
    """The page token for `position` in this listing."""
    return f"{_mark(call)}~{position}"


_UNMARKED = ("pageToken", "pageSize", "maxResults", "fields", "alt", "prettyPrint", "key")


def _mark(call: Call) -> str:
    kept = sorted((k, v) for k, v in call.query.items() if k not in _UNMARKED)
    text = f"{call.path}?{kept}|{call.who}"
    return "AB" + blake2b(text.encode(), digest_size=9).hexdigest()


def listed(
    call: Call,
    found: Sequence[T],
    kind: str,
    name: str,
    show: Callable[[T], dict[str, Any]],
    *,
    usual: int,
    most: int,
    size: str = "pageSize",
    fields: Iterable[str] = (),
    default: Mask = EVERYTHING,
    etag: Callable[[list[dict[str, Any]]], str] | None = None,
) -> Reply:
    """Answer with one page of a list.

    Args:
        call: the request.
        found: the whole list.
        kind: the list's ``kind``.
        name: the field that holds the page.
        show: makes a member, whole.
        usual: the page size where the caller names none.
        most: the largest page size.
        size: the parameter that names the page size.
        fields: what a member may have; nothing to accept any mask.
        default: the mask where the caller names no fields.
        etag: makes the list's ``etag`` from its page; None where this list has none.
    """
    start = token_start(call)
    if start is None:
        return invalid("Invalid Value")
    page = cut(call, found, start, call.number(size, usual, most))

    def build(mask: Mask) -> dict[str, Any]:
        inner = inside(mask, name)
        if inner and fields:
            check(inner, fields)
        rows = [show(one) for one in page.items]
        said: dict[str, Any] = {"kind": kind, name: rows}
        if etag is not None:
            said["etag"] = etag(rows)
        if page.next is not None:
            said["nextPageToken"] = token_for(call, page.next)
        return said

    return masked(call, default, ("kind", "etag", "nextPageToken", name), build)
