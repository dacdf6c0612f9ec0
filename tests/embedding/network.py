"""Runs Python in a child where touching the network is noted and refused."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_HIDDEN = {"CI", "TF_BUILD", "JENKINS_URL", "DO_NOT_TRACK", "UNSTRUCTURED_DISABLE_NOTICE"}

# Attempts go to stderr at once: some telemetry talks from a child process of its own.
_GUARD = """
import os, socket
def refuse(*args, **kwargs):
    os.write(2, b"NETWORK %s\\n" % repr(args).encode())
    raise OSError("no network in this test")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.gethostbyname = refuse
"""


@dataclass(frozen=True)
class Outcome:
    returncode: int
    stdout: str
    stderr: str

    @property
    def touched_network(self):
        return "NETWORK" in self.stderr


def run_without_network(code: str, home: Path) -> Outcome:
    """Run `code` with an empty home folder and none of the switches that turn telemetry off."""
    kept = {k: v for k, v in os.environ.items() if k not in _HIDDEN}
    done = subprocess.run(
        [sys.executable, "-c", _GUARD + code],
        cwd=ROOT,
        env={**kept, "HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
