"""A few threads that fetch ahead, in order and within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def in_order(
    pool: ThreadPoolExecutor, ahead: int, work: Callable[[A], B], items: Iterable[A]
) -> Iterator[B]:
    """`work` of each item, in the items' order, with at most `ahead` of them under way or waiting.

    The first error is raised in its turn; what has not begun by then never begins.
    """
    waiting: deque[Future[B]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
