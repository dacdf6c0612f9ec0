"""Jobs: what sensors, schedules and people start."""

from __future__ import annotations

from functools import cache

import dagster as dg

from access import Source
from pipelines.checks import INDEX_AGREES, STALE_CONTAINERS
from pipelines.keys import asset_key


@cache  # Dagster knows a job by its object: two of one name are a clash
def sync_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    """Documents, chunks and index of one container."""
    assets = [asset_key(source, name) for name in ("documents", "chunks", "index")]
    return dg.define_asset_job(
        f"{source.value}_sync",
        # Checks over all containers have a job of their own, or each container would run them.
        dg.AssetSelection.assets(*assets) - _checks(source),
        tags={"source": source.value},
        description=f"Sync one container of {source.label} to the index.",
    )


@cache
def memberships_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    """Groups of one source."""
    return dg.define_asset_job(
        f"{source.value}_memberships",
        dg.AssetSelection.assets(asset_key(source, "memberships")),
        tags={"source": source.value},
        description=f"Read who is in which group of {source.label}.",
    )


@cache
def checks_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    """Checks over all containers of one source."""
    return dg.define_asset_job(
        f"{source.value}_checks",
        _checks(source),
        tags={"source": source.value},
        description=f"Check all containers of {source.label}: freshness, and the index.",
    )


def _checks(source: Source) -> dg.AssetSelection:
    return dg.AssetSelection.checks(
        dg.AssetCheckKey(asset_key(source, "documents"), STALE_CONTAINERS),
        dg.AssetCheckKey(asset_key(source, "index"), INDEX_AGREES),
    )


@cache
def permissions_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    """Permissions of one container."""
    return dg.define_asset_job(
        f"{source.value}_permissions",
        dg.AssetSelection.assets(asset_key(source, "permissions")),
        tags={"source": source.value},
        description=f"Read who may read what in one container of {source.label}.",
    )


@cache
def reconcile_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    """One container against the source's listing."""
    return dg.define_asset_job(
        f"{source.value}_reconcile",
        dg.AssetSelection.assets(asset_key(source, "reconciled")),
        tags={"source": source.value},
        description=f"Compare one container with all that {source.label} lists.",
    )
