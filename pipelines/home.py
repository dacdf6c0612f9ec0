"""Where Dagster keeps its runs, when nobody says."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "DAGSTER_HOME"
_SETTINGS = """\
# Made by Bailiwick; yours to change.
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 2
    granularity: op
"""


def use_home(home: Path) -> None:
    """Set ``DAGSTER_HOME``, unless it is set, to ``dagster`` in `home`, made if absent.

    Without a settings file of its own there Dagster would report usage to its makers.
    """
    if os.environ.get(VARIABLE):
        return
    folder = (home / "dagster").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text(_SETTINGS)
    os.environ[VARIABLE] = str(folder)
