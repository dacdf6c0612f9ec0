"""``python -m simulator --port 8900 --seed 7 --scale 300``."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

import uvicorn

from simulator.server import create_app, hush
from simulator.world import World


def main() -> None:
    """Run the simulator until interrupted."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--scale", type=int, default=300, help="documents; above 300 generated")
    parser.add_argument("--world", type=Path, help="load this file if it is there, save on exit")
    parser.add_argument("--bad-day", type=float, default=0.0, help="share of calls that fail")
    given = parser.parse_args()
    if given.world is not None and given.world.exists():
        world = World.load(given.world, ticking=True)
    else:
        world = World.company(given.seed, scale=given.scale, ticking=True)
    if given.bad_day:
        world.faults.bad_day(given.bad_day)
    app = create_app(world)
    hush()
    # uvicorn hands a signal on once it has shut down; by then the world is to be saved.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.run(
            app,
            host=given.host,
            port=given.port,
            log_level="warning",
            access_log=False,
            lifespan="off",
            date_header=False,
            server_header=False,
        )
    except KeyboardInterrupt:
        pass
    finally:
        if given.world is not None:
            world.save(given.world)


if __name__ == "__main__":
    main()
