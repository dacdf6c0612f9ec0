"""How near a first sync comes to what latency allows: ``python -m benchmarks.connector_speed``.

A shared drive of small texts in a simulator of its own process, which adds 50 ms to each answer.
The whole path runs: listing, permissions, bodies, content store, catalog (SQLite), comparison
with the listing. Ideal is what the same requests would take if every one of the configured
threads were always waiting for an answer, or what the budget allows if that is longer.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from benchmarks.drive_requests import metered
from benchmarks.drive_server import drive_server
from benchmarks.timing import machine
from catalog.content import ContentStore
from catalog.database import Catalog
from connectors.google_drive.connector import GoogleDriveConnector
from sync.documents import sync_documents

_LATENCY = 0.05


def measured(files: int) -> dict[str, object]:
    """Requests, seconds, and the ratio to the ideal."""
    with (
        tempfile.TemporaryDirectory() as name,
        drive_server(Path(name), files, small=True, latency=_LATENCY) as settings,
    ):
        home = Path(name)
        connector = GoogleDriveConnector(settings, budgets=home / "budgets")
        catalog = Catalog.at(home)
        content = ContentStore(str(home / "content"))
        (container,) = connector.containers()
        with metered() as meter:
            began = time.monotonic()
            report = sync_documents(catalog, content, connector, container)
            seconds = time.monotonic() - began
        catalog.close()
    requests = meter.requests.total()
    ideal = max(
        requests * _LATENCY / settings.concurrency,
        (requests - settings.burst) / settings.rate,
    )
    assert report.upserted == files
    return {
        "files": files,
        "requests": requests,
        "by_kind": dict(meter.requests),
        "latency_ms": _LATENCY * 1000,
        "concurrency": settings.concurrency,
        "rate": settings.rate,
        "ideal_seconds": round(ideal, 1),
        "seconds": round(seconds, 1),
        "ratio": round(seconds / ideal, 3),
    }


def main() -> None:
    """Print the figures, and last one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="1,000 files instead of 5,000")
    parser.add_argument("--files", type=int, help="any other number")
    given = parser.parse_args()
    found = measured(given.files or (1_000 if given.quick else 5_000))
    print(
        f"{found['files']:,} files, {found['requests']:,} requests of {found['latency_ms']:.0f} ms"
        f" over {found['concurrency']} threads: ideal {found['ideal_seconds']} s,"
        f" measured {found['seconds']} s, ratio {found['ratio']}"
    )
    print(json.dumps({**found, **machine()}))


if __name__ == "__main__":
    main()
