"""The JSON key of a service account, told apart from the other files that Google gives out."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from access import Source
from connectors.credential_file import contents, wrong
from connectors.interface import NotConfigured

_VARIABLE = "GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE"
_REMEDY = (
    f"Make a JSON key in the Google Cloud console, under IAM & Admin, Service accounts, Keys, and"
    f" set {_VARIABLE} to it."
)
_OTHERS = {
    "authorized_user": "it is a user's own sign-in, such as gcloud keeps",
    "external_account": "it is a configuration of workload identity federation, without a key",
    "impersonated_service_account": "it names a service account to impersonate, without its key",
}
"""Kinds of credentials by their ``type`` (https://google.aip.dev/auth)."""


def service_account(path: Path) -> dict[str, Any]:
    """What the key of a service account says.

    Raises:
        NotConfigured: the file is missing, unreadable, or something else.
    """
    held = contents(Source.GOOGLE_DRIVE, _VARIABLE, path)
    refuse = partial(wrong, Source.GOOGLE_DRIVE, _VARIABLE, path, remedy=_REMEDY)
    try:
        told = json.loads(held)
    except ValueError:
        pem = held.lstrip().startswith(b"-----BEGIN")
        raise refuse("it is PEM, not JSON" if pem else "it is not JSON") from None
    if not isinstance(told, dict):
        raise refuse("it is JSON of something else")
    if "installed" in told or "web" in told:
        raise refuse("it is an OAuth client's, for users to sign in, not a service account's key")
    kind = told.get("type")
    if kind != "service_account":
        raise refuse(_OTHERS.get(str(kind), "it is no service account's, by its type"))
    if absent := [n for n in ("client_email", "private_key", "token_uri") if not told.get(n)]:
        raise refuse(f"it lacks {' and '.join(absent)}")
    return told


def verify(path: Path) -> None:
    """Look at the private key too, which takes a moment; whoever uses it does so anyway.

    Raises:
        NotConfigured: the file is missing, unreadable, or something else.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = str(service_account(path)["private_key"])
    try:
        load_pem_private_key(pem.encode(), None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise damaged(path) from None


def damaged(path: Path) -> NotConfigured:
    """That the private key in a key file is none."""
    return wrong(Source.GOOGLE_DRIVE, _VARIABLE, path, "its private_key is damaged", _REMEDY)
