"""What Saltmarsh Instruments keeps in Confluence."""

from __future__ import annotations

from simulator.world import World


def build(world: World) -> None:
    """Spaces and pages."""
