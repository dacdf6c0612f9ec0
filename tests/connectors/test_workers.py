"""Fetching ahead: in order, while the caller is busy, and within bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.workers import in_order


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 4), st.integers(1, 20))
def test_any_weights_come_in_order_and_nothing_hangs(
    weights: list[int], threads: int, ahead: int
) -> None:
    with ThreadPoolExecutor(threads) as pool:
        done = in_order(pool, ahead, lambda w: w, weights, weigh=lambda w: w, most=32)
        assert list(done) == weights


def test_threads_go_on_while_the_caller_is_busy() -> None:
    begun: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, 10, begun.append, range(100))
        next(results)
        deadline = time.monotonic() + 10
        while len(begun) < 10 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(begun) == 10
        results.close()  # type: ignore[attr-defined]
    assert len(begun) == 10


def test_no_more_is_held_than_allowed() -> None:
    """What is done and not yet taken weighs at most the bound, and one piece for each thread."""
    held = peak = 0
    lock = threading.Lock()

    def work(_: int) -> int:
        nonlocal held, peak
        with lock:
            held += 10
            peak = max(peak, held)
        return 10

    with ThreadPoolExecutor(4) as pool:
        for each in in_order(pool, 64, work, range(200), weigh=lambda w: w, most=30):
            time.sleep(0.0005)
            with lock:
                held -= each
    assert peak <= 30 + 4 * 10 + 10


def test_nothing_begins_after_work_that_failed() -> None:
    begun: list[int] = []

    def work(n: int) -> int:
        begun.append(n)
        if n == 10:
            raise OSError("down")
        if n == 0:
            time.sleep(0.3)  # the caller waits for this one, while the others would go on
        return n

    with ThreadPoolExecutor(2) as pool, pytest.raises(OSError, match="down"):
        told = []
        for each in in_order(pool, 50, work, range(50)):
            told.append(each)
    assert told == list(range(10))
    assert max(begun) <= 11


def test_an_error_of_the_items_waits_for_what_came_before() -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise OSError("the listing broke")

    told = []
    with ThreadPoolExecutor(2) as pool, pytest.raises(OSError, match="the listing broke"):
        for each in in_order(pool, 50, lambda n: n, items()):
            told.append(each)
    assert told == [0, 1, 2, 3, 4]
