"""App-only tokens, by azure-identity."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import CertificateCredential, ClientSecretCredential

from access import Source
from connectors.interface import NotConfigured
from connectors.sharepoint.errors import NoToken
from connectors.sharepoint.settings import SharePointSettings

_SOURCE = Source.SHAREPOINT
# What they warn of is raised as well, and reported once.
for _name in ("azure.identity", "azure.core.pipeline.transport"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class Tokens:
    """Tokens of one application, one for each API, renewed in time by azure-identity."""

    def __init__(self, settings: SharePointSettings):
        """Prepare, without a request.

        Raises:
            NotConfigured: the certificate can't be used, or tokens would travel in the clear.
        """
        self._settings = settings
        self._lock = Lock()
        self._answer: tuple[int, str | None] | None = None
        self._credential = self._made()

    def token(self, audience: str) -> str:
        """A token for an API.

        Args:
            audience: the API's origin, such as ``https://graph.microsoft.com``.

        Raises:
            NoToken: there is none to be had.
        """
        with self._lock:
            self._answer = None
            try:
                return self._credential.get_token(f"{audience}/.default").token
            except AzureError:
                # msal repeats an error of the token server from memory for a minute: begin anew,
                # so that the next try is one.
                self._credential = self._made()
                raise NoToken(*(self._answer or (None, None))) from None

    def forget(self, audience: str, token: str) -> None:
        """Make sure that `token` is not given again: an API no longer accepts it."""
        with self._lock:
            try:
                if self._credential.get_token(f"{audience}/.default").token != token:
                    return  # another thread was here first
            except AzureError:
                pass  # whoever asks next meets it, and reports it
            self._credential = self._made()

    def _made(self) -> TokenCredential:
        return _credential(self._settings, self._heard)

    def _heard(self, response: Any) -> None:
        """Keep what the token server answered; the errors that it becomes do not always tell."""
        answer = response.http_response
        self._answer = (int(answer.status_code), answer.headers.get("Retry-After"))


def loopback(url: str) -> bool:
    """Whether an address leads to this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def encrypted(url: str, setting: str) -> str:
    """`url`, without a slash at its end, if a token may travel there.

    Raises:
        NotConfigured: it would travel in the clear, and not on this machine alone.
    """
    if not url.startswith("https://") and not loopback(url):
        raise NotConfigured(_SOURCE, "tokens would travel unencrypted", f"Give {setting} as https.")
    return url.rstrip("/")


class _Loopback(RequestsTransport):  # type: ignore[misc]
    """Asks a token server on this machine over plain HTTP, which azure-identity does not speak.

    It is told ``https``, and the server is told that somebody else deals with the encryption.
    """

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send `request` over HTTP."""
        if not loopback(request.url):
            raise ValueError("plain HTTP is for loopback addresses")
        request.url = request.url.replace("https://", "http://", 1)
        request.headers["X-Forwarded-Proto"] = "https"
        return super().send(request, **kwargs)


def _credential(settings: SharePointSettings, heard: Callable[[Any], None]) -> TokenCredential:
    authority = encrypted(settings.authority, "SHAREPOINT_AUTHORITY")
    # Waiting and trying again is `Retry`'s, with its own bounds.
    waits: dict[str, Any] = {
        "connection_timeout": settings.timeout,
        "read_timeout": settings.timeout,
    }
    options: dict[str, Any] = {"retry_total": 0, "raw_response_hook": heard, **waits}
    if authority.startswith("http://"):
        authority = authority.replace("http://", "https://", 1)
        options |= {"transport": _Loopback(**waits), "disable_instance_discovery": True}
    try:
        if settings.certificate_file is not None:
            password = settings.certificate_password
            return CertificateCredential(
                settings.tenant,
                settings.client_id,
                certificate_data=settings.certificate(),
                password=None if password is None else password.get_secret_value(),
                authority=authority,
                **options,
            )
        if settings.client_secret is not None:
            return ClientSecretCredential(
                settings.tenant,
                settings.client_id,
                settings.client_secret.get_secret_value(),
                authority=authority,
                **options,
            )
    except ValueError:
        raise NotConfigured(
            _SOURCE,
            "the name of the tenant can't be used",
            "Set SHAREPOINT_TENANT to the directory's id or to its domain.",
        ) from None
    raise NotConfigured(_SOURCE, "not configured", "See docs/sources/sharepoint.md.")
