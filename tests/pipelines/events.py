"""Everything that a Dagster instance keeps, as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster_shared.serdes import serialize_value


def of_instance(instance: dg.DagsterInstance) -> str:
    """Every event of every run."""
    return "\n".join(
        serialize_value(entry)
        for run in instance.get_runs()
        for entry in instance.all_logs(run.run_id)
    )


def of_home(home: Path) -> Iterator[str]:
    """Every row of every database, and every other file (captured output, for one)."""
    for path in sorted(home.rglob("*")):
        if path.suffix == ".db":
            with sqlite3.connect(path) as link:
                tables = link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for (table,) in tables.fetchall():
                    yield from (str(row) for row in link.execute(f'SELECT * FROM "{table}"'))
        elif path.is_file() and path.suffix not in {".db-wal", ".db-shm"}:
            yield path.read_text(errors="replace")
