"""Dagster's home is the same however it came to be."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest

from pipelines.home import VARIABLE, use_home
from workspace.errors import SettingsInvalid

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    """Whatever is set here is gone afterwards."""
    monkeypatch.setenv(VARIABLE, "")


def test_a_home_of_our_own_has_the_projects_settings(tmp_path):
    use_home(tmp_path)
    home = Path(os.environ[VARIABLE])
    assert home == tmp_path / "dagster"
    assert (home / "dagster.yaml").read_bytes() == (ROOT / "dagster.yaml").read_bytes()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert not instance.telemetry_enabled
        assert instance.run_retries_enabled
        assert instance.run_monitoring_enabled
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 4
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 2


def test_settings_that_are_there_stay(tmp_path):
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    use_home(tmp_path)
    assert len((tmp_path / "dagster" / "dagster.yaml").read_text().splitlines()) == 1


@pytest.mark.parametrize("theirs", ["relative", "/nowhere/at/all", __file__])
def test_a_home_that_is_none_is_refused(tmp_path, monkeypatch, theirs):
    monkeypatch.setenv(VARIABLE, theirs)
    with pytest.raises(SettingsInvalid, match="is not the absolute path of a folder"):
        use_home(tmp_path / "ours")


def test_a_home_that_is_set_is_used(tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "theirs"))
    use_home(tmp_path / "ours")
    assert [each.name for each in tmp_path.rglob("*")] == ["theirs"]
