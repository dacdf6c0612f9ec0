"""SIGKILL at any moment of the real sync through Dagster: run again, it ends the same."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.emulated import emulated, environment, materialize
from tests.sync.bench import catalog_dump, index_dump
from workspace.settings import WorkspaceSettings
from workspace.workspace import Workspace

KILLS = 10
IN_A_ROW = 2
"""The run after a kill is killed too, before one may end: it begins on what both left behind."""


def dumped(home: Path) -> tuple[object, object]:
    with Workspace(WorkspaceSettings(_env_file=None, home=home)) as workspace:
        return catalog_dump(workspace), index_dump(workspace)


def killed(settings: dict[str, str], after: float) -> bool:
    """Start it, and kill it after so many seconds; whether it was still there to be killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.materialize"],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() == -9


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_killed_at_any_moment_and_run_again(tmp_path):
    with emulated() as emulator:
        settings = environment(emulator, tmp_path / "whole")
        began = time.monotonic()
        done = materialize(settings)
        duration = time.monotonic() - began
        assert done.returncode == 0, done.stdout + done.stderr
        wanted = dumped(tmp_path / "whole")
        assert len(wanted[0]["documents"]) == len(wanted[1]) == 26
        chance = random.Random(4)
        landed = homes = 0
        while landed < KILLS:
            homes += 1
            assert homes <= 3 * KILLS, "hardly a kill came before the end"
            home = tmp_path / f"killed-{homes}"
            settings = environment(emulator, home)
            for _ in range(IN_A_ROW):
                landed += killed(settings, duration * chance.uniform(0.2, 1.0))
            done = materialize(settings)
            assert done.returncode == 0, done.stdout + done.stderr
            assert dumped(home) == wanted, f"in home {homes}"
            shutil.rmtree(home)
