"""What Google's errors mean.

Reasons by https://developers.google.com/workspace/drive/api/guides/handle-errors.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from traceback import walk_tb
from typing import Any

import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from googleapiclient.errors import HttpError

from access import Source
from connectors.interface import (
    ApiDisabled,
    AuthenticationFailed,
    ConnectorError,
    CursorExpired,
    MissingScope,
    SourceUnavailable,
)
from connectors.refused import Refused
from connectors.retry import Again, retry_after

_SOURCE = Source.GOOGLE_DRIVE
_THROTTLED = {
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "sharingRateLimitExceeded",
    "RATE_LIMIT_EXCEEDED",
}
_EXHAUSTED = {"dailyLimitExceeded", "quotaExceeded"}
_SCOPE = {"insufficientPermissions", "insufficientScopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
_DISABLED = {"accessNotConfigured", "SERVICE_DISABLED"}
_ROLE = {"notAuthorizedToAccessThisResource/Api"}
_NO_RIGHT = "Not Authorized to access this resource/api"
"""The Directory API's words for an account that is no administrator; its code is "forbidden"."""
_TOKEN_URI = "token_uri in the file of GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE"  # noqa: S105  # no password
_SWITCHES = {
    "drive.googleapis.com": "Google Drive API",
    "admin.googleapis.com": "Admin SDK API",
}


class DriveRefused(Refused):
    """Google's no, with what tells one bad request from another."""

    def __init__(self, status: int, reason: str, location: str = "", message: str = ""):
        """Keep the answer.

        Args:
            status: the HTTP status.
            reason: Google's reason code, such as ``insufficientFilePermissions``.
            location: the parameter at fault, for a bad request.
            message: Google's words, which may name things: for matching, never for showing.
        """
        super().__init__(status, reason)
        self.location = location
        self.message = message


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, for what can't be told from the answer."""

    api: str
    """The address of the API."""
    setting: str
    """The variable that names it."""
    tokens: str = ""
    """The address where a service account gets its tokens; empty for an access token."""


def judge(error: Exception, asked: Asked, scopes: tuple[str, ...] = ()) -> Again | Exception:
    """What an error of the Google client means for the request that met it.

    Args:
        error: what the client raised.
        asked: whom.
        scopes: what the request needs, and a service account asked for.
    """
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, HttpError):
        return _answer(error, scopes)
    if isinstance(error, TransportError):
        return Again("the token server gives no answer").of(asked.tokens, _TOKEN_URI)
    if isinstance(error, RefreshError):
        if getattr(error, "retryable", False):
            return Again("the token server is unavailable").of(asked.tokens, _TOKEN_URI)
        if "unauthorized_client" in str(error):
            return MissingScope(
                _SOURCE,
                f"the service account is not delegated {_and(scopes)}",
                "In the admin console, under Security, API controls, Domain-wide delegation, add"
                " it to the client_id that the key file names.",
            )
        return AuthenticationFailed(
            _SOURCE,
            "Google gave no token for these credentials",
            "Check the service account, its domain-wide delegation and the account it acts as.",
        )
    if isinstance(error, GoogleAuthError):
        return AuthenticationFailed(
            _SOURCE, "the credentials can't be used", "See docs/sources/google_drive.md."
        )
    if isinstance(error, OSError | httplib2.HttpLib2Error | HTTPException):
        if _at_tokens(error):
            return Again("the token server gives no answer").of(asked.tokens, _TOKEN_URI)
        return Again("no answer").of(asked.api, asked.setting)
    if isinstance(error, ValueError) or _of_google(error):
        if _at_tokens(error):
            said = "the token server gives an answer that can't be read"
            return Again(said).of(asked.tokens, _TOKEN_URI)
        return Again("an answer that can't be read").of(asked.api, asked.setting)
    return error


def _of_google(error: Exception) -> bool:
    """Whether Google's library itself stumbled over an answer.

    It takes what a token server says for a mapping, be it half an answer: a `TypeError`.
    """
    stumbled = isinstance(error, TypeError | KeyError | AttributeError)
    return stumbled and _modules(error)[-1].startswith(("google.", "googleapiclient."))


def _at_tokens(error: Exception) -> bool:
    """Whether it was met on the way to a token, rather than to the API."""
    return any(each.startswith(("google.auth.", "google.oauth2.")) for each in _modules(error))


def _modules(error: Exception) -> list[str]:
    """The modules that an error came through, from the outermost to where it was raised."""
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    return [str(frame.f_globals.get("__name__", "")) for frame in frames] or [""]


def _answer(error: HttpError, scopes: tuple[str, ...]) -> Again | Exception:
    status = int(error.resp.status)
    reason, location, message = _told(error.content)
    if status == 401:
        return AuthenticationFailed(
            _SOURCE,
            "Google refused the token",
            "Set a valid GOOGLE_DRIVE_ACCESS_TOKEN or service account; tokens last an hour.",
            status,
        )
    if status in {403, 429} and reason in _EXHAUSTED:
        return SourceUnavailable(
            _SOURCE, f"the quota is used up ({reason})", "Run the sync again tomorrow.", status
        )
    if status == 429 or (status == 403 and reason in _THROTTLED):
        after = retry_after(error.resp.get("retry-after"))
        return Again("throttled", status, after, throttled=True)
    if status == 403 and reason in _SCOPE:
        return MissingScope(
            _SOURCE,
            f"the token lacks the scope {_and(scopes)}",
            "Get a token that was granted it, or delegate it to the service account.",
            status,
        )
    if status == 403 and reason in _DISABLED:
        api = next((name for host, name in _SWITCHES.items() if host in str(error.content)), "API")
        return ApiDisabled(
            _SOURCE,
            f"the {api} is switched off in the project of these credentials",
            "Switch it on in the Google Cloud console, under APIs & Services, Library; it takes"
            " some minutes to hold.",
            status,
        )
    if status == 403 and (reason in _ROLE or message == _NO_RIGHT):
        return MissingScope(
            _SOURCE,
            "the account may not ask the Directory",
            "GOOGLE_DRIVE_SUBJECT must be an administrator who may read groups.",
            status,
        )
    if status == 410 or (status == 400 and location == "pageToken"):
        return CursorExpired(
            _SOURCE, "Google no longer knows this page", "Reconcile from the start.", status
        )
    if status == 408 or status >= 500:
        return Again("a server error", status, retry_after(error.resp.get("retry-after")))
    return DriveRefused(status, reason, location, message)


def _and(scopes: tuple[str, ...]) -> str:
    return " and ".join(scopes) or "that docs/sources/google_drive.md names"


def _told(content: bytes) -> tuple[str, str, str]:
    """Google's reason code, the parameter at fault and the message."""
    try:
        told: Any = json.loads(content)["error"]
        first = (told.get("errors") or [{}])[0]
        details = [d.get("reason") for d in told.get("details") or [] if isinstance(d, dict)]
        reason = next((r for r in details if r), None) or first.get("reason")
        return (
            str(reason or told.get("status") or "unexplained"),
            str(first.get("location") or ""),
            str(told.get("message") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "unexplained", "", ""
