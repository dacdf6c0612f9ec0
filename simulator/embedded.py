"""The simulator inside a test: a server in a background thread on a free loopback port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from simulator.server import create_app, hush
from simulator.world import World


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up."""

    world: World
    url: str
    """``http://127.0.0.1:<port>``; a vendor's API is below its prefix."""

    def token(self, person: str) -> str:
        """The token of a person, good at every vendor."""
        return self.world.token_of(person)

    def service(self, vendor: str) -> str:
        """The token that sees everything of one vendor."""
        return f"service-{vendor}"


@contextmanager
def serve(world: World, *, seconds: float = 10.0) -> Iterator[Running]:
    """Serve `world` until the block ends. Verbs may be called from the block's own thread.

    Raises:
        TimeoutError: the server was not up within `seconds`.
    """
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    config = uvicorn.Config(
        create_app(world),
        log_level="error",
        access_log=False,
        lifespan="off",
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    hush()
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="simulator", daemon=True
    )
    thread.start()
    try:
        deadline = time.monotonic() + seconds
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise TimeoutError("the simulator did not start")
            time.sleep(0.005)
        yield Running(world, f"http://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(timeout=seconds)
        listening.close()
