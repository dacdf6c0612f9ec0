"""Readers, each kept once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Row, select, tuple_

from access import Principal, PrincipalKind, Source
from catalog.tables import principal
from catalog.upsert import batched, upsert


def find(connection: Connection, principals: Iterable[Principal]) -> dict[Principal, int]:
    """Row numbers of those `principals` that the catalog has met."""
    wanted = sorted(set(principals))
    found: dict[Principal, int] = {}
    identity = tuple_(principal.c.source, principal.c.kind, principal.c.native_id)
    for run in batched(wanted):
        names = [(p.source.value, p.kind.value, p.id) for p in run]
        for row in connection.execute(select(principal).where(identity.in_(names))):
            found[of_row(row)] = row.id
    return found


def intern(connection: Connection, principals: Iterable[Principal]) -> dict[Principal, int]:
    """Row numbers of `principals`, adding those that are new."""
    wanted = sorted(set(principals))
    found = find(connection, wanted)
    missing = [p for p in wanted if p not in found]
    if missing:
        rows = [{"source": p.source, "kind": p.kind, "native_id": p.id} for p in missing]
        upsert(connection, principal, rows, ("source", "kind", "native_id"))
        found.update(find(connection, missing))
    return found


def of_row(row: Row[tuple[object, ...]]) -> Principal:
    """The principal that a row with source, kind and native_id describes."""
    return Principal(Source(row.source), PrincipalKind(row.kind), row.native_id)
