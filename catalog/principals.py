"""Readers, each kept once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from access import Principal, PrincipalKind, Source
from catalog.storable import storable
from catalog.tables import principal
from catalog.upsert import batched, upsert


def find(connection: Connection, principals: Iterable[Principal]) -> dict[Principal, int]:
    """Row numbers of those `principals` that the catalog has met, with the names that it keeps."""
    wanted = sorted(set(principals))
    found: dict[Principal, int] = {}
    identity = tuple_(principal.c.source, principal.c.kind, principal.c.native_id)
    for run in batched(wanted):
        names = [(p.source.value, p.kind.value, p.id) for p in run]
        for row in connection.execute(select(principal).where(identity.in_(names))):
            found[of_row(row)] = row.id
    return found


def intern(connection: Connection, principals: Iterable[Principal]) -> dict[Principal, int]:
    """Row numbers of `principals`, adding those that are new, and the names that are told."""
    told = list(principals)
    wanted = sorted(set(told))
    found = find(connection, wanted)
    missing = [p for p in wanted if p not in found]
    if missing:
        rows = [{"source": p.source, "kind": p.kind, "native_id": p.id} for p in missing]
        upsert(connection, principal, rows, ("source", "kind", "native_id"))
        found.update(find(connection, missing))
    _name(connection, found, {p: storable(p.name) for p in told if p.name})
    return found


def of_row(row: Row[tuple[object, ...]]) -> Principal:
    """The principal that a row with source, kind, native_id and name describes."""
    return Principal(Source(row.source), PrincipalKind(row.kind), row.native_id, row.name)


def _name(
    connection: Connection, found: Mapping[Principal, int], names: Mapping[Principal, str]
) -> None:
    """Keep names that are new. Nothing that is decided rests on them, so no epoch moves."""
    kept = {p: p.name for p in found}
    rows = [
        {"number": found[p], "told": name} for p, name in sorted(names.items()) if kept[p] != name
    ]
    if rows:
        named = update(principal).where(principal.c.id == bindparam("number"))
        connection.execute(named.values(name=bindparam("told")), rows)
