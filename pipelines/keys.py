"""The names that a source's assets have in Dagster."""

from __future__ import annotations

import dagster as dg

from access import Source


def asset_key(source: Source, name: str) -> dg.AssetKey:
    """The key of one of a source's assets, such as ``documents``."""
    return dg.AssetKey([source.value, name])
