"""What is wrong with a credential file is told apart, with the variable that names it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import NotConfigured
from connectors.sharepoint.connector import SharePointConnector
from connectors.sharepoint.settings import SharePointSettings
from tests.fixtures.unprivileged import unprivileged

KEY = rsa.generate_private_key(65537, 2048)
PKCS8 = PrivateFormat.PKCS8
PRIVATE = KEY.private_bytes(Encoding.PEM, PKCS8, NoEncryption())
LOCKED = KEY.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"sesame"))
SSH = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
CURVE = ec.generate_private_key(ec.SECP256R1())
SERVICE = {
    "type": "service_account",
    "client_email": "svc@project.iam.gserviceaccount.com",
    "private_key": PRIVATE.decode(),
    "token_uri": "https://oauth2.googleapis.com/token",
}


def certified(key) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bailiwick")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


CERTIFICATE = certified(KEY)
SHOWN = CERTIFICATE.public_bytes(Encoding.PEM)
OTHER = certified(rsa.generate_private_key(65537, 2048)).public_bytes(Encoding.PEM)
ELLIPTIC = CURVE.private_bytes(Encoding.PEM, PKCS8, NoEncryption()) + certified(CURVE).public_bytes(
    Encoding.PEM
)
BUNDLE = pkcs12.serialize_key_and_certificates(b"x", KEY, CERTIFICATE, None, NoEncryption())
SEALED = pkcs12.serialize_key_and_certificates(
    b"x", KEY, CERTIFICATE, None, BestAvailableEncryption(b"sesame")
)


def drive(path: Path) -> Iterator[str]:
    """What `verify` and the first use say: the same."""
    settings = GoogleDriveSettings(_env_file=None, service_account_file=path)
    with pytest.raises(NotConfigured) as caught:
        settings.verify()
    yield str(caught.value)
    with pytest.raises(NotConfigured) as caught:
        list(GoogleDriveConnector(settings).containers())
    yield str(caught.value)


def sharepoint(path: Path, password: str | None = None) -> SharePointSettings:
    return SharePointSettings(
        _env_file=None,
        tenant="acme.example",
        client_id="app",
        certificate_file=path,
        certificate_password=password,
    )


def refused(path: Path, password: str | None = None) -> Iterator[str]:
    settings = sharepoint(path, password)
    with pytest.raises(NotConfigured) as caught:
        settings.verify()
    yield str(caught.value)
    with pytest.raises(NotConfigured) as caught:
        SharePointConnector(settings)
    yield str(caught.value)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b" \n", "is empty"),
        (b"sesame", "it is not JSON"),
        (b"\xff\xfe\x00", "it is not JSON"),
        (PRIVATE, "it is PEM, not JSON"),
        (b'["sesame"]', "JSON of something else"),
        ({"installed": {"client_secret": "sesame"}}, "it is an OAuth client's"),
        ({"web": {"client_secret": "sesame"}}, "not a service account's key"),
        ({"type": "authorized_user", "refresh_token": "sesame"}, "it is a user's own sign-in"),
        ({"type": "external_account"}, "workload identity federation"),
        ({"private_key": "sesame"}, "it is no service account's"),
        ({**SERVICE, "token_uri": "", "client_email": None}, "it lacks client_email and token_uri"),
        ({**SERVICE, "private_key": "sesame"}, "its private_key is damaged"),
    ],
)
def test_a_file_that_is_no_service_accounts_key(tmp_path: Path, held, said: str) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(held if isinstance(held, bytes) else json.dumps(held).encode())
    for told in drive(path):
        assert said in told
        assert f"the file {path} of GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE" in told
        assert "sesame" not in told
        assert "PRIVATE" not in told


def test_a_service_accounts_key_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(SERVICE))
    settings = GoogleDriveSettings(_env_file=None, service_account_file=path)
    settings.verify()
    assert GoogleDriveConnector(settings)
    # Where a token is set it is what counts, and the file is not looked at.
    path.unlink()
    GoogleDriveSettings(_env_file=None, service_account_file=path, access_token="t").verify()


@pytest.mark.parametrize(
    ("held", "password", "said"),
    [
        (b"", None, "is empty"),
        (b"sesame", None, "neither PEM nor PKCS #12"),
        (SHOWN, None, "it holds no private key"),
        (CERTIFICATE.public_bytes(Encoding.DER), None, "a certificate, but no private key"),
        (PRIVATE, None, "a private key, but no certificate"),
        (SSH, None, "it is a key of SSH"),
        (LOCKED + SHOWN, None, "its private key is encrypted. Set SHAREPOINT_CERTIFICATE_PASSWORD"),
        (LOCKED + SHOWN, "wrong", "SHAREPOINT_CERTIFICATE_PASSWORD does not open it"),
        (PRIVATE + SHOWN, "sesame", "is not encrypted, and SHAREPOINT_CERTIFICATE_PASSWORD is set"),
        (PRIVATE + OTHER, None, "its private key is not that of its certificate"),
        (
            PRIVATE[:200] + b"\n-----END PRIVATE KEY-----\n" + SHOWN,
            None,
            "private key or its certificate is damaged",
        ),
        (PRIVATE + SHOWN[:200] + b"\n-----END CERTIFICATE-----\n", None, "certificate is damaged"),
        (ELLIPTIC, None, "its key is not RSA"),
        (SEALED, None, "it is damaged, or has a password"),
        (SEALED, "wrong", "SHAREPOINT_CERTIFICATE_PASSWORD does not open it"),
        (BUNDLE[:300], None, "it is damaged, or has a password"),
    ],
)
def test_a_file_that_is_no_certificate(tmp_path: Path, held: bytes, password, said: str) -> None:
    path = tmp_path / "app.pem"
    path.write_bytes(held)
    for told in refused(path, password):
        assert said in told
        assert f"the file {path} of SHAREPOINT_CERTIFICATE_FILE" in told
        assert "sesame" not in told
        assert "wrong" not in told


@pytest.mark.parametrize(
    ("held", "password"),
    [
        (PRIVATE + SHOWN, None),
        (SHOWN + PRIVATE, None),
        (LOCKED + SHOWN, "sesame"),
        (BUNDLE, None),
        (SEALED, "sesame"),
    ],
)
def test_a_certificate_is_taken(tmp_path: Path, held: bytes, password) -> None:
    path = tmp_path / "app.pem"
    path.write_bytes(held)
    settings = sharepoint(path, password)
    settings.verify()
    assert SharePointConnector(settings)


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    for refuse in (drive, refused):
        assert all(f"{path} of " in told and " is not there" in told for told in refuse(path))
        assert all("is not there" in told for told in refuse(path / "below"))
        path.mkdir()
        assert all("can't be read: Is a directory" in told for told in refuse(path))
        path.rmdir()
        path.write_bytes(b"x")
        path.chmod(0)
        with unprivileged():
            assert all("may not be read by this account" in told for told in refuse(path))
        path.unlink()


def test_a_tenant_that_can_be_none_is_no_fault_of_the_certificate(tmp_path: Path) -> None:
    path = tmp_path / "app.pem"
    path.write_bytes(PRIVATE + SHOWN)
    settings = sharepoint(path).model_copy(update={"tenant": "acme example"})
    with pytest.raises(NotConfigured, match="Set SHAREPOINT_TENANT") as caught:
        SharePointConnector(settings)
    assert "certificate" not in str(caught.value)
