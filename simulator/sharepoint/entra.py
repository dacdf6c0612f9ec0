"""Entra's token endpoint: client credentials, by secret or by a signed assertion."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt

from simulator.clock import rfc3339
from simulator.sharepoint.ids import HOST, TENANT, guid
from simulator.sharepoint.model import AppRegistration
from simulator.sharepoint.state import SharePointState
from simulator.wire import Api, Call, Reply, reply_json
from simulator.world import Token

LIFETIME = 3599
"""Seconds that a token is good for, in virtual time."""
AUDIENCES = ("https://graph.microsoft.com", f"https://{HOST}")


def error(call: Call | None, status: int, reason: str, message: str = "") -> Reply:
    """The token endpoint's error body."""
    said: dict[str, Any] = {
        "error": {"rate_limit": "temporarily_unavailable"}.get(reason, reason),
        "error_description": message or reason,
        "error_codes": [],
    }
    if call is not None:
        said["timestamp"] = rfc3339(call.world.now())
        said["trace_id"] = said["correlation_id"] = guid("trace", str(len(call.world.requests)))
    return reply_json(said, status)


API = Api("sharepoint", "/entra", error=error, anonymous=True)


def audience_fits(call: Call, audience: str, scopes: tuple[str, ...]) -> None:
    """Check that the caller's token is for this API and sufficient.

    Raises:
        PermissionError: it is not; the arguments are a reason and a message.
    """
    granted = call.token.scopes
    if not granted:
        return
    here = {s.removeprefix(f"{audience}/") for s in granted if s.startswith(f"{audience}/")}
    if not here:
        raise PermissionError("unauthorized", "Access token validation failure. Invalid audience.")
    if scopes and not here & set(scopes):
        raise PermissionError("accessDenied", "Insufficient privileges to complete the operation.")


def granted(call: Call, permission: str) -> bool:
    """Whether an app-only token holds an application permission."""
    scopes = call.token.scopes
    return call.service and (not scopes or any(s.endswith(f"/{permission}") for s in scopes))


@API.post("/{tenant}/oauth2/v2.0/token", "entra.token")
def token(call: Call) -> Reply:
    """An app-only token for one API."""
    form = {k: v[-1] for k, v in parse_qs(call.body.decode("utf-8", "replace")).items()}
    if call.params["tenant"].lower() not in (TENANT, call.world.directory.domain):
        return error(call, 400, "invalid_request", "AADSTS90002: Tenant not found.")
    if form.get("grant_type") != "client_credentials":
        return error(call, 400, "unsupported_grant_type", "AADSTS70003: Unsupported grant type.")
    client = form.get("client_id", "")
    app = SharePointState.of(call.world).apps.get(client)
    if app is None:
        return error(call, 400, "unauthorized_client", f"AADSTS700016: No application {client}.")
    if not _proven(app, form):
        return error(call, 401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    audience = form.get("scope", "").removesuffix("/.default").rstrip("/")
    if audience not in AUDIENCES or not form["scope"].endswith("/.default"):
        return error(call, 400, "invalid_scope", "AADSTS1002012: The scope must end in /.default.")
    ends = call.world.now() + timedelta(seconds=LIFETIME)
    minted = guid("token", str(call.world.seed), client, audience, rfc3339(ends))
    # Never empty, which would mean not limited.
    scopes = tuple(f"{audience}/{permission}" for permission in (".default", *app.permissions))
    meaning = Token(service=True, vendor="sharepoint", scopes=scopes, expires=ends)
    call.world.mint(minted, meaning)
    said = {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME}
    return reply_json(said | {"access_token": minted})


def _proven(app: AppRegistration, form: dict[str, str]) -> bool:
    """Whether the caller knows the secret, or holds the certificate's key."""
    assertion = form.get("client_assertion", "")
    if assertion and app.certificate:
        try:
            claims = jwt.decode(
                assertion,
                app.certificate,
                algorithms=["RS256", "PS256"],
                options={"verify_aud": False},
            )
        except jwt.InvalidTokenError:
            return False
        return bool(claims.get("iss") == claims.get("sub") == app.id)
    return bool(app.secret) and form.get("client_secret") == app.secret


@API.get("/{tenant}/v2.0/.well-known/openid-configuration", "entra.configuration")
def configuration(call: Call) -> Reply:
    """Where everything is."""
    base = f"{call.base}/{call.params['tenant']}"
    said = {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "issuer": f"{base}/v2.0",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    }
    return reply_json(said)
