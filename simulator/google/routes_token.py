"""Tokens for service accounts, batches, and the discovery documents with this address in them.

https://developers.google.com/identity/protocols/oauth2/service-account: a JWT signed by the
account's key is exchanged for an access token; with domain-wide delegation its ``sub`` names
the user to act as.
"""

from __future__ import annotations

import importlib.util
import json
from datetime import timedelta
from email.parser import BytesParser
from functools import cache
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt

from simulator.google.api import API, error, invalid
from simulator.google.state import GoogleState
from simulator.wire import Call, Reply, reply_json
from simulator.world import Token

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS = 3600


def _no(status: int, code: str, said: str) -> Reply:
    return reply_json({"error": code, "error_description": said}, status)


@API.route("POST", "/token", "oauth.token", anonymous=True)
def exchange(call: Call) -> Reply:
    """The token endpoint: JWT bearer assertions with a ``sub``."""
    form = parse_qs(call.body.decode("latin-1"))
    if form.get("grant_type") != [_GRANT] or "assertion" not in form:
        return _no(400, "unsupported_grant_type", "Invalid grant_type")
    state, assertion = GoogleState.of(call.world), form["assertion"][0]
    try:
        claimed = jwt.decode(assertion, options={"verify_signature": False})
        known = state.keys.get(str(claimed.get("iss")))
        if known is None:
            return _no(400, "invalid_grant", "Invalid grant: account not found")
        claims = jwt.decode(
            assertion,
            known["public_key"],
            algorithms=["RS256"],
            leeway=60,
            options={"verify_aud": False, "require": ["iat", "exp", "aud", "iss"]},
        )
    except jwt.PyJWTError as wrong:
        return _no(400, "invalid_grant", f"Invalid JWT: {wrong}")
    if not str(claims["aud"]).endswith("/token") or claims["exp"] - claims["iat"] > _LASTS:
        return _no(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token")
    scopes = tuple(str(claims.get("scope", "")).split())
    person = call.world.directory.person_by_email(str(claims.get("sub", "")))
    if not claims.get("sub") or any(scope not in known["scopes"] for scope in scopes):
        said = "Client is unauthorized to retrieve access tokens using this method, or client not "
        return _no(401, "unauthorized_client", said + "authorized for any of the scopes requested.")
    if person is None or person.guest or not person.works:
        return _no(400, "invalid_grant", "Invalid email or User ID")
    mark = blake2b(f"{len(call.world.tokens)}/{assertion}".encode(), digest_size=20).hexdigest()
    minted = f"ya29.{mark}"
    call.world.mint(
        minted,
        Token(
            person.id,
            vendor="google",
            scopes=scopes,
            expires=call.world.now() + timedelta(seconds=_LASTS),
        ),
    )
    return reply_json({"access_token": minted, "expires_in": _LASTS - 1, "token_type": "Bearer"})


@API.route("POST", "/batch/drive/v3", "batch", anonymous=True)
@API.route("POST", "/batch", "batch", anonymous=True)
def batch(call: Call) -> Reply:
    """Up to 100 calls as parts of one multipart/mixed; each part is answered by itself."""
    kind = call.headers.get("content-type", "").encode()
    whole = BytesParser().parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + call.body)
    parts: Any = whole.get_payload() if whole.is_multipart() else []
    if not 0 < len(parts) <= 100:
        return invalid("The batch request could not be processed.", "badRequest")
    answers = [_part(call, part) for part in parts]
    mark = "batch_simulator"
    body = b"".join(f"--{mark}\r\n".encode() + one for one in answers) + f"--{mark}--\r\n".encode()
    return Reply(200, body, {"Content-Type": f"multipart/mixed; boundary={mark}"})


def _part(call: Call, part: Any) -> bytes:
    raw = part.get_payload(decode=True) or b""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    line, *rest = head.decode().split("\n")
    method, _, after = line.partition(" ")
    target = after.partition(" ")[0]
    headers = {k.lower(): v.strip() for k, _, v in (each.partition(":") for each in rest)}
    headers.setdefault("authorization", call.headers.get("authorization", ""))
    target = target.removeprefix(API.prefix)
    reply = API.part(call, method, target, headers, body)
    shown = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    name = str(part.get("Content-ID", "")).strip("<>")
    status = HTTPStatus(reply.status)
    return (
        (
            f"Content-Type: application/http\r\nContent-ID: <response-{name}>\r\n\r\n"
            f"HTTP/1.1 {status.value} {status.phrase}\r\n{shown}"
            f"Content-Length: {len(reply.body)}\r\n\r\n"
        ).encode()
        + reply.body
        + b"\r\n"
    )


@cache
def _document(name: str, version: str) -> dict[str, Any] | None:
    found = importlib.util.find_spec("googleapiclient")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0]) / "discovery_cache" / "documents"
    path = folder / f"{name}.{version}.json"
    if not path.is_file() or "/" in name + version:
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@API.route("GET", "/discovery/v1/apis/{name}/{version}/rest", "discovery", anonymous=True)
def discovery(call: Call) -> Reply:
    """The discovery document that google-api-python-client brings, with this root address."""
    found = _document(call.params["name"], call.params["version"])
    if found is None:
        return error(call, 404, "not_found")
    root = call.base + "/"
    return reply_json(
        found
        | {
            "rootUrl": root,
            "mtlsRootUrl": root,
            "baseUrl": root + found["servicePath"],
            "batchPath": found["batchPath"] or "batch",
        }
    )
