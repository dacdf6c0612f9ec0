"""A Dagster instance and a workspace of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import dagster as dg
import pytest

from access import utc_now
from connectors.interface import NotConfigured
from tests.fixtures.company import without_sources
from tests.sync.scripted import SOURCE, Script, ScriptedConnector, Text, user
from workspace.workspace import Workspace


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def clean(monkeypatch, tmp_path):
    """An environment that configures nothing, in an empty folder."""
    wanted = without_sources()
    for name in set(os.environ) - set(wanted):
        monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture
def script(clean) -> Script:
    """A scripted source in the place of Google Drive; nothing else is configured."""
    script = Script()
    script.share("drive/main", user("ada"))
    for n in range(4):
        script.put(f"d{n}", Text(f"Secret title {n}", f"Secret body {n}.".encode()))

    def connector(self: Workspace, source):
        if source is SOURCE:
            return ScriptedConnector(script, utc_now)
        raise NotConfigured(source, "not configured", "Set it up.")

    clean.setattr(Workspace, "connector", connector)
    return script


@pytest.fixture
def partitions(instance) -> str:
    """The one container of the script, known to the instance."""
    instance.add_dynamic_partitions(f"{SOURCE}_containers", ["main"])
    return "main"
