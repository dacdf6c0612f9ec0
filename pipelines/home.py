"""Where Dagster keeps its runs, when nobody says."""

from __future__ import annotations

import os
from pathlib import Path

from workspace.errors import SettingsInvalid

VARIABLE = "DAGSTER_HOME"
_SETTINGS = Path(__file__).with_name("dagster.yaml")
"""The instance's settings; in a checkout `dagster.yaml` leads here too, where Dagster looks."""


def use_home(home: Path) -> None:
    """Set ``DAGSTER_HOME``, unless it is set, to ``dagster`` in `home`, made if absent.

    Without a settings file of its own there Dagster would report usage to its makers, and run as
    many syncs at once as it is asked for. One that is there stays as it is.

    Raises:
        SettingsInvalid: the folder can't be made or written, or the one that is set is none.
    """
    if theirs := os.environ.get(VARIABLE):
        if not (Path(theirs).is_absolute() and Path(theirs).is_dir()):
            raise SettingsInvalid(
                f"{VARIABLE}: {theirs} is not the absolute path of a folder; make it, with a copy"
                f" of {_SETTINGS}, or leave the variable out"
            )
        return
    folder = (home / "dagster").resolve()
    settings = folder / "dagster.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not settings.exists():
            settings.write_bytes(_SETTINGS.read_bytes())
    except OSError as error:
        raise SettingsInvalid(
            f"the folder {folder} can't be made or written ({error.strerror}); see that this"
            " account may, or name another in BAILIWICK_HOME"
        ) from None
    os.environ[VARIABLE] = str(folder)
