"""Connections to Weaviate, and its errors as ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.interface import SearchIndexError
from index.settings import IndexSettings

if TYPE_CHECKING:
    from weaviate import WeaviateClient

_OLDEST = (1, 39)


def connect(settings: IndexSettings) -> WeaviateClient:
    """A connected client.

    Raises:
        SearchIndexError: the client is not installed, nobody answers, the key is refused, or the
            server is too old.
    """
    try:
        import weaviate
        from weaviate.classes.init import AdditionalConfig, Auth, Timeout
    except ImportError as error:
        raise SearchIndexError(
            "The Weaviate client is not installed: pip install 'weaviate-client>=4.23.1,<4.24'"
        ) from error
    # It logs every object that is refused, whole; with no handler set, that is printed.
    logging.getLogger("weaviate-client").setLevel(logging.CRITICAL)
    try:
        address = urlsplit(settings.weaviate_url)
        port = address.port
    except ValueError as error:
        raise SearchIndexError(f"not a Weaviate address: {settings.weaviate_url}") from error
    if address.scheme not in ("http", "https") or not address.hostname:
        raise SearchIndexError(f"not a Weaviate address: {settings.weaviate_url}")
    secure = address.scheme == "https"
    if settings.weaviate_oidc_client_secret and not secure and not _here(address.hostname):
        # The server names the issuer that is given the secret: so may whoever stands between.
        raise SearchIndexError(f"OIDC needs https off this machine: {settings.weaviate_url}")
    credentials: Any = None
    if settings.weaviate_api_key:
        credentials = Auth.api_key(settings.weaviate_api_key.get_secret_value())
    elif settings.weaviate_oidc_client_secret:
        credentials = Auth.client_credentials(
            settings.weaviate_oidc_client_secret.get_secret_value(),
            scope=settings.weaviate_oidc_scope or None,
        )
    with translated(settings.weaviate_url), _scoped(), _ours(settings.weaviate_url):
        client = weaviate.connect_to_custom(
            http_host=address.hostname,
            http_port=port or (443 if secure else 80),
            http_secure=secure,
            grpc_host=settings.weaviate_grpc_host or address.hostname,
            grpc_port=settings.weaviate_grpc_port,
            grpc_secure=secure,
            auth_credentials=credentials,
            additional_config=AdditionalConfig(
                timeout=Timeout(
                    init=10,
                    query=settings.weaviate_query_timeout,
                    insert=settings.weaviate_insert_timeout,
                ),
                # Else SSL_CERT_FILE is not looked at, nor HTTPS_PROXY and NO_PROXY.
                trust_env=secure,
            ),
            skip_init_checks=True,  # they ask PyPI for the newest client
        )
        # With the checks skipped nobody has asked the server anything yet.
        version = str(client.get_meta()["version"])
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        client.close()
        raise SearchIndexError(f"Weaviate {version} is too old: 1.39 or later is needed")
    return client


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _scoped() -> Iterator[None]:
    """The client asks for no token without a scope; the server may name some."""
    from weaviate.exceptions import MissingScopeError

    try:
        yield
    except MissingScopeError as error:
        raise SearchIndexError(
            "Weaviate names no OIDC scope: set BAILIWICK_INDEX_WEAVIATE_OIDC_SCOPE to one that its"
            " issuer knows, or AUTHENTICATION_OIDC_SCOPES at the server"
        ) from error


@contextmanager
def _ours(url: str) -> Iterator[None]:
    """What the client ends in when another kind of server tells it of itself."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise SearchIndexError(
            f"what answers at {url} is no Weaviate: see BAILIWICK_INDEX_WEAVIATE_URL"
        ) from error


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise the client's errors as `SearchIndexError`, naming `what` was being done."""
    import grpc
    import httpx
    from authlib.common.errors import AuthlibBaseError
    from weaviate.exceptions import WeaviateBaseError

    try:
        yield
    except (
        AuthlibBaseError,
        WeaviateBaseError,
        httpx.HTTPError,
        grpc.RpcError,
        OSError,
    ) as error:
        # Not its message, which may quote what was being written: the server's log has it.
        raise SearchIndexError(f"Weaviate, {what}: {_kind(error)}") from error


def _kind(error: Exception) -> str:
    """The class of an error and its status, where it has one."""
    code = getattr(error, "status_code", None)
    if isinstance(code, int) and code >= 0:
        return f"{type(error).__name__}, HTTP {code}"
    if callable(told := getattr(error, "code", None)):
        return f"{type(error).__name__}, {told()}"
    return type(error).__name__
