"""Placeholder."""

from __future__ import annotations

from simulator.world import World


def build(world: World) -> None:
    """Nothing yet."""
