"""An empty catalog on each database, for as long as a measurement takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.database import Catalog
from tests import postgres


def available() -> tuple[str, ...]:
    """The databases that can be measured here."""
    return ("sqlite", "postgresql") if postgres.binaries() is not None else ("sqlite",)


@contextmanager
def emptied(name: str) -> Iterator[tuple[Catalog, str]]:
    """An empty catalog on the database of this name, and its URL."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bailiwick-bench-") as folder:
            url = f"sqlite:///{Path(folder) / 'catalog.db'}"
            with Catalog.open(url) as catalog:
                yield catalog, url
    else:
        with postgres.running() as url, Catalog.open(url) as catalog:
            yield catalog, url
