"""INSERT that makes way for a row that is already there, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

BATCH = 500
"""Rows in one statement: well below either database's limit on bound values."""


def batched(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """`items` in runs of at most `size`."""
    iterator = iter(items)
    while run := tuple(islice(iterator, size)):
        yield run


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[str],
    update: Sequence[str] = (),
    derive: Callable[[Any], Mapping[str, Any]] | None = None,
) -> None:
    """Insert `rows`; where `keys` exist already, set the `update` columns or leave them be.

    Args:
        connection: a writing connection.
        table: where to.
        rows: all with the same columns.
        keys: the columns of a unique constraint.
        update: columns to overwrite on conflict; none leaves the old row as it is.
        derive: from the row that was to be inserted, more columns and what to set them to.
    """
    if not rows:
        return
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    if update:
        changes = {name: statement.excluded[name] for name in update}
        changes |= derive(statement.excluded) if derive else {}
        statement = statement.on_conflict_do_update(index_elements=list(keys), set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(keys))
    connection.execute(statement, list(rows))
