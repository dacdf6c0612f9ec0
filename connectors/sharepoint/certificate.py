"""The application's certificate with its private key, told apart from half of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from access import Source
from connectors.credential_file import contents, wrong
from connectors.interface import NotConfigured

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

Refusal = Callable[[str, str], NotConfigured]
_VARIABLE = "SHAREPOINT_CERTIFICATE_FILE"
_PASSWORD = "SHAREPOINT_CERTIFICATE_PASSWORD"  # noqa: S105  # the variable's name
_DAMAGED = "its private key or its certificate is damaged"
_BOTH = f"Put private key and certificate into one PEM file, and set {_VARIABLE} to it."


def certificate(path: Path, password: str | None) -> bytes:
    """A file, PEM or PKCS #12, that azure-identity will take.

    Args:
        path: the file.
        password: what opens its private key; None where that is not encrypted.

    Raises:
        NotConfigured: the file is missing, unreadable, something else or half of what it must be,
            or the password does not open it.
    """
    held = contents(Source.SHAREPOINT, _VARIABLE, path)
    refuse = partial(wrong, Source.SHAREPOINT, _VARIABLE, path)
    secret = None if password is None else password.encode()
    read = _pem if b"-----BEGIN" in held else _pkcs12
    key, shown = read(held, secret, refuse)
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if not isinstance(key, RSAPrivateKey):
        raise refuse("its key is not RSA, which Entra asks for", "Make one with an RSA key.")
    if key.public_key() != shown.public_key():
        raise refuse("its private key is not that of its certificate", _BOTH)
    return held


def _pem(held: bytes, secret: bytes | None, refuse: Refusal) -> tuple[Any, Certificate]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    if b"BEGIN OPENSSH PRIVATE KEY" in held:
        raise refuse("it is a key of SSH", _BOTH)
    if b"PRIVATE KEY-----" not in held:
        raise refuse("it holds no private key", _BOTH)
    if b"-----BEGIN CERTIFICATE-----" not in held:
        raise refuse("it holds a private key, but no certificate", _BOTH)
    try:
        key = load_pem_private_key(held, secret)
    except TypeError:
        if secret is None:
            raise refuse("its private key is encrypted", f"Set {_PASSWORD}.") from None
        raise refuse(
            f"its private key is not encrypted, and {_PASSWORD} is set", f"Take {_PASSWORD} away."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        if b"ENCRYPTED" in held:
            raise refuse(f"{_PASSWORD} does not open it", f"Correct {_PASSWORD}.") from None
        raise refuse(_DAMAGED, _BOTH) from None
    try:
        return key, load_pem_x509_certificate(held)
    except ValueError:
        raise refuse(_DAMAGED, _BOTH) from None


def _pkcs12(held: bytes, secret: bytes | None, refuse: Refusal) -> tuple[Any, Certificate]:
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509 import load_der_x509_certificate

    try:
        key, shown, _ = pkcs12.load_key_and_certificates(held, secret)
    except ValueError:
        if not held.startswith(b"\x30"):  # every PKCS #12 is an ASN.1 sequence (RFC 7292)
            raise refuse("it is neither PEM nor PKCS #12", _BOTH) from None
        try:
            load_der_x509_certificate(held)
        except ValueError:
            pass
        else:
            raise refuse("it holds a certificate, but no private key", _BOTH) from None
        told = (
            "it is damaged, or has a password"
            if secret is None
            else f"{_PASSWORD} does not open it"
        )
        raise refuse(told, f"Set {_PASSWORD} to what opens it.") from None
    if key is None or shown is None:
        raise refuse("it lacks the private key or the certificate", _BOTH)
    return key, shown
