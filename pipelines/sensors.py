"""Sensors: new containers become partitions, and overdue ones get a run."""

from datetime import timedelta

import dagster as dg

from access import Source, utc_now
from catalog.staleness import freshness
from connectors.interface import ConnectorError
from pipelines.jobs import sync_job
from pipelines.partitions import containers_of
from pipelines.resources import WorkspaceResource
from sync.discovery import discover

SYNC_EVERY = timedelta(hours=1)
"""A container not looked at for this long gets a run."""
MOST_RUNS = 50
"""Runs requested by one tick; what is left is still overdue at the next."""
_RUNNING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def containers_sensor(source: Source) -> dg.SensorDefinition:
    """Ask a source for its containers; request a run for each that is overdue.

    What is due is worked out afresh from the catalog at every tick, so a failed run is asked
    for again and nothing hangs on a cursor that someone may reset.
    """
    job = sync_job(source)

    @dg.sensor(
        name=f"{source.value}_containers",
        job=job,
        minimum_interval_seconds=300,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=f"Finds containers of {source.label} and syncs those that are overdue.",
    )
    def sensor(
        context: dg.SensorEvaluationContext, workspace: WorkspaceResource
    ) -> dg.SensorResult | dg.SkipReason:
        parts = workspace.parts
        try:
            found = discover(parts.catalog, parts.connector(source))
        except ConnectorError as error:
            return dg.SkipReason(str(error))
        partitions = containers_of(source)
        known = set(context.instance.get_dynamic_partitions(str(partitions.name)))
        new = [each.id for each in found if each.id not in known]
        now = utc_now()
        with parts.catalog.reading() as connection:
            states = freshness(connection, parts.policy, now)
        running = {
            run.tags.get("dagster/partition")
            for run in context.instance.get_runs(
                dg.RunsFilter(tags={"source": source.value}, statuses=_RUNNING)
            )
        }
        listed = {each.id for each in found}
        overdue = [
            each.container
            for each in states
            if each.source is source
            and each.container in listed
            and each.container not in running
            and (each.synced_at is None or now - each.synced_at > SYNC_EVERY)
        ]
        return dg.SensorResult(
            dynamic_partitions_requests=[partitions.build_add_request(new)] if new else [],
            run_requests=[
                dg.RunRequest(partition_key=key, tags={"source": source.value})
                for key in overdue[:MOST_RUNS]
            ],
        )

    return sensor
