"""PyGithub, with threads, paging and retries.

Requests go through PyGithub's requester and come back as plain JSON: its objects fetch what they
lack behind the caller's back, and its own retries sleep for up to an hour.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from github import Auth, Github

from access import Source
from connectors.github.errors import judge, names
from connectors.github.settings import GitHubSettings
from connectors.interface import NotConfigured
from connectors.position import PageTokens
from connectors.retry import Retry


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list."""

    rows: tuple[dict[str, Any], ...]
    token: str
    """The token that this page was asked for with; empty for the first."""
    next: str | None
    """The token of the next page; None on the last."""


class GitHubClient:
    """GET requests to one GitHub, each thread over its own connection."""

    def __init__(self, settings: GitHubSettings, retry: Retry):
        """Prepare, without a request.

        Raises:
            NotConfigured: there is no token.
        """
        if settings.token is None:
            raise NotConfigured(Source.GITHUB, "not configured", "See docs/sources/github.md.")
        self._auth = Auth.Token(settings.token.get_secret_value())
        self._url = settings.api_url.rstrip("/")
        self._judge = partial(judge, api=self._url)
        self._timeout = max(1, round(settings.timeout))
        self._page_size = settings.page_size
        self._retry = retry
        self._local = threading.local()

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """The object at `path`.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            Refused: this object is not to be had.
        """
        _, data = self._retry.call(partial(self._ask, path, parameters, dict), self._judge)
        found: dict[str, Any] = data
        return found

    def scopes(self) -> frozenset[str] | None:
        """What a classic token was granted; None for other tokens, which don't tell.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            Refused: never by GitHub itself.
        """
        headers, _ = self._retry.call(partial(self._ask, "/rate_limit", {}, dict), self._judge)
        told = headers.get("x-oauth-scopes")
        return None if told is None else names(told)

    def pages(self, path: str, token: str = "", **parameters: str) -> Iterator[Rows]:
        """The pages of the list at `path`, by the server's own ``Link: rel="next"``.

        Only the link's query is followed, never its host, so no answer can lead the credentials
        elsewhere.

        Raises:
            ConnectorError: the source refuses, is unavailable, or pages in a circle.
            Refused: this list is not to be had.
        """
        tokens = PageTokens(Source.GITHUB, token)
        while True:
            asked = dict(parse_qsl(token)) if token else {"per_page": f"{self._page_size}"}
            headers, rows = self._retry.call(
                partial(self._ask, path, {**parameters, **asked}, list), self._judge
            )
            following = _next(headers)
            yield Rows(tuple(rows), token, following)
            if following is None:
                return
            token = tokens.checked(following)

    def rows(self, path: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """Every row of the list at `path`; raises as `pages` does."""
        for page in self.pages(path, **parameters):
            yield from page.rows

    def _ask(
        self, path: str, parameters: dict[str, str], kind: type
    ) -> tuple[Mapping[str, str], Any]:
        headers, data = self._github().requester.requestJsonAndCheck(
            "GET", path, parameters=parameters
        )
        if not isinstance(data, kind):
            raise ValueError("not the kind of JSON that was asked for")
        return headers, data

    def _github(self) -> Github:
        github: Github | None = getattr(self._local, "github", None)
        if github is None:
            github = self._local.github = Github(
                base_url=self._url,
                auth=self._auth,
                timeout=self._timeout,
                retry=None,
                seconds_between_requests=None,
            )
        return github


def _next(headers: Mapping[str, str]) -> str | None:
    for link in headers.get("link", "").split(","):
        target, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            query = urlsplit(target.strip().strip("<>")).query
            return urlencode(parse_qsl(query))
    return None
