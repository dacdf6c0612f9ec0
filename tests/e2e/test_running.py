"""An installation runs as a service the way that docs/running.md writes it."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
from pathlib import Path

import dagster as dg
import pytest
import yaml
from sqlalchemy.engine import make_url

from access import Source, utc_now
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from catalog.staleness import belonging
from pipelines import home
from tests.e2e.emulated import emulated, environment
from tests.fixtures import ui
from tests.fixtures.company import without_sources

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text()
FOLDER = "/srv/bailiwick"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


def said(unit: str, name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", unit, re.M)
    return value


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """A checkout with an `.env`, and Dagster's home as a first sync makes it."""
    for each in ROOT.iterdir():
        if each.name not in {".bailiwick", ".env", ".git", "directory.yaml"}:
            (tmp_path / each.name).symlink_to(each)
    with emulated() as emulator:
        settings = environment(emulator, tmp_path / "emulated")
        del settings["DAGSTER_HOME"], settings["BAILIWICK_HOME"]
        (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
        monkeypatch.setenv(home.VARIABLE, "")
        home.use_home(tmp_path / ".bailiwick")
        yield tmp_path


@pytest.mark.slow
def test_the_services_run_as_they_are_written(installation):
    units, port, started = blocks("ini"), ui.free_port(), []
    assert len(units) == 2
    clean = without_sources()
    clean.pop("DAGSTER_DISABLE_TELEMETRY", None)
    try:
        for unit in units:
            assert said(unit, "WorkingDirectory") == FOLDER
            variables = dict(each.split("=") for each in said(unit, "Environment").split())
            command = said(unit, "ExecStart").replace("3000", str(port))
            started.append(
                subprocess.Popen(
                    shlex.split(command.replace(FOLDER, str(installation))),
                    cwd=installation,
                    env=clean
                    | {k: v.replace(FOLDER, str(installation)) for k, v in variables.items()},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        assert "github_containers" in ui.sensors(port, started[-1])
        assert ui.run(port, "github_memberships") == "SUCCESS", "the daemon takes it from the queue"
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(60)
    with Catalog.at(installation / ".bailiwick") as catalog, catalog.reading() as connection:
        told = belonging(connection, AccessPolicy(), utc_now())
    assert [each.source for each in told if each.oldest_group] == [Source.GITHUB]


def test_runs_may_be_kept_in_postgresql(tmp_path, monkeypatch, postgres_server):
    (block,) = blocks("yaml")
    settings = yaml.safe_load(block)
    url, inner = make_url(postgres_server), settings["storage"]["postgres"]["postgres_db"]
    assert inner["password"] == {"env": "DAGSTER_PG_PASSWORD"}
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", url.password or "none")
    # The test's server listens on a socket in a folder alone.
    inner |= {"username": url.username, "db_name": url.database, "params": dict(url.query)}
    written = (ROOT / "pipelines" / "dagster.yaml").read_text() + yaml.safe_dump(settings)
    (tmp_path / "dagster.yaml").write_text(written)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        instance.add_dynamic_partitions("containers", ["one"])
    assert not list(tmp_path.rglob("*.db"))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.get_dynamic_partitions("containers") == ["one"]
        assert not instance.telemetry_enabled
