"""What the errors of Graph, of SharePoint's REST and of Entra mean.

Codes by https://learn.microsoft.com/graph/errors and
https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from access import Source
from connectors.interface import AuthenticationFailed, ConnectorError, CursorExpired
from connectors.refused import Refused
from connectors.retry import Again, retry_after

T = TypeVar("T")
_SOURCE = Source.SHAREPOINT
_THROTTLED = {
    "activitylimitreached",
    "toomanyrequests",
    "serviceactivitylimitreached",
    "throttledrequest",
    "quotalimitreached",
    "applicationthrottled",
}
_SCOPE = {"authorization_requestdenied", "unknownerror_scope", "insufficientscopes"}
_EXPIRED = {
    "resyncrequired",
    "resyncchangesapplydifferences",
    "resyncchangesuploaddifferences",
    "syncstatenotfound",
    "syncstateinvalid",
}


class SharePointRefused(Refused):
    """Microsoft's no, with what tells one refusal from another."""

    def __init__(self, status: int, reason: str, message: str = ""):
        """Keep the answer.

        Args:
            status: the HTTP status.
            reason: the error code, such as ``accessDenied``.
            message: Microsoft's words, which may name things: for matching, never for showing.
        """
        super().__init__(status, reason)
        self.message = message

    @property
    def lacks_scope(self) -> bool:
        """Whether the application has not been granted a permission, rather than this object."""
        said = self.message.lower()
        return self.status == 403 and (
            self.reason.lower() in _SCOPE
            or "insufficient privileges" in said
            or "scp or roles claim" in said
        )

    @property
    def expired(self) -> bool:
        """Whether a place in a feed is known no more, if it was one that was asked for.

        To any other request it is a no about what was asked for, which is gone.
        """
        return self.status == 410 or self.reason.lower() in _EXPIRED


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, of Graph, of a part of a ``$batch``, or of SharePoint's REST."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    told: Any = field(default=None)
    """The body as JSON, where it was read already."""

    def json(self) -> dict[str, Any]:
        """The JSON object in the body.

        Raises:
            ValueError: it holds none.
        """
        told = self.told if self.told is not None else _loaded(self.body)
        if not isinstance(told, dict):
            raise ValueError("not a JSON object")
        return told


def _loaded(body: bytes) -> Any:
    """What a JSON document says, without halves of characters: no file or database takes them."""
    told = json.loads(body)
    if b"\\ud" not in body.lower():
        return told
    return json.loads(json.dumps(told, ensure_ascii=False).encode(errors="replace"))


class Failure(Exception):
    """A reply that is no success, on its way to the judge."""

    def __init__(self, reply: Reply):
        """Keep the reply."""
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


class NoToken(Exception):
    """Entra gave no token."""

    def __init__(self, status: int | None, wait: str | None):
        """Keep the answer.

        Args:
            status: its HTTP status; None when there was none.
            wait: its ``Retry-After``.
        """
        super().__init__(f"HTTP {status}")
        self.status = status
        self.wait = wait


def judge(error: Exception) -> Again | Exception:
    """What an error means for the request that met it."""
    if isinstance(error, ConnectorError | Refused):
        return error
    if isinstance(error, Failure):
        return verdict(error.reply)
    if isinstance(error, NoToken):
        return _no_token(error)
    if isinstance(error, httpx.HTTPError | OSError | TimeoutError):
        return Again("no answer")
    if isinstance(error, ValueError):
        return Again("an answer that can't be read")
    return error


def address_of(error: Exception) -> str:
    """The address that an error of HTTP was met at; empty where it does not tell."""
    try:
        return str(error.request.url) if isinstance(error, httpx.HTTPError) else ""
    except RuntimeError:  # httpx's word for "not told"
        return ""


def verdict(reply: Reply) -> Again | Exception:
    """What an answer that is no success means."""
    status = reply.status
    code, message = _told(reply)
    wait = retry_after(reply.headers.get("retry-after"))
    if status == 401:
        return AuthenticationFailed(
            _SOURCE,
            "Microsoft refused the token",
            "Check the application's certificate or secret, and that an administrator consented"
            " to its permissions; SharePoint's REST accepts no token that a secret was used for.",
            status,
        )
    if status == 429 or code.lower() in _THROTTLED or (status == 403 and wait is not None):
        return Again("throttled", status, wait, throttled=True)
    if status == 408 or status >= 500:
        return Again("a server error", status, wait)
    return SharePointRefused(status, code, message)


def placed(pages: Iterator[T]) -> Iterator[T]:
    """Pages that are asked for by their places in a listing or change log.

    Raises:
        CursorExpired: Microsoft no longer knows such a place.
    """
    try:
        yield from pages
    except SharePointRefused as refused:
        if not refused.expired:
            raise
        raise CursorExpired(
            _SOURCE,
            "Microsoft no longer knows this place",
            "Reconcile from the start.",
            refused.status,
        ) from None


def _no_token(error: NoToken) -> Again | Exception:
    status = error.status
    if status is None:
        return Again("the token server gives no answer")
    if status in {200, 408, 429} or status >= 500:  # 200: an answer that can't be read
        wait = retry_after(error.wait)
        return Again("the token server is unavailable", status, wait, throttled=status == 429)
    return AuthenticationFailed(
        _SOURCE,
        "Entra gave no token for these credentials",
        "Check SHAREPOINT_TENANT, SHAREPOINT_CLIENT_ID and the certificate or secret: it may have"
        " run out.",
        status,
    )


def _told(reply: Reply) -> tuple[str, str]:
    """The error's code and message, as Graph or as SharePoint writes them."""
    try:
        told = reply.json()
        error = told.get("error") or told.get("odata.error") or {}
        message = error.get("message") or ""
        if isinstance(message, dict):  # SharePoint's REST
            message = message.get("value") or ""
        return str(error.get("code") or "unexplained"), str(message)
    except (ValueError, AttributeError):
        return "unexplained", ""
