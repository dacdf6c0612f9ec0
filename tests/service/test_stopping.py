"""A demo that is told to stop leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARENT = """
import sys
from service.demo import _until_stopped
sys.exit(_until_stopped([sys.executable, "-c", sys.argv[1]]))
"""
CHILD = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(grandchild.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("begun", ["by hand", "in the background"])
def test_what_was_started_ends_with_it(told: signal.Signals, begun: str) -> None:
    """A script's background ignores SIGINT, and so would what is begun there."""
    inherited = signal.default_int_handler if begun == "by hand" else signal.SIG_IGN
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, inherited),
    )
    assert process.stdout
    grandchild = int(process.stdout.readline())
    process.send_signal(told)
    assert process.wait(30) != 0
    process.stdout.close()
    deadline = time.monotonic() + 10
    while _alive(grandchild):
        assert time.monotonic() < deadline, "a process was left behind"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
