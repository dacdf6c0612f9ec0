"""Schedules: what must be read whole, whether or not anything says that it changed."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from access import Source
from pipelines.jobs import checks_job, memberships_job, reconcile_job
from pipelines.partitions import partition_keys


def memberships_schedule(source: Source) -> dg.ScheduleDefinition:
    """Groups every hour: a group change touches no document, so nothing else would notice."""
    return dg.ScheduleDefinition(
        name=f"{source.value}_memberships_hourly",
        job=memberships_job(source),
        cron_schedule="7 * * * *",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Reads the groups of {source.label} every hour.",
    )


def checks_schedule(source: Source) -> dg.ScheduleDefinition:
    """Checks over all containers four times a day: they read the catalog and index as a whole."""
    return dg.ScheduleDefinition(
        name=f"{source.value}_checks",
        job=checks_job(source),
        cron_schedule="37 */6 * * *",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Checks that no container of {source.label} is stale or lost to the index.",
    )


def reconcile_schedule(source: Source) -> dg.ScheduleDefinition:
    """Every container every night: a change log promises much, and a listing proves it."""

    @dg.schedule(
        name=f"{source.value}_reconcile_nightly",
        job=reconcile_job(source),
        cron_schedule="41 2 * * *",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Compares every container of {source.label} with its listing every night.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        for key in sorted(partition_keys(context.instance, source)):
            yield dg.RunRequest(partition_key=key, tags={"source": source.value})

    return schedule
