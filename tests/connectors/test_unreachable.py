"""Where no sensible answer comes, it is said who was asked, and which setting names them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.github.connector import GitHubConnector
from connectors.github.settings import GitHubSettings
from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import SourceConnector, SourceUnavailable
from connectors.sharepoint.connector import SharePointConnector
from connectors.sharepoint.settings import SharePointSettings
from simulator.embedded import serve
from simulator.sharepoint.ids import TENANT
from tests.connectors.sharepoint.there import AUDIENCE, office
from tests.connectors.test_credential_files import SERVICE
from tests.fixtures.wire import Answer, serving


@pytest.fixture
def nobody() -> Iterator[str]:
    """A host and port of this machine where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # it does not listen
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def said(connector: SourceConnector) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        list(connector.containers())
    assert "sesame" not in str(caught.value)
    return str(caught.value)


def github(address: str) -> GitHubConnector:
    settings = GitHubSettings(
        _env_file=None, token="sesame", organisations="acme", api_url=address, attempts=2
    )
    return GitHubConnector(settings, sleep=lambda _: None)


def drive(address: str, **more: object) -> GoogleDriveConnector:
    credentials = {} if more else {"access_token": "sesame"}
    settings = GoogleDriveSettings(
        _env_file=None, api_root=address, attempts=2, **(credentials | more)
    )
    return GoogleDriveConnector(settings, sleep=lambda _: None)


def sharepoint(authority: str, graph: str) -> SharePointConnector:
    settings = SharePointSettings(
        _env_file=None,
        tenant=TENANT,
        client_id="sync",
        client_secret="s3cret",
        graph_audience=AUDIENCE,
        authority=authority,
        graph_root=graph,
        attempts=2,
    )
    return SharePointConnector(settings, sleep=lambda _: None)


def test_github_that_is_not_there(nobody: str) -> None:
    told = said(github(f"http://{nobody}/api/v3"))
    assert f"no answer from {nobody}, 2 times in a row. See that GITHUB_API_URL names" in told


def test_drive_that_is_not_there(nobody: str) -> None:
    told = said(drive(f"http://{nobody}"))
    assert f"no answer from {nobody}, 2 times in a row. See that GOOGLE_DRIVE_API_ROOT" in told


def test_a_directory_that_is_not_there(nobody: str) -> None:
    connector = drive(
        "http://x.example",
        access_token="sesame",
        directory=True,
        directory_api_root=f"http://{nobody}",
    )
    with pytest.raises(SourceUnavailable, match=f"{nobody}.*GOOGLE_DRIVE_DIRECTORY_API_ROOT"):
        list(connector.memberships())


def test_googles_token_server_that_is_not_there(nobody: str, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({**SERVICE, "token_uri": f"http://me:sesame@{nobody}/token"}))
    told = said(drive("http://x.example", service_account_file=path))
    assert f"the token server gives no answer from {nobody}, " in told
    assert "token_uri in the file of GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE" in told


def _account(tmp_path: Path, token_uri: str, **more: object) -> GoogleDriveConnector:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({**SERVICE, "token_uri": token_uri}))
    return drive("http://x.example", service_account_file=path, **more)


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"\xff\xfe", b"[]", b"7"])
def test_googles_token_server_that_is_somebody_else(tmp_path: Path, body: bytes) -> None:
    with serving(lambda asked: Answer(body=body)) as wire:
        told = said(_account(tmp_path, f"{wire.url}/token"))
    host = wire.url.removeprefix("http://")
    assert f"the token server gives an answer that can't be read from {host}, " in told
    assert "See that token_uri in the file of GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE names" in told


def test_googles_token_server_that_is_slow(tmp_path: Path) -> None:
    done = threading.Event()
    with serving(lambda asked: Answer(body={"late": done.wait(60)})) as wire:
        told = said(_account(tmp_path, f"{wire.url}/token", timeout=0.2))
        done.set()
    assert f"the token server gives no answer from {wire.url.removeprefix('http://')}, " in told


def test_googles_token_server_that_is_no_address(tmp_path: Path) -> None:
    told = said(_account(tmp_path, "http://me:sesame@[::1/token"))
    assert "See that token_uri in the file of GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE names" in told


def test_sharepoint_that_is_not_there(nobody: str) -> None:
    told = said(sharepoint(f"http://{nobody}", "https://graph.microsoft.com"))
    assert f"no answer from {nobody}, " in told
    assert "SHAREPOINT_AUTHORITY" in told


def test_graph_that_is_not_there(nobody: str) -> None:
    world, _, _ = office()
    with serve(world) as running:
        told = said(sharepoint(f"{running.url}/entra", f"http://{nobody}"))
    assert f"no answer from {nobody}, " in told
    assert "SHAREPOINT_GRAPH_ROOT" in told


def test_an_answer_of_somebody_else() -> None:
    """The host answers, and is not the API: a proxy's page, or a server with another name."""
    with serving(lambda asked: Answer(body=b"<html>welcome</html>")) as wire:
        host = wire.url.removeprefix("http://")
        assert f"can't be read from {host}" in said(github(wire.url))
        assert "GITHUB_API_URL" in said(github(wire.url))
        assert f"can't be read from {host}" in said(drive(wire.url))
