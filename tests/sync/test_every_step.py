"""A change that dies at each step in turn and is then taken back leaves no trace."""

from __future__ import annotations

import pytest

from tests.sync.bench import Bench, catalog_dump, index_dump
from tests.sync.scripted import Script, Text, user

CHANGES = {
    "shared anew": lambda script: script.edit("d0", shared=("file/d0",)),
    "deleted": lambda script: script.delete("d0"),
    "deleted in silence": lambda script: script.delete("d0", told=False),
    "edited": lambda script: script.edit("d0", body=b"Other words altogether."),
    "moved": lambda script: script.put("d0", script.find("d0")[1], "other"),
}


class Killed(BaseException):
    """No handler of the product may catch it, as none could a SIGKILL."""


@pytest.mark.parametrize("change", CHANGES)
def test_no_step_leaves_a_trace(tmp_path, change):
    names = ("main", "other") if change == "moved" else ("main",)
    script = Script(containers={name: {} for name in names})
    for key in ("drive/main", "drive/other", "file/d0"):
        script.share(key, user(key.partition("/")[2]))
    for n in range(2):
        script.put(f"d{n}", Text(f"Title {n}", b"Some words."))
    bench = Bench(script, tmp_path)
    bench.everything()
    wanted = catalog_dump(bench), index_dump(bench)
    _, text = script.find("d0")
    for at in range(1000):
        CHANGES[change](script)
        steps = iter(range(at))

        def die(call: str, steps=steps) -> None:
            if next(steps, None) is None:
                raise Killed

        bench.interfere(die)
        try:
            bench.everything()
        except Killed:
            done = False
        else:
            done = True
        bench.interfere(lambda call: None)
        script.put("d0", text)
        bench.everything()
        assert (catalog_dump(bench), index_dump(bench)) == wanted, f"killed at step {at}"
        if done:
            assert at > 20
            break
    bench.close()
