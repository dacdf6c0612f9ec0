"""What a source is asked, and how much it answers: ``python -m benchmarks.connector_requests``.

One shared drive of Google's and one site of SharePoint's, each in the simulator and spoken to by
the real connector over HTTP. Bodies count as stored already, so that what is left is the cost of
knowing what changed and who may read it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from benchmarks import drive_requests, sharepoint_requests
from benchmarks.request_cases import Found
from benchmarks.timing import machine

_SOURCES: dict[str, Callable[[int], Found]] = {
    "google_drive": drive_requests.measured,
    "sharepoint": sharepoint_requests.measured,
}


def main() -> None:
    """Print a table for each source, and last one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="2,000 files instead of 100,000")
    parser.add_argument("--files", type=int, help="any other number")
    parser.add_argument("--source", choices=_SOURCES, help="one of them; both by default")
    given = parser.parse_args()
    files = given.files or (2_000 if given.quick else 100_000)
    found: dict[str, Found] = {}
    for name in [given.source] if given.source else _SOURCES:
        print(f"{name}: {files:,} files")
        each = found[name] = _SOURCES[name](files)
        print(
            f"beneath the folder: {each['files beneath the folder']:,} files,"
            f" {each['of them with permissions']:,} items with permissions of their own\n"
        )
    print(json.dumps({**found, **machine()}))


if __name__ == "__main__":
    main()
