"""SIGKILL at ten moments of a sync: the next one ends where an undisturbed one does."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from pathlib import Path

import pytest

from access import utc_now
from tests.sync import killed
from tests.sync.bench import Bench, catalog_dump, index_dump

MOMENTS = 10


def started(folder: Path):
    context = multiprocessing.get_context("forkserver")  # its children start within the sync
    context.set_forkserver_preload(["tests.sync.killed"])
    process = context.Process(target=killed.run, args=(folder,))
    process.start()
    return process


def finished(folder: Path) -> float:
    began = time.monotonic()
    process = started(folder)
    process.join(120)
    assert process.exitcode == 0
    return time.monotonic() - began


def dumped(folder: Path) -> tuple[object, object]:
    bench = Bench(killed.script(), folder, clock=utc_now)
    try:
        return catalog_dump(bench), index_dump(bench)
    finally:
        bench.close()


@pytest.mark.slow
def test_killed_anywhere_and_run_again(tmp_path):
    finished(tmp_path / "warm")
    duration = finished(tmp_path / "whole")
    wanted = dumped(tmp_path / "whole")
    assert len(wanted[0]["documents"]) == len(wanted[1]) == killed.SIZE
    chance = random.Random(4)
    deaths = 0
    for moment in range(MOMENTS):
        folder = tmp_path / f"killed-{moment}"
        process = started(folder)
        process.join(duration * (moment + chance.random()) / MOMENTS)
        process.kill()
        process.join()
        deaths += process.exitcode == -9
        finished(folder)
        assert dumped(folder) == wanted, f"killed at moment {moment}"
        shutil.rmtree(folder)
    assert deaths >= MOMENTS // 2
