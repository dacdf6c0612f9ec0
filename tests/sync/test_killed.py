"""SIGKILL at ten moments of a sync: the next one ends where an undisturbed one does."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import signal
from pathlib import Path

import pytest

from access import utc_now
from tests.sync import killed
from tests.sync.bench import Bench, catalog_dump, index_dump

MOMENTS = 10


def ended(folder: Path, at: int | None = None) -> int:
    """How a process ends that syncs; it kills itself at step `at`."""
    context = multiprocessing.get_context("forkserver")  # its children start within the sync
    context.set_forkserver_preload(["tests.sync.killed"])
    process = context.Process(target=killed.run, args=(folder, at))
    process.start()
    process.join(240)
    return process.exitcode


def dumped(folder: Path) -> tuple[object, object]:
    bench = Bench(killed.script(), folder, clock=utc_now)
    try:
        return catalog_dump(bench), index_dump(bench)
    finally:
        bench.close()


@pytest.mark.slow
def test_killed_anywhere_and_run_again(tmp_path):
    whole = tmp_path / "whole"
    assert ended(whole) == 0
    wanted = dumped(whole)
    assert len(wanted[0]["documents"]) == len(wanted[1]) == killed.SIZE
    steps = int((whole / "steps").read_text())
    assert steps > 10 * MOMENTS
    for at in sorted(random.Random(4).sample(range(1, steps + 1), MOMENTS)):
        folder = tmp_path / f"killed-{at}"
        assert ended(folder, at) == -signal.SIGKILL
        assert ended(folder) == 0
        assert dumped(folder) == wanted, f"killed at step {at} of {steps}"
        shutil.rmtree(folder)
