"""The event loop behind the synchronous face of Microsoft's asynchronous SDK."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """Runs coroutines on one event loop, in one thread, from any number of others.

    The thread begins with the first coroutine, and ends when this object is no longer used.
    """

    def __init__(self, close: Callable[[], Awaitable[None]]):
        """Prepare, without a thread.

        Args:
            close: awaited on the loop before it ends, to close what was opened there.
        """
        self._lock = threading.Lock()
        self._close = close
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives, or raises."""
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                loop = self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_forever, args=(loop, self._close), name="sharepoint-loop", daemon=True
                ).start()
                # The thread must not hold this object, or neither would ever end.
                weakref.finalize(self, loop.call_soon_threadsafe, loop.stop)
            return self._loop


def _forever(loop: asyncio.AbstractEventLoop, close: Callable[[], Awaitable[None]]) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(_awaited(close))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _awaited(close: Callable[[], Awaitable[None]]) -> None:
    await close()
    await asyncio.sleep(0)  # what was closed is let go of in the loop's next round
