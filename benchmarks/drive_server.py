"""A Google Drive with one shared drive, served by a process of its own.

As a program it serves until its standard input ends, and says first, on one line of JSON, where.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.drive_requests import drive_of, settings_for
from connectors.google_drive.settings import GoogleDriveSettings
from simulator.embedded import serve
from simulator.google.objects import FOLDER
from simulator.google.state import GoogleState
from simulator.world import World

_LEAVES = 40


@contextmanager
def drive_server(
    folder: Path, files: int, *, small: bool = False, latency: float = 0.0
) -> Iterator[GoogleDriveSettings]:
    """Settings that reach a drive with so many files, until the block ends.

    Args:
        folder: where the service account's key goes.
        files: how many.
        small: texts of some bytes, each made beforehand; else computed ones of every kind.
        latency: seconds that each answer waits for its first byte.
    """
    command = [sys.executable, "-m", "benchmarks.drive_server", str(folder), str(files)]
    command += ["--small"] if small else []
    command += ["--latency", str(latency)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield GoogleDriveSettings(_env_file=None, timeout=300, **told)
        finally:
            process.stdin.close()


def _small(world: World, files: int) -> None:
    state = GoogleState.of(world)
    ann = world.directory.add_person(id="ann", name="Ann")
    state.make_admin(person=ann)
    drive = state.create_drive(name="Works", organizer=ann)
    parent = drive
    for n in range(files):
        if n % _LEAVES == 0:
            parent = state.create(name=f"folder {n}", owner=ann, mime=FOLDER, parent=drive)
        text = f"Line {n} of the log."
        state.create(name=f"{n}.txt", owner=ann, mime="text/plain", parent=parent, text=text)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=int)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--latency", type=float, default=0.0)
    given = parser.parse_args()
    world = World(7)
    if given.small:
        _small(world, given.files)
    else:
        drive_of(world, given.files)
    admin = next(iter(GoogleState.of(world).admins))
    with serve(world) as running:
        settings = settings_for(running, given.folder)
        if given.latency:
            world.faults.add("slow_first_byte", seconds=given.latency, times=None)
        told = {
            "api_root": settings.api_root,
            "service_account_file": str(settings.service_account_file),
            "subject": world.directory.person(admin).email,
        }
        print(json.dumps(told), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
