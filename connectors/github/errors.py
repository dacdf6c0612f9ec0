"""What GitHub's errors mean.

A 403 is a lost right, a missing scope, or throttling, told apart as
https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from github import GithubException, RateLimitExceededException

from access import Source
from connectors.interface import (
    AuthenticationFailed,
    ConnectorError,
    MissingScope,
    SourceUnavailable,
)
from connectors.refused import Refused
from connectors.retry import Again, retry_after

_SOURCE = Source.GITHUB
_SECONDARY_WAIT = 60.0
"""Seconds to wait at a secondary limit without a header: "at least one minute"."""


EMPTY = "empty repository"
"""The reason of a refusal because a repository has no commit yet."""
_EMPTY = "Git Repository is empty."
"""GitHub's only word for that: the status, 409, is that of any conflict."""


def judge(error: Exception, api: str) -> Again | Exception:
    """What an error of PyGithub means for the request that met it.

    Args:
        error: what PyGithub raised.
        api: the address of the API that was asked.
    """
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, GithubException):
        return _answer(error)
    if isinstance(error, OSError):  # requests' errors are
        return Again("no answer").of(api, "GITHUB_API_URL")
    if isinstance(error, ValueError):
        return Again("an answer that can't be read").of(api, "GITHUB_API_URL")
    if isinstance(error, RuntimeError):  # PyGithub's word for a redirect to another host
        return SourceUnavailable(
            _SOURCE, "redirected to another host", "Set GITHUB_API_URL to the API's own address."
        )
    return error


def _answer(error: GithubException) -> Again | Exception:
    status = error.status
    headers = {k.lower(): v for k, v in (error.headers or {}).items()}
    if status == 401:
        return AuthenticationFailed(
            _SOURCE,
            "GitHub refused the token",
            "Set GITHUB_TOKEN to a token that is valid and not expired.",
            status,
        )
    if status == 429 or (status == 403 and _throttled(error, headers)):
        return Again("throttled", status, _wait(headers), throttled=True)
    if status == 403 and "required" in headers.get("x-github-sso", ""):
        return MissingScope(
            _SOURCE,
            "the token is not authorised for the organisation's single sign-on",
            "Authorise it under Settings, Developer settings, Configure SSO.",
            status,
        )
    if status == 408 or status >= 500:
        return Again("a server error", status, retry_after(headers.get("retry-after")))
    said = error.data.get("message") if isinstance(error.data, dict) else ""
    return Refused(
        status, EMPTY if status == 409 and said == _EMPTY else "", _lacking(status, headers)
    )


def _lacking(status: int, headers: Mapping[str, str]) -> str:
    """What to grant a token that was refused, where GitHub tells.

    Fine-grained tokens and apps by ``X-Accepted-GitHub-Permissions``, classic tokens by
    ``X-Accepted-OAuth-Scopes`` beside ``X-OAuth-Scopes``; a 404 may be a refusal too
    (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api).
    """
    if status not in {403, 404}:
        return ""
    permissions = headers.get("x-accepted-github-permissions", "")
    if permissions:
        return f"Grant the token one of: {permissions.replace('; ', ' or ')}."
    wanted = names(headers.get("x-accepted-oauth-scopes", ""))
    if wanted and not wanted & names(headers.get("x-oauth-scopes", "")):
        return f"Grant the token one of the scopes: {', '.join(sorted(wanted))}."
    return ""


def names(listed: str) -> frozenset[str]:
    """The names in a header that lists them with commas between."""
    return frozenset(each.strip() for each in listed.split(",") if each.strip())


def _throttled(error: GithubException, headers: Mapping[str, str]) -> bool:
    return (
        isinstance(error, RateLimitExceededException)
        or "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
    )


def _wait(headers: Mapping[str, str]) -> float:
    asked = retry_after(headers.get("retry-after"))
    if asked is not None:
        return asked
    if headers.get("x-ratelimit-remaining") == "0":
        try:
            reset = float(headers.get("x-ratelimit-reset", ""))
            return max(0.0, reset - datetime.now(UTC).timestamp()) + 1.0
        except ValueError:
            pass
    return _SECONDARY_WAIT
