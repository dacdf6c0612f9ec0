"""What Dagster loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from access import Source
from connectors.registry import available_sources
from pipelines.definitions import defs

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).with_name("expected_assets.txt")


def listing(definitions: dg.Definitions) -> list[str]:
    """One line an asset: key, group, kinds, owners, what it depends on, partitions."""
    lines = []
    for spec in definitions.resolve_all_asset_specs():
        parts = (
            [spec.key.to_user_string()],
            [spec.group_name],
            spec.kinds,
            spec.owners,
            [each.asset_key.to_user_string() for each in spec.deps],
            [spec.partitions_def.name] if spec.partitions_def else [],
        )
        lines.append(" | ".join(",".join(sorted(part)) or "-" for part in parts))
    return sorted(lines)


def test_they_load():
    dg.Definitions.validate_loadable(defs())


def test_assets_are_those_listed():
    assert listing(defs()) == EXPECTED.read_text().splitlines()


@pytest.mark.parametrize("source", available_sources())
def test_every_source_has_its_jobs_sensor_schedule_and_checks(source: Source):
    repository = defs().get_repository_def()
    for name in ("sync", "memberships", "permissions", "checks"):
        job = repository.get_job(f"{source}_{name}")
        assert job.tags["source"] == source.value
    sync = {node.name for node in repository.get_job(f"{source}_sync").nodes}
    assets = {"documents", "chunks", "index"}
    assert sync == {f"{source}__{name}" for name in assets}, "no check over all containers"
    both = {node.name for node in repository.get_job(f"{source}_checks").nodes}
    checks = {"documents_stale_containers", "index_agrees_with_catalog"}
    assert both == {f"{source}__{name}" for name in checks}
    sensor = repository.get_sensor_def(f"{source}_containers")
    assert sensor.job_name == f"{source}_sync"
    sensor = repository.get_sensor_def(f"{source}_permissions")
    assert sensor.job_name == f"{source}_permissions"
    schedule = repository.get_schedule_def(f"{source}_checks")
    assert schedule.job_name == f"{source}_checks"
    schedule = repository.get_schedule_def(f"{source}_memberships_hourly")
    assert schedule.job_name == f"{source}_memberships"
    assert schedule.cron_schedule == "7 * * * *"
    checks = {
        each.to_user_string()
        for each in repository.asset_graph.asset_check_keys
        if each.asset_key.path[0] == source.value
    }
    documents = f"{source}/documents"
    assert checks == {
        f"{documents}:access_known",
        f"{documents}:every_part_read",
        f"{documents}:stale_containers",
        f"{source}/index:agrees_with_catalog",
    }


def test_the_access_check_blocks():
    graph = defs().get_repository_def().asset_graph
    for key in graph.asset_check_keys:
        spec = graph.get_check_spec(key)
        assert spec.blocking is (key.name == "access_known")


def run(*command: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
    }
    program = Path(sys.executable).with_name(command[0])
    return subprocess.run(
        [str(program), *command[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_workspace_file_loads(tmp_path):
    """The file that ``dg dev -w`` and ``dagster dev -w`` take, in a code server of its own."""
    done = run("dagster", "definitions", "validate", "-w", "workspace.yaml", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful for code location bailiwick" in done.stdout + done.stderr


def test_dg_finds_the_project(tmp_path):
    done = run("dg", "check", "defs", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_telemetry_is_off(tmp_path):
    (tmp_path / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert not instance.telemetry_enabled
