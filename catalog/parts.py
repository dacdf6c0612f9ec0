"""The parts that a container is listed in, each known by a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    literal,
    not_,
    select,
    update,
)

from catalog import epoch, looks
from catalog.tables import document, part
from catalog.upsert import batched, upsert

_AT_ONCE = 20
"""Parts that one sweep removes: with each the database looks through all documents once more."""
_EMPTIED = and_(
    document.c.removed_at.is_not(None),
    looks.PURGED,
    # A look that left it removed has told its part, which must not be older than the look.
    func.coalesce(document.c.looked_at, document.c.removed_at) <= document.c.removed_at,
)


@dataclass(frozen=True, slots=True)
class Within:
    """In which parts of a container some documents are."""

    container_id: int
    """Row number of the container."""
    parts: Mapping[str, str]
    """Name of the part by the document's native id; those that are in none are left out."""


def names(connection: Connection, container_id: int) -> dict[int, str]:
    """Every part that a document of the container was ever said to be in, by row number."""
    rows = connection.execute(
        select(part.c.id, part.c.name).where(part.c.container_id == container_id)
    )
    return {row.id: row.name for row in rows}


def intern(connection: Connection, container_id: int, wanted: Iterable[str]) -> dict[str, int]:
    """Row numbers of parts by name, made where there is none yet; the empty name has none."""
    missing = {each for each in wanted if each}
    if not missing:
        return {}
    known = {name: number for number, name in names(connection, container_id).items()}
    if missing <= known.keys():
        return known
    rows = [{"container_id": container_id, "name": each} for each in sorted(missing - known.keys())]
    for run in batched(rows):
        upsert(connection, part, run, ("container_id", "name"))
    return {name: number for number, name in names(connection, container_id).items()}


def of_documents(connection: Connection, within: Within | None) -> dict[str, int]:
    """Row numbers of parts by native id of a document."""
    if within is None:
        return {}
    numbers = intern(connection, within.container_id, within.parts.values())
    return {name: numbers[each] for name, each in within.parts.items() if each}


def unless_elsewhere(
    within: Within, part_id: int, looked: ColumnElement[Any], now: datetime
) -> ColumnElement[Any]:
    """A part's row number for documents of its container; others keep theirs.

    So do those that a later look than `looked` has shown: they may have moved since.
    """
    later = looks.unless_looked_since("part_id", literal(part_id), looked, now)
    here = document.c.container_id == within.container_id
    return case((here, later), else_=document.c.part_id)


def sweep(connection: Connection) -> int:
    """Remove parts that no document needs, the oldest of them; gives how many.

    A document that was removed needs its part for as long as its text is kept: it may come back
    without being read. A cursor that doubts a part names it, and needs no row: where there is
    none, nothing of the part is stored. Safe beside writers: it holds their place, and a writer
    makes a part and what is in it in one transaction.
    """
    epoch.hold(connection)
    needed = select(document.c.part_id).where(document.c.part_id.is_not(None), not_(_EMPTIED))
    used = set(connection.execute(needed.distinct()).scalars())
    every = connection.execute(select(part.c.id).order_by(part.c.id)).scalars()
    loose = [each for each in every if each not in used][:_AT_ONCE]
    if loose:
        within = document.c.part_id.in_(loose)
        connection.execute(update(document).where(within).values(part_id=None))
        connection.execute(delete(part).where(part.c.id.in_(loose)))
    return len(loose)
