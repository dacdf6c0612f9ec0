"""How long things take: many times over, and told by percentiles."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from statistics import quantiles


def milliseconds(action: Callable[[], object], times: int) -> list[float]:
    """How long `action` takes, `times` over, in milliseconds of the wall clock."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


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
