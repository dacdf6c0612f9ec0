"""What Saltmarsh Instruments keeps in SharePoint."""

from __future__ import annotations

from simulator.world import World


def build(world: World) -> None:
    """Sites, libraries, pages and lists."""
