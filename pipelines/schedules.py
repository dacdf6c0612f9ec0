"""Schedules: what must be read whole, whether or not anything says that it changed."""

from __future__ import annotations

import dagster as dg

from access import Source
from pipelines.jobs import checks_job, memberships_job


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
