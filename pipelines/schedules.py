"""Schedules: what must be read whole, whether or not anything says that it changed."""

from __future__ import annotations

import dagster as dg

from access import Source
from pipelines.jobs import memberships_job


def memberships_schedule(source: Source) -> dg.ScheduleDefinition:
    """Groups every hour: a group change touches no document, so nothing else would notice."""
    return dg.ScheduleDefinition(
        name=f"{source.value}_memberships_hourly",
        job=memberships_job(source),
        cron_schedule="7 * * * *",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Reads the groups of {source.label} every hour.",
    )
