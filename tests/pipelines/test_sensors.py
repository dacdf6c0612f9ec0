"""One tick of the sensor: which containers are new, and which are due."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from access import Source
from connectors.interface import AuthenticationFailed, SourceUnavailable
from pipelines.jobs import sync_job
from pipelines.resources import WorkspaceResource
from pipelines.sensors import MOST_RUNS, containers_sensor
from tests.pipelines.test_assets import materialize
from tests.sync.scripted import SOURCE

SENSOR = containers_sensor(SOURCE)
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
    instance.create_run_for_job(_empty, tags=tags, status=status)
    assert requested(tick(instance)) == (["main"] if due else [])


@dg.job
def _empty() -> None:
    pass


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
    assert "max_bytes" in result.skip_message


def test_the_requested_job_takes_the_partition(script, instance):
    key = requested(tick(instance))[0]
    instance.add_dynamic_partitions(SET, [key])
    from pipelines.definitions import defs

    result = (
        defs()
        .resolve_job_def(sync_job(SOURCE).name)
        .execute_in_process(instance=instance, partition_key=key)
    )
    assert result.success
    assert requested(tick(instance)) == []
