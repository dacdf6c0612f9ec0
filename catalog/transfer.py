"""Copying a whole catalog to another database: from SQLite to PostgreSQL, or back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Connection,
    Table,
    func,
    insert,
    select,
    text,
    type_coerce,
    update,
)

from catalog import epoch
from catalog.database import Catalog
from catalog.errors import CatalogNotCopied
from catalog.tables import counter, metadata

_AT_ONCE = 1_000


def copy(source: Catalog, target: Catalog) -> Mapping[str, int]:
    """Copy every table of `source` into the empty `target`; gives rows by table.

    One transaction reads and one writes: killed anywhere, the target is as empty as before and
    the copy can be asked for again. Row numbers stay, so an index stays valid, and those given
    out in the source are never given again in the target. Syncs should be stopped meanwhile:
    what is written to the source after the copy began is not in the target.

    Raises:
        CatalogNotCopied: the target is not empty, or holds other counts than the source.
    """
    with source.reading() as old, target.writing() as new:
        epoch.hold(new)
        filled = [
            table.name
            for table in metadata.sorted_tables
            if table is not counter and new.execute(select(1).select_from(table).limit(1)).first()
        ]
        if filled:
            raise CatalogNotCopied(f"the target is not empty: it has rows in {', '.join(filled)}")
        counts = {}
        for table in metadata.sorted_tables:
            if table is not counter:
                counts[table.name] = _table(old, new, table)
                _go_on_counting(old, new, table)
        if new.dialect.name == "postgresql":
            # Until autovacuum comes by, who may read what would be planned for empty tables.
            for name in counts:
                new.execute(text(f"ANALYZE {new.dialect.identifier_preparer.quote(name)}"))
        # Beyond both: no cache that was built on either catalog may pass for current.
        beyond = max(epoch.current(old), epoch.current(new)) + 1
        new.execute(update(counter).values(value=beyond))
        for name, count in counts.items():
            found = new.execute(select(func.count()).select_from(metadata.tables[name])).scalar()
            if found != count:
                raise CatalogNotCopied(f"{name} holds {found} rows after copying {count}")
    return counts


def _table(old: Connection, new: Connection, table: Table) -> int:
    copied = 0
    rows = old.execution_options(yield_per=_AT_ONCE).execute(
        select(table).order_by(*table.primary_key)
    )
    for run in rows.mappings().partitions():
        new.execute(insert(table), [dict(row) for row in run])
        copied += len(run)
    expected = old.execute(select(func.count()).select_from(table)).scalar_one()
    if copied != expected:
        raise CatalogNotCopied(f"{table.name}: {copied} of {expected} rows could be read")
    return copied


def _go_on_counting(old: Connection, new: Connection, table: Table) -> None:
    """Let the target give row numbers beyond any that the source ever gave."""
    if table.autoincrement_column is None:
        return
    last = max(_last(old, table), _last(new, table))
    if new.dialect.name == "postgresql":
        if last:
            sequence = func.pg_get_serial_sequence(table.name, "id")
            new.execute(select(func.setval(sequence, last)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        new.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        new.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"),
            {"name": table.name, "last": last},
        )


def _last(connection: Connection, table: Table) -> int:
    highest = connection.execute(select(func.max(type_coerce(table.c.id, BigInteger)))).scalar()
    if connection.dialect.name == "postgresql":
        name = connection.execute(
            select(func.pg_get_serial_sequence(table.name, "id"))
        ).scalar_one()
        given = connection.execute(
            text(
                "SELECT last_value FROM pg_sequences"
                " WHERE schemaname || '.' || sequencename = :name"
            ),
            {"name": name},
        ).scalar()
    else:
        given = connection.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        ).scalar()
    return max(int(highest or 0), int(given or 0))
