"""One tick of the sensor: which containers are new, and which are due."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from access import Source, utc_now
from catalog import containers
from catalog.content import ContentStore
from catalog.database import Catalog
from connectors.interface import AuthenticationFailed, SourceUnavailable
from pipelines.definitions import defs
from pipelines.jobs import permissions_job, sync_job
from pipelines.resources import WorkspaceResource
from pipelines.sensors import MOST_RUNS, containers_sensor, permissions_sensor
from sync.documents import sync_documents
from tests.pipelines.test_assets import materialize
from tests.sync.scripted import SOURCE, ScriptedConnector
from workspace.workspace import Workspace

SENSOR = containers_sensor(SOURCE)
PERMISSIONS = permissions_sensor(SOURCE)
SET = f"{SOURCE}_containers"


def tick(instance: dg.DagsterInstance, sensor: dg.SensorDefinition = SENSOR):
    resources = {"workspace": WorkspaceResource()}
    with dg.build_sensor_context(instance=instance, resources=resources) as context:
        return sensor(context)


def requested(result: dg.SensorResult) -> list[str]:
    return [each.partition_key for each in result.run_requests]


def test_a_new_container_becomes_a_partition_and_gets_a_run(script, instance):
    script.containers["other"] = {}
    result = tick(instance)
    (added,) = result.dynamic_partitions_requests
    assert added.partitions_def_name == SET
    assert sorted(added.partition_keys) == ["main", "other"]
    assert sorted(requested(result)) == ["main", "other"]
    assert {each.tags["source"] for each in result.run_requests} == {SOURCE.value}


def test_a_known_container_is_not_added_again(script, instance, partitions):
    script.containers["other"] = {}
    (added,) = tick(instance).dynamic_partitions_requests
    assert added.partition_keys == ["other"]
    instance.add_dynamic_partitions(SET, ["other"])
    assert tick(instance).dynamic_partitions_requests == []


def test_one_just_synced_is_left_alone(script, instance, partitions):
    materialize(instance, "documents")
    assert requested(tick(instance)) == []


def test_one_synced_long_ago_is_due(script, instance, partitions, monkeypatch):
    materialize(instance, "documents")
    monkeypatch.setattr("pipelines.sensors.SYNC_EVERY", timedelta(0))
    assert requested(tick(instance)) == ["main"]


@pytest.mark.parametrize(
    ("status", "due"),
    [
        (dg.DagsterRunStatus.NOT_STARTED, False),
        (dg.DagsterRunStatus.STARTED, False),
        (dg.DagsterRunStatus.CANCELING, False),
        (dg.DagsterRunStatus.FAILURE, True),
        (dg.DagsterRunStatus.SUCCESS, True),
    ],
)
def test_one_under_way_is_skipped(script, instance, partitions, status, due):
    tags = {"source": SOURCE.value, "dagster/partition": "main"}
    instance.create_run_for_job(_named(sync_job(SOURCE).name), tags=tags, status=status)
    assert requested(tick(instance)) == (["main"] if due else [])


def test_a_run_of_another_job_is_no_sync(script, instance, partitions):
    tags = {"source": SOURCE.value, "dagster/partition": "main"}
    job = _named(permissions_job(SOURCE).name)
    instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)
    assert requested(tick(instance)) == ["main"]
    assert requested(tick(instance, PERMISSIONS)) == []


def _named(name: str) -> dg.JobDefinition:
    @dg.job(name=name)
    def empty() -> None:
        pass

    return empty


def test_containers_that_always_fail_keep_no_other_from_its_turn(script, instance, tmp_path):
    failing = {f"bad{n:02}": {} for n in range(MOST_RUNS + 5)}
    script.containers = {**failing, "main": script.containers["main"]}
    instance.add_dynamic_partitions(SET, list(script.containers))

    def fail(call: str) -> None:
        if call == "changes":
            raise AuthenticationFailed(SOURCE, "no", "Do this.", 403)

    tick(instance)
    assert materialize(instance, "documents").success
    script.before = fail
    with Catalog.at(tmp_path / "home") as opened:
        connector = ScriptedConnector(script, utc_now)
        for each in connector.containers():
            if each.id in failing:
                with pytest.raises(AuthenticationFailed):
                    sync_documents(opened, ContentStore(str(tmp_path / "c")), connector, each)
        with opened.writing() as connection:
            number = containers.number(connection, SOURCE, "main")
            long_ago = utc_now() - timedelta(hours=5)
            containers.mark_attempted(connection, number, long_ago)
            containers.mark_synced(connection, number, long_ago)
    wanted = requested(tick(instance))
    assert wanted[0] == "main"
    assert len(wanted) == MOST_RUNS


@pytest.mark.parametrize("sensor", [SENSOR, PERMISSIONS])
def test_settings_of_another_source_that_do_not_fit_change_nothing(
    script, instance, partitions, clean, sensor
):
    clean.setenv("GITHUB_MAX_BYTES", "many")
    with Workspace() as workspace:
        assert "GITHUB_MAX_BYTES" in workspace.sources()[Source.GITHUB]
    tick(instance)
    assert requested(tick(instance, sensor)) == ["main"]


@pytest.mark.parametrize("sensor", [SENSOR, PERMISSIONS])
def test_a_workspace_that_does_not_fit_is_one_line(script, instance, clean, sensor):
    clean.setenv("BAILIWICK_CANONICAL", "somewhere")
    result = tick(instance, sensor)
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message.startswith("BAILIWICK_CANONICAL: ")


def test_permissions_are_swept_oldest_first_and_within_their_age(script, instance, tmp_path):
    script.containers = {f"c{n:03}": {} for n in range(MOST_RUNS + 5)}
    assert requested(tick(instance, PERMISSIONS)) == [], "no partition, so no run"
    tick(instance)
    instance.add_dynamic_partitions(SET, list(script.containers))
    first = requested(tick(instance, PERMISSIONS))
    assert len(first) == MOST_RUNS
    assert materialize(instance, "permissions", partition=first[0]).success
    second = requested(tick(instance, PERMISSIONS))
    assert first[0] not in second
    with Catalog.at(tmp_path / "home") as opened, opened.writing() as connection:
        for n, name in enumerate(sorted(script.containers)):
            number = containers.number(connection, SOURCE, name)
            ago = timedelta(hours=7) if n == 3 else timedelta(hours=5)
            containers.mark_swept(connection, number, utc_now() - ago)
    assert requested(tick(instance, PERMISSIONS)) == ["c003"]


def test_the_permissions_job_takes_the_partition(script, instance):
    tick(instance)
    instance.add_dynamic_partitions(SET, ["main"])
    job = defs().resolve_job_def(permissions_job(SOURCE).name)
    (request,) = tick(instance, PERMISSIONS).run_requests
    assert request.tags["source"] == SOURCE.value
    assert job.execute_in_process(instance=instance, partition_key=request.partition_key).success
    assert requested(tick(instance, PERMISSIONS)) == []


def test_one_tick_requests_a_bounded_number_of_runs(script, instance):
    script.containers = {f"c{n:03}": {} for n in range(MOST_RUNS + 5)}
    assert len(requested(tick(instance))) == MOST_RUNS


def test_a_container_that_is_no_longer_listed_is_not_synced(script, instance, partitions):
    tick(instance)
    script.containers = {"fresh": {}}
    assert requested(tick(instance)) == ["fresh"]


def test_a_source_that_is_not_configured_is_skipped(script, instance):
    result = tick(instance, containers_sensor(Source.GITHUB))
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "github: not configured. Set it up."


@pytest.mark.parametrize("kind", [AuthenticationFailed, SourceUnavailable])
def test_a_source_that_refuses_is_skipped_with_one_line(script, instance, kind):
    def refuse(call: str) -> None:
        raise kind(SOURCE, "no", "Do this.", 401)

    script.before = refuse
    result = tick(instance)
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "google_drive: HTTP 401: no. Do this."


def test_settings_that_do_not_fit_are_skipped_with_one_line(clean, instance):
    clean.setenv("GOOGLE_DRIVE_MAX_BYTES", "many")
    result = tick(instance)
    assert isinstance(result, dg.SkipReason)
    assert "\n" not in result.skip_message
    assert "GOOGLE_DRIVE_MAX_BYTES" in result.skip_message


def test_the_requested_job_takes_the_partition(script, instance):
    key = requested(tick(instance))[0]
    instance.add_dynamic_partitions(SET, [key])
    result = (
        defs()
        .resolve_job_def(sync_job(SOURCE).name)
        .execute_in_process(instance=instance, partition_key=key)
    )
    assert result.success
    assert requested(tick(instance)) == []
