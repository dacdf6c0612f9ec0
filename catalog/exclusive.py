"""Doing a thing alone, among all processes that share the catalog."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from catalog.database import Catalog


@contextmanager
def alone(catalog: Catalog, name: str) -> Iterator[None]:
    """Wait until nobody else is in a block of this name, and keep others out meanwhile.

    The lock is the database server's, or the operating system's beside an SQLite file, so a
    process that dies lets go of it at once.

    Args:
        catalog: whose processes wait for each other.
        name: what is done alone, such as a stage and a container.
    """
    digest = hashlib.sha256(name.encode()).digest()
    if catalog.engine.dialect.name == "postgresql":
        key = int.from_bytes(digest[:8], "big", signed=True)
        connection = catalog.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        with connection:
            connection.execute(select(func.pg_advisory_lock(key)))
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(key)))
        return
    database = Path(str(catalog.engine.url.database))
    folder = database.with_name(f"{database.name}.locks")
    folder.mkdir(exist_ok=True)
    file = os.open(folder / digest.hex()[:32], os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
