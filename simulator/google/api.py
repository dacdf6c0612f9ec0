"""The HTTP face under ``/google``: one table of routes for Drive, the Directory and tokens."""

from __future__ import annotations

from simulator.wire import Api, Call, Reply, reply_json

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


API = Api("google", "/google", error=error)
