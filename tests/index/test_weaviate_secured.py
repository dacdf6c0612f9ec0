"""Weaviate over TLS, with tokens of an OpenID Connect issuer instead of a key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import servers, weaviate_server
from tests.index.issuer import CLIENT, Certificate, Issuer, issuing

ROOT = Path(__file__).parents[2]
SECRET = "sesame-77aa"
WORK = """
import numpy as np
from index.interface import Reach, Where
from index.settings import IndexSettings
from index.weaviate.versions import WeaviateVersions
from tests.index.test_weaviate import document

versions = WeaviateVersions(IndexSettings())
index = versions.open("secured", 16)
assert not index.put([document(n, 2) for n in range(5)])
found = index.by_keyword(["revision"], Reach(frozenset(range(20))), Where(), 50)
print(len(found))
versions.close()
"""


@dataclass
class Secured:
    server: weaviate_server.Server
    port: int
    issuer: Issuer
    certificate: Certificate

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Python in a process of its own: gRPC reads its roots once."""
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "BAILIWICK_INDEX_BACKEND": "weaviate",
            "BAILIWICK_INDEX_WEAVIATE_URL": f"https://127.0.0.1:{self.port}",
            "BAILIWICK_INDEX_WEAVIATE_GRPC_PORT": str(self.server.grpc_port),
            "BAILIWICK_INDEX_WEAVIATE_OIDC_CLIENT_SECRET": SECRET,
            "BAILIWICK_INDEX_WEAVIATE_OIDC_SCOPE": "index",
            "BAILIWICK_HOME": str(self.certificate.key.parent / "home"),
            "SSL_CERT_FILE": str(self.certificate.certificate),
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(self.certificate.certificate),
            **changes,
        }
        return subprocess.run(
            [sys.executable, *arguments],
            env={name: value for name, value in environment.items() if value},
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.certificate.key.parent,
        )


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    if weaviate_server.binary() is None:
        servers.leave_out(weaviate_server.NONE_HERE)
    folder = tmp_path_factory.mktemp("secured")
    certificate = Certificate.made(folder)
    [port] = weaviate_server._free_ports(1)
    with issuing(certificate, SECRET) as issuer:
        settings = {
            "TLS_CERTIFICATE": str(certificate.certificate),
            "TLS_PRIVATE_KEY": str(certificate.key),
            "TLS_PORT": str(port),
            "TLS_HOST": "127.0.0.1",
            "GRPC_CERT_FILE": str(certificate.certificate),
            "GRPC_KEY_FILE": str(certificate.key),
            "SSL_CERT_FILE": str(certificate.certificate),
            "AUTHENTICATION_OIDC_ENABLED": "true",
            "AUTHENTICATION_OIDC_ISSUER": issuer.url,
            "AUTHENTICATION_OIDC_CLIENT_ID": CLIENT,
            "AUTHENTICATION_OIDC_USERNAME_CLAIM": "sub",
            "AUTHORIZATION_RBAC_ROOT_USERS": "root,indexer",
        }
        with weaviate_server.running(folder / "server", settings) as server:
            yield Secured(server, port, issuer, certificate)


def test_an_index_is_written_and_read(secured: Secured) -> None:
    done = secured.run("-c", WORK)
    assert (done.returncode, done.stdout.strip()) == (0, "10"), done.stderr
    assert secured.issuer.given


def test_a_token_that_ends_is_renewed(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secured.issuer, "seconds", 3)
    before = len(secured.issuer.given)
    patient = WORK.replace("found =", "import time; time.sleep(5)\nfound =")
    done = secured.run("-c", patient)
    assert (done.returncode, done.stdout.strip()) == (0, "10"), done.stderr
    assert len(secured.issuer.given) > before + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"BAILIWICK_INDEX_WEAVIATE_OIDC_CLIENT_SECRET": "wrong-33bb"},
        {"BAILIWICK_INDEX_WEAVIATE_OIDC_CLIENT_SECRET": ""},
        {"SSL_CERT_FILE": ""},
        {"BAILIWICK_INDEX_WEAVIATE_URL": "https://127.0.0.1:1"},
    ],
    ids=["wrong secret", "no secret", "unknown authority", "nobody there"],
)
def test_what_is_refused_is_one_line(secured: Secured, changes: dict[str, str]) -> None:
    done = secured.run("-m", "service", "index", "status", **changes)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("bailiwick: Weaviate, https://127.0.0.1:")
    assert done.stderr.count("\n") == 1
    assert "wrong-33bb" not in done.stderr


def test_no_secret_goes_to_whoever_stands_between(secured: Secured) -> None:
    elsewhere = {"BAILIWICK_INDEX_WEAVIATE_URL": "http://weaviate.example"}
    done = secured.run("-m", "service", "index", "status", **elsewhere)
    assert done.returncode == 1
    assert "OIDC needs https" in done.stderr
    assert SECRET not in done.stderr


def test_a_scope_that_nobody_names_is_asked_for(secured: Secured) -> None:
    done = secured.run("-m", "service", "index", "status", BAILIWICK_INDEX_WEAVIATE_OIDC_SCOPE="")
    assert done.returncode == 1
    assert "BAILIWICK_INDEX_WEAVIATE_OIDC_SCOPE" in done.stderr
    assert done.stderr.count("\n") == 1
