"""A whole sync in a process of its own, for the test to kill."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from access import utc_now
from tests.sync.bench import Bench
from tests.sync.scripted import PDF, POISON, Script, Text, group, user

SIZE = 30


def script() -> Script:
    """The same source each time: two drives, a few files of their own readers, some poison."""
    script = Script(containers={"left": {}, "right": {}}, page_size=4)
    script.share("drive/left", group("staff"))
    script.share("drive/right", user("ada"))
    script.share("file/own", user("bob"))
    script.groups = {
        group("staff"): frozenset({user("ada"), group("core")}),
        group("core"): frozenset({user("bob")}),
    }
    for n in range(SIZE):
        topics = [f"subject{(n * 7 + part) % 50}" for part in range(n % 9)]
        body = "\n\n".join(f"# On {each}\n\nWhat {each} is all about." for each in topics)
        text = Text(f"Title {n}", body.encode())
        if n % 11 == 5:
            text = Text(f"Broken {n}", POISON, PDF, ("file/unknown",))
        elif n % 5 == 2:
            text = Text(f"Own {n}", body.encode(), shared=("container", "file/own"))
        script.put(f"d{n:02}", text, ("left", "right")[n % 2])
    return script


def run(folder: Path, at: int | None = None) -> None:
    """Sync all of it, as a process that starts after another was killed does.

    Args:
        folder: where it is kept; ``steps`` there says how many steps a whole run took.
        at: the step at which this process is killed.
    """
    steps = 0

    def step(name: str) -> None:
        nonlocal steps
        steps += 1
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)

    bench = Bench(script(), folder, clock=utc_now)
    bench.interfere(step)
    bench.meet("ada", "bob")
    bench.everything()
    bench.close()
    (folder / "steps").write_text(str(steps))
