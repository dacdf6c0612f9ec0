"""A few threads that fetch ahead, in order and within bounds."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from itertools import count
from threading import Condition
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def in_order(
    pool: ThreadPoolExecutor,
    ahead: int,
    work: Callable[[A], B],
    items: Iterable[A],
    *,
    weigh: Callable[[B], int] = lambda _: 0,
    most: int = 1,
) -> Generator[B]:
    """`work` of each item, in the items' order, with at most `ahead` of them under way or waiting.

    The threads go on while the caller is busy with what it was given. The first error is raised
    in its turn, be it of the work or of `items`; work that has not begun when other work fails
    never begins, unless it comes before. Close it: threads may wait for what is done to be taken.

    Args:
        pool: does the work; nobody else gives it any meanwhile.
        ahead: items taken before the first of them is given.
        work: done in the pool's threads.
        items: taken in the caller's thread.
        weigh: what a result weighs, in bytes.
        most: no work begins while the results that wait weigh this or more, but for the work
            whose turn it is.
    """
    scale = _Scale(most)
    numbers = count()

    def weighed(number: int, item: A) -> B:
        scale.wait(number)
        try:
            done = work(item)
        except BaseException:
            scale.stop(number)
            raise
        scale.put(weigh(done))
        return done

    def given(future: Future[B]) -> B:
        done = future.result()
        scale.take(weigh(done))
        return done

    waiting: deque[Future[B]] = deque()
    source = iter(items)
    try:
        while True:
            while len(waiting) < ahead:
                try:
                    item = next(source)
                except StopIteration:
                    break
                except Exception:
                    # What came before it has its turn first: it is progress, and may be saved.
                    while waiting:
                        yield given(waiting.popleft())
                    raise
                waiting.append(pool.submit(weighed, next(numbers), item))
            if not waiting:
                return
            yield given(waiting.popleft())
    finally:
        scale.stop(-1)
        for future in waiting:
            future.cancel()


class _Scale:
    """Holds work up while too much of it is done and not taken.

    Never the work whose turn it is: for that everybody waits, and what is held is later.
    """

    def __init__(self, most: int):
        self._most = most
        self._weight = 0
        self._turn = 0
        self._last: float = math.inf
        self._changed = Condition()

    def wait(self, number: int) -> None:
        """Wait until the work of this number may begin.

        Raises:
            CancelledError: nobody wants it any more.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: number > self._last or self._weight < self._most or self._turn == number
            )
            if number > self._last:
                raise CancelledError

    def put(self, weight: int) -> None:
        """A result waits to be taken."""
        with self._changed:
            self._weight += weight

    def take(self, weight: int) -> None:
        """The result whose turn it was is taken."""
        with self._changed:
            self._weight -= weight
            self._turn += 1
            self._changed.notify_all()

    def stop(self, number: float) -> None:
        """Let nothing begin that comes after the work of this number."""
        with self._changed:
            self._last = min(self._last, number)
            self._changed.notify_all()
