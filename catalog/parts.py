"""The parts that a container is listed in, each known by a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, literal, select

from catalog import looks
from catalog.tables import document, part
from catalog.upsert import batched, upsert


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
