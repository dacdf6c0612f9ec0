"""The application's permissions and credentials."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors.capability import Outcome
from connectors.interface import (
    NotConfigured,
)
from connectors.sharepoint.capabilities import roles
from connectors.sharepoint.connector import SharePointConnector
from service.check_command import check
from simulator.sharepoint.ids import HOST, TENANT
from tests.connectors.sharepoint.there import (
    ALL,
    AUDIENCE,
    There,
    documents,
    settings,
)


def test_each_permission_that_is_missing_is_named(there: There) -> None:
    for missing in ALL[:3]:
        held = [each for each in ALL if each != missing]
        if missing.startswith("Sites"):
            held.append("Sites.Read.All")
        there.state.register_app(client_id="less", secret="s3cret", permissions=held)
        told = list(there.connector(client_id="less").capabilities())
        (wrong,) = (each for each in told if each.outcome is Outcome.FAILS)
        assert missing in wrong.remedy
    there.state.register_app(client_id="none", secret="s3cret", permissions=[])
    told = list(there.connector(client_id="none").capabilities())
    said = " ".join(each.remedy for each in told if each.outcome is Outcome.FAILS)
    assert all(each in said for each in ALL[:3])
    told = list(there.connector().capabilities())
    assert {each.outcome for each in told[:-1]} == {Outcome.WORKS}
    assert told[-1].outcome is Outcome.UNTRIED  # the simulator's tokens tell nothing


def test_the_check_command_lists_sites_or_says_what_is_missing(
    there: There, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    url = there.running.url
    environment = {
        "BAILIWICK_HOME": str(tmp_path),
        "SHAREPOINT_TENANT": TENANT,
        "SHAREPOINT_CLIENT_ID": "sync",
        "SHAREPOINT_CLIENT_SECRET": "s3cret",
        "SHAREPOINT_AUTHORITY": f"{url}/entra",
        "SHAREPOINT_GRAPH_ROOT": f"{url}/graph",
        "SHAREPOINT_GRAPH_AUDIENCE": AUDIENCE,
        "SHAREPOINT_SITES": f"https://{HOST}/sites/team",
    }
    done = CliRunner().invoke(check, ["sharepoint"], env=environment)
    assert done.exit_code == 0
    assert [line.split("  ")[1] for line in done.output.splitlines()[-2:]] == ["Team", "Lab"]
    there.state.register_app(client_id="less", secret="s3cret", permissions=ALL[:2])
    less = {**environment, "SHAREPOINT_CLIENT_ID": "less"}
    done = CliRunner().invoke(check, ["sharepoint"], env=less)
    assert done.exit_code == 1
    assert "GroupMember.Read.All of Microsoft Graph" in done.output


def test_without_full_control_nobody_reads_anything(there: There) -> None:
    held = ["Sites.Read.All", *ALL[1:]]
    there.state.register_app(client_id="less", secret="s3cret", permissions=held)
    found = documents(there.read(there.connector(client_id="less")))
    assert len(found) == 7
    assert not any(document.access.known for document in found.values())


def test_the_roles_in_a_token_are_read_where_it_tells() -> None:
    body = "eyJyb2xlcyI6WyJTaXRlcy5SZWFkLkFsbCJdfQ"  # {"roles":["Sites.Read.All"]}
    assert roles(f"x.{body}.y") == {"Sites.Read.All"}
    for opaque in ("", "opaque", "a.b.c", "x.e30.y", "x.bnVsbA.y"):
        assert roles(opaque) is None


def test_a_certificate_serves_as_well_as_a_secret(there: There, tmp_path: Path) -> None:
    pem, public = _certificate()
    path = tmp_path / "app.pem"
    path.write_bytes(pem)
    there.state.register_app(client_id="signed", secret="", permissions=ALL, certificate=public)
    connector = there.connector(client_id="signed", client_secret=None, certificate_file=path)
    assert len(documents(there.read(connector))) == 7
    path.write_text("no certificate")
    with pytest.raises(NotConfigured, match="certificate"):
        there.connector(client_secret=None, certificate_file=path)


def test_no_token_travels_in_the_clear() -> None:
    """Neither to Entra nor to Graph."""
    for setting, name in (
        ("authority", "SHAREPOINT_AUTHORITY"),
        ("graph_root", "SHAREPOINT_GRAPH_ROOT"),
    ):
        with pytest.raises(NotConfigured, match="unencrypted") as refused:
            SharePointConnector(settings("https://x.example", **{setting: "http://x.example"}))
        assert name in refused.value.remedy


def _certificate() -> tuple[bytes, str]:
    """A private key with its certificate, and the public key alone."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bailiwick")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private + made.public_bytes(pem), public.decode()
