"""Google's own client, with credentials, threads and retries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httplib2
from google.oauth2 import credentials as oauth
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

from access import Source
from connectors.google_drive import key_file
from connectors.google_drive.errors import Asked, judge
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import NotConfigured
from connectors.position import PageTokens
from connectors.retry import Retry

DRIVE_SCOPES = ("https://www.googleapis.com/auth/drive.readonly",)
DIRECTORY_SCOPES = (
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
)


class GoogleClient:
    """One Google API as one account.

    The service object only builds requests and is shared; the HTTP object under it is not
    thread-safe (googleapiclient, "Thread Safety"), so every thread has its own.
    """

    def __init__(
        self,
        settings: GoogleDriveSettings,
        retry: Retry,
        subject: str | None,
        *,
        directory: bool = False,
        scopes: tuple[str, ...] | None = None,
    ):
        """Prepare, without a request and without downloading a discovery document.

        Args:
            settings: credentials and addresses.
            retry: how requests are tried again.
            subject: the account that a service account acts as; None for itself.
            directory: whether this is the Admin Directory API and not Drive.
            scopes: what a service account asks for; by default all that a sync needs.

        Raises:
            NotConfigured: the service account's file can't be used.
        """
        self._retry = retry
        self._timeout = settings.timeout
        self._local = threading.local()
        if scopes is None:
            scopes = DIRECTORY_SCOPES if directory else DRIVE_SCOPES
        self._credentials = _credentials(settings, subject, scopes)
        # A static token can't be refreshed: let a 401 come through as what it is.
        self._refresh_on = (401,) if settings.access_token is None else ()
        name, version, endpoint, setting = (
            (
                "admin",
                "directory_v1",
                settings.directory_api_root.rstrip("/") + "/",
                "GOOGLE_DRIVE_DIRECTORY_API_ROOT",
            )
            if directory
            else (
                "drive",
                "v3",
                settings.api_root.rstrip("/") + "/drive/v3/",
                "GOOGLE_DRIVE_API_ROOT",
            )
        )
        asked = Asked(endpoint, setting, str(getattr(self._credentials, "_token_uri", "") or ""))
        self._judge = partial(judge, asked=asked, scopes=scopes)
        self.service: Any = build(
            name,
            version,
            http=self._http(),
            client_options={"api_endpoint": endpoint},
            static_discovery=True,
            cache_discovery=False,
        )

    def execute(self, request: Callable[[], Any]) -> Any:
        """The answer to the request that `request` builds, tried again where that may help.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            Refused: the object asked for is.
        """
        return self._retry.call(lambda: request().execute(http=self._http()), self._judge)

    def told(self, request: Callable[[], Any]) -> dict[str, Any]:
        """The JSON object that answers; raises as `execute` does."""

        def ask() -> dict[str, Any]:
            answer = request().execute(http=self._http())
            if not isinstance(answer, dict):  # Google's client passes on what it can't parse
                raise ValueError("not a JSON object")
            return answer

        return self._retry.call(ask, self._judge)

    def pages(self, request: Callable[[str | None], Any]) -> Iterator[dict[str, Any]]:
        """The pages of a list, each with the token of the next.

        Args:
            request: builds the request for the page of a token; None is the first's.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable; a page token that
                comes back counts as that.
            Refused: this list is not to be had.
        """
        tokens = PageTokens(Source.GOOGLE_DRIVE)
        token: str | None = None
        while True:
            page = self.told(partial(request, token))
            yield page
            if not page.get("nextPageToken"):
                return
            token = tokens.checked(page["nextPageToken"])

    def _http(self) -> Any:
        http = getattr(self._local, "http", None)
        if http is None:
            http = AuthorizedHttp(
                self._credentials,
                http=httplib2.Http(timeout=self._timeout),
                refresh_status_codes=self._refresh_on,
            )
            self._local.http = http
        return http


def _credentials(
    settings: GoogleDriveSettings, subject: str | None, scopes: tuple[str, ...]
) -> Any:
    if settings.access_token is not None:
        return oauth.Credentials(  # type: ignore[no-untyped-call]
            token=settings.access_token.get_secret_value()
        )
    if settings.service_account_file is None:
        raise NotConfigured(
            Source.GOOGLE_DRIVE, "not configured", "See docs/sources/google_drive.md."
        )
    try:
        return service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            key_file.service_account(settings.service_account_file),
            scopes=list(scopes),
            subject=subject,
        )
    except (ValueError, KeyError):
        raise key_file.damaged(settings.service_account_file) from None
