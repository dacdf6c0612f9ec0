"""What a first sync of many files keeps in memory: ``python -m benchmarks.connector_memory``.

One shared drive of generated files in a simulator of its own process; this process syncs it by
the real path into an SQLite catalog: listing, permissions, documents, and the comparison with a
second listing. Bodies are left out as larger than the limit (0 bytes are allowed), since fetching
them says nothing of what grows with the number of files. Peak RSS is the kernel's own figure for
this process.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.drive_server import drive_server
from benchmarks.timing import machine
from catalog.content import ContentStore
from catalog.database import Catalog
from connectors.google_drive.connector import GoogleDriveConnector
from sync.documents import sync_documents

_LIMIT = 400
"""MB that a first sync may take."""


def _peak() -> float:
    """Megabytes (10^6 bytes) of this process at their highest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measured(files: int) -> dict[str, object]:
    """Peak memory before and after a first sync, and what it stored."""
    with (
        tempfile.TemporaryDirectory() as name,
        drive_server(Path(name), files) as settings,
    ):
        home = Path(name)
        wide = settings.model_copy(update={"max_bytes": -1, "page_size": 1000, "rate": 1e6})
        connector = GoogleDriveConnector(wide)
        catalog = Catalog.at(home)
        (container,) = connector.containers()
        before = _peak()
        began = time.monotonic()
        report = sync_documents(catalog, ContentStore(str(home / "content")), connector, container)
        seconds = time.monotonic() - began
        catalog.close()
    assert report.total == files
    assert report.unknown == 0
    return {
        "files": files,
        "stored": report.total,
        "clauses": report.clauses,
        "seconds": round(seconds, 1),
        "peak_mb_before": round(before, 1),
        "peak_mb": round(_peak(), 1),
        "bytes_a_file": round((_peak() - before) * 1e6 / files),
        "limit_mb": _LIMIT,
    }


def main() -> None:
    """Print the figures, and last one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="20,000 files instead of 1,000,000")
    parser.add_argument("--files", type=int, help="any other number")
    given = parser.parse_args()
    found = measured(given.files or (20_000 if given.quick else 1_000_000))
    print(
        f"{found['stored']:,} files stored in {found['seconds']} s: peak {found['peak_mb']} MB,"
        f" {found['peak_mb_before']} MB of it before the first request; allowed: {_LIMIT} MB"
    )
    print(json.dumps({**found, **machine()}))


if __name__ == "__main__":
    main()
