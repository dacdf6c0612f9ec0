"""How long things take: many times over, and told by percentiles."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles


def milliseconds(action: Callable[[], object], times: int) -> list[float]:
    """How long `action` takes, `times` over, in milliseconds of the wall clock."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


def processor_milliseconds(action: Callable[[], object], times: int, *others: int) -> float:
    """What `action` takes of a processor on average, other processes (by id) included.

    Unlike the wall clock this hardly depends on what else the machine does. Others are read
    from Linux's ``/proc`` (proc(5), fields 14 and 15 of ``stat``).
    """

    def used() -> float:
        ticks = 0
        for each in others:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    began = used()
    for _ in range(times):
        action()
    return round((used() - began) * 1e3 / times, 2)


def p50(taken: Sequence[float]) -> float:
    """The median, rounded to hundredths."""
    return round(sorted(taken)[len(taken) // 2], 2)


def p95(taken: Sequence[float]) -> float:
    """The time within which nineteen of twenty were done, rounded to hundredths."""
    return round(quantiles(taken, n=20, method="inclusive")[-1], 2)


def machine() -> dict[str, object]:
    """What this ran on, and how busy that was."""
    return {
        "cores": os.cpu_count() or 0,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
