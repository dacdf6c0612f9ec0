"""What Saltmarsh Instruments keeps in Jira."""

from __future__ import annotations

from simulator.jira.state import JiraState
from simulator.world import World


def build(world: World) -> None:
    """Projects and issues."""
    state = JiraState.of(world)
    state.give_access(group="everyone")
