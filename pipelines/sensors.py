"""Sensors: new containers become partitions, and overdue ones get a run, or a sweep."""

from datetime import timedelta

import dagster as dg

from access import Source, utc_now
from catalog.staleness import freshness
from connectors.interface import ConnectorError
from pipelines.due import overdue_permissions
from pipelines.jobs import permissions_job, sync_job
from pipelines.partitions import containers_of
from pipelines.resources import WorkspaceResource
from sync.discovery import discover

SYNC_EVERY = timedelta(hours=1)
"""A container not looked at for this long gets a run."""
MOST_RUNS = 50
"""Runs of one job requested by one tick; what is left is still overdue at the next."""
_RUNNING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def containers_sensor(source: Source) -> dg.SensorDefinition:
    """Ask a source for its containers; request a run for each that is overdue.

    A container whose permission knowledge grows old gets a sweep of its permissions.

    What is due is worked out afresh from the catalog at every tick, so a failed run is asked
    for again and nothing hangs on a cursor that someone may reset.
    """
    job, permissions = sync_job(source), permissions_job(source)

    @dg.sensor(
        name=f"{source.value}_containers",
        jobs=[job, permissions],
        minimum_interval_seconds=300,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=f"Finds containers of {source.label} and syncs those that are overdue.",
    )
    def sensor(
        context: dg.SensorEvaluationContext, workspace: WorkspaceResource
    ) -> dg.SensorResult | dg.SkipReason:
        parts = workspace.parts
        if source not in parts.sources():
            return dg.SkipReason(f"{source.label} is not configured")
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
        unconfirmed = [
            key
            for key in overdue_permissions(states, source, parts.policy, now)
            if key in listed and key not in running
        ]
        return dg.SensorResult(
            dynamic_partitions_requests=[partitions.build_add_request(new)] if new else [],
            run_requests=[
                dg.RunRequest(partition_key=key, job_name=name, tags={"source": source.value})
                for name, keys in ((permissions.name, unconfirmed), (job.name, overdue))
                for key in keys[:MOST_RUNS]
            ],
        )

    return sensor
