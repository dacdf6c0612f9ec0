"""The code location: everything that Dagster loads, built when it asks."""

from __future__ import annotations

import dagster as dg

from connectors.registry import available_sources
from pipelines.assets import source_assets
from pipelines.checks import index_agrees, stale_containers
from pipelines.jobs import (
    checks_job,
    memberships_job,
    permissions_job,
    reconcile_job,
    sync_job,
)
from pipelines.resources import WorkspaceResource
from pipelines.schedules import checks_schedule, memberships_schedule, reconcile_schedule
from pipelines.sensors import containers_sensor, permissions_sensor


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, checks, jobs, sensors and schedules of every source that has a connector."""
    sources = available_sources()
    return dg.Definitions(
        assets=[asset for source in sources for asset in source_assets(source)],
        asset_checks=[
            check
            for source in sources
            for check in (stale_containers(source), index_agrees(source))
        ],
        jobs=[
            job
            for source in sources
            for job in (
                sync_job(source),
                memberships_job(source),
                permissions_job(source),
                checks_job(source),
                reconcile_job(source),
            )
        ],
        sensors=[
            sensor
            for source in sources
            for sensor in (containers_sensor(source), permissions_sensor(source))
        ],
        schedules=[
            schedule
            for source in sources
            for schedule in (
                memberships_schedule(source),
                checks_schedule(source),
                reconcile_schedule(source),
            )
        ],
        resources={"workspace": WorkspaceResource()},
    )
