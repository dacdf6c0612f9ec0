"""The simulator inside a test: a server in a background thread on a free loopback port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvicorn

from simulator.server import (
    Application,
    ConnectionLost,
    Receive,
    Scope,
    Send,
    create_app,
    hush,
)
from simulator.world import World


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up."""

    world: World
    url: str
    """``http://127.0.0.1:<port>``; a vendor's API is below its prefix."""
    _server: _Server

    def show(self, world: World) -> Running:
        """The same server with another world, from now on."""
        self._server.shown = create_app(world)
        return replace(self, world=world)

    def token(self, person: str) -> str:
        """The token of a person, good at every vendor."""
        return self.world.token_of(person)

    def service(self, vendor: str) -> str:
        """The token that sees everything of one vendor."""
        return f"service-{vendor}"


class _Server:
    """A server in a thread of its own, which shows one world after the other."""

    def __init__(self, seconds: float):
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(512)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.shown: Application | None = None
        self._seconds = seconds
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            log_level="error",
            access_log=False,
            lifespan="off",
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        hush()
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._listening]},
            name="simulator",
            daemon=True,
        )
        self._thread.start()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.shown is None:
            raise ConnectionLost  # asked after its world's end
        await self.shown(scope, receive, send)

    def wait(self) -> None:
        """Until it is up.

        Raises:
            TimeoutError: it was not in time.
        """
        deadline = time.monotonic() + self._seconds
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TimeoutError("the simulator did not start")
            time.sleep(0.005)

    def close(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(timeout=self._seconds)
        self._listening.close()


_kept: list[_Server] = []
"""Servers that show nothing now."""


@contextmanager
def serve(world: World, *, seconds: float = 10.0, keep: bool = False) -> Iterator[Running]:
    """Serve `world` until the block ends. Verbs may be called from the block's own thread.

    Args:
        world: what is served.
        seconds: how long the server may take to start, and to end.
        keep: use a server that an earlier block kept, if there is one, and keep it afterwards:
            starting and ending one takes a fifth of a second. The next world has its address.

    Raises:
        TimeoutError: the server was not up within `seconds`.
    """
    server = _kept.pop() if keep and _kept else _Server(seconds)
    try:
        server.wait()
        server.shown = create_app(world)
        yield Running(world, server.url, server)
    finally:
        server.shown = None
        if keep:
            _kept.append(server)
        else:
            server.close()
