"""The demo has nothing to do with the installation in whose folder it is started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from access import Source, utc_now
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from catalog.staleness import belonging
from service.cli import bailiwick
from tests.fixtures import ui
from tests.fixtures.installation import installation

ROOT = Path(__file__).parents[2]


@pytest.fixture
def vendors():
    """A server that stands for the real vendors: its address, and what it was asked for."""
    asked: list[str] = []

    class Asked(BaseHTTPRequestHandler):
        def handle(self) -> None:
            asked.append(str(self.client_address))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_a_run_in_the_ui_reads_the_simulator_alone(tmp_path, vendors):
    """Of an `.env` Dagster has every line count more than the environment."""
    address, asked = vendors
    installation(tmp_path / "theirs", address)
    port = ui.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "dev", "--home", "../demo", "--port", str(port)],
        cwd=tmp_path / "theirs",
        env=os.environ | {"PYTHONPATH": str(ROOT), "GITHUB_API_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert "github_containers" in ui.sensors(port, process)
        assert ui.run(port, "github_memberships") == "SUCCESS"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    with Catalog.at(tmp_path / "demo") as catalog, catalog.reading() as connection:
        told = belonging(connection, AccessPolicy(), utc_now())
    assert [each.source for each in told if each.oldest_group] == [Source.GITHUB]
    assert asked == []
    assert [each.name for each in (tmp_path / "theirs").iterdir()] == [".env"]


@pytest.mark.parametrize("command", ["demo", "dev"])
def test_a_home_of_an_installation_is_refused(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    installation(tmp_path, "http://127.0.0.1:1")
    done = CliRunner().invoke(bailiwick, [command, "--home", "."])
    assert done.exit_code == 1
    assert f"use what {tmp_path}/.env says: name another folder in --home" in done.output
    (tmp_path / ".env").unlink()
    Catalog.at(tmp_path).close()
    done = CliRunner().invoke(bailiwick, [command, "--home", "."])
    assert done.exit_code == 1
    assert f"{tmp_path} has a catalog that no demo made" in done.output
    assert [each.name for each in tmp_path.iterdir()] == ["catalog.db"]
