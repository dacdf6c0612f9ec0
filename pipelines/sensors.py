"""Sensors: new containers become partitions, and overdue ones get a run.

What is due is worked out afresh from the catalog at every tick, so a failed run is asked for
again and nothing hangs on a cursor that someone may reset. Those tried longest ago come first:
containers that always fail, however many, keep no other from its turn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import dagster as dg

from access import Source, utc_now
from catalog.staleness import Freshness, freshness
from connectors.interface import ConnectorError
from pipelines.due import sweep_interval
from pipelines.jobs import permissions_job, sync_job
from pipelines.partitions import containers_of, discovered, partition_keys
from pipelines.resources import WorkspaceResource
from workspace.errors import WorkspaceError
from workspace.workspace import Workspace

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
    """Ask a source for its containers; request a run for each that is overdue."""
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
        try:
            parts = workspace.parts
            found = discovered(parts, source)
        except (ConnectorError, WorkspaceError) as error:
            return dg.SkipReason(str(error))
        partitions = containers_of(source)
        known = partition_keys(context.instance, source)
        new = [each.id for each in found if each.id not in known]
        listed = {each.id for each in found}

        def due(each: Freshness, now: datetime) -> bool:
            return each.container in listed and _past(each.synced_at, SYNC_EVERY, now)

        return dg.SensorResult(
            dynamic_partitions_requests=[partitions.build_add_request(new)] if new else [],
            run_requests=_requests(
                context, parts, source, job.name, due, lambda each: each.attempted_at
            ),
        )

    return sensor


def permissions_sensor(source: Source) -> dg.SensorDefinition:
    """Request a sweep of permissions for each container that had none for long.

    A share that is taken back often changes nothing else, so no pass over documents need ever
    see it.
    """
    job = permissions_job(source)

    @dg.sensor(
        name=f"{source.value}_permissions",
        job=job,
        minimum_interval_seconds=300,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=f"Reads who may read what in {source.label}, well before that is too old.",
    )
    def sensor(
        context: dg.SensorEvaluationContext, workspace: WorkspaceResource
    ) -> dg.SensorResult | dg.SkipReason:
        try:
            parts = workspace.parts
            parts.connector(source)  # asks nothing: without credentials every run would fail
        except (ConnectorError, WorkspaceError) as error:
            return dg.SkipReason(str(error))
        known = partition_keys(context.instance, source)
        every = sweep_interval(parts.policy, source)

        def due(each: Freshness, now: datetime) -> bool:
            return each.container in known and _past(each.swept_at, every, now)

        return dg.SensorResult(
            run_requests=_requests(
                context, parts, source, job.name, due, lambda each: each.swept_at
            )
        )

    return sensor


def _requests(
    context: dg.SensorEvaluationContext,
    parts: Workspace,
    source: Source,
    job: str,
    due: Callable[[Freshness, datetime], bool],
    tried: Callable[[Freshness], datetime | None],
) -> list[dg.RunRequest]:
    """Runs of `job` for the containers that are due and not under way, longest untried first."""
    now = utc_now()
    with parts.catalog.reading() as connection:
        states = [each for each in freshness(connection, parts.policy, now) if due(each, now)]
    filters = dg.RunsFilter(job_name=job, statuses=_RUNNING)
    running = {run.tags.get("dagster/partition") for run in context.instance.get_runs(filters)}
    wanted = [each for each in states if each.source is source and each.container not in running]
    never = datetime.min.replace(tzinfo=now.tzinfo)
    wanted.sort(key=lambda each: tried(each) or never)
    return [
        dg.RunRequest(partition_key=each.container, tags={"source": source.value})
        for each in wanted[:MOST_RUNS]
    ]


def _past(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last > every
