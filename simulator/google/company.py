"""What Saltmarsh Instruments keeps in Google Drive."""

from __future__ import annotations

from simulator.google.state import GoogleState
from simulator.world import World


def build(world: World) -> None:
    """Shared drives and My Drives."""
    state = GoogleState.of(world)
    drive = state.create_drive(name="Company", organizer="orla", at="2023-02-01T09:00:00Z")
    state.add_drive_member(drive=drive, subject="everyone", type="group", role="reader")
    state.create(name="Travel policy 2026", owner="orla", parent=drive, text="# Travel policy\n")
