"""Clauses and the scopes made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, tuple_

from access import CLOCK_SKEW, Clause, Clock, Grant, Principal, Source, utc_now
from catalog import epoch, principals
from catalog.tables import clause, clause_grant, document, principal, scope, scope_clause
from catalog.upsert import batched, upsert

ClauseKey = tuple[Source, str]


def store(
    connection: Connection, clauses: Iterable[Clause], clock: Clock = utc_now
) -> dict[ClauseKey, int]:
    """Write clauses as they are now, and give their row numbers.

    A clause older than the one stored is left out: a slow writer must not undo a revocation.
    One stored with a date in the future gives way to any: a wrong clock must not either.
    The access epoch moves if and only if somebody may be admitted, or refused, who was not.
    """
    epoch.hold(connection)
    newest: dict[ClauseKey, Clause] = {}
    for each in clauses:
        key = (each.source, each.key)
        if key not in newest or newest[key].synced_at <= each.synced_at:
            newest[key] = each
    found: dict[ClauseKey, int] = {}
    changed = False
    latest = clock() + CLOCK_SKEW
    for run in batched(sorted(newest)):
        before = {(row.source, row.key) for row in _rows(connection, run)}
        fresh = [_values(newest[key]) for key in run if key not in before]
        upsert(connection, clause, fresh, ("source", "key"))
        rows = {(Source(row.source), row.key): row for row in _rows(connection, run)}
        found.update({key: row.id for key, row in rows.items()})
        grants = _grants(connection, [row.id for row in rows.values()])
        confirmed = []
        renamed: list[Principal] = []
        for key in run:
            row, new = rows[key], newest[key]
            if new.synced_at < row.synced_at <= latest:
                continue
            old = grants.get(row.id, frozenset()) if row.known else None
            if row.synced_at != new.synced_at or row.known != new.known:
                confirmed.append(_values(new))
                changed |= abs(new.synced_at - row.synced_at) >= epoch.CONFIRMED_AGAIN
            wanted = None if new.grants is None else _longest(new.grants)
            if old != wanted:
                _replace_grants(connection, row.id, wanted or frozenset())
                changed = True
            elif _renamed(old, new.grants):
                renamed += [grant.principal for grant in new.grants or ()]
        principals.intern(connection, renamed)  # at once: a group may be named in every clause
        upsert(connection, clause, confirmed, ("source", "key"), ("known", "reason", "synced_at"))
    if changed:
        epoch.bump(connection)
    return found


def intern_scopes(
    connection: Connection, sets: Iterable[frozenset[int]]
) -> dict[frozenset[int], int]:
    """The numbers of the scopes that are exactly these sets of clauses; new ones are made.

    Raises:
        ValueError: a set is empty; nothing must ever be guarded by no clause.
    """
    epoch.hold(connection)
    signatures = {",".join(map(str, sorted(each))): each for each in sets}
    if "" in signatures:
        raise ValueError("a scope needs a clause")
    found = _scope_numbers(connection, signatures)
    made = sorted(signatures.keys() - found.keys())
    if not made:
        return {signatures[name]: number for name, number in found.items()}
    upsert(connection, scope, [{"signature": each} for each in made], ("signature",))
    fresh = _scope_numbers(connection, made)
    rows = [
        {"scope_id": number, "clause_id": each, "size": len(signatures[name])}
        for name, number in sorted(fresh.items())
        for each in sorted(signatures[name])
    ]
    upsert(connection, scope_clause, rows, ("scope_id", "clause_id"))
    epoch.bump(connection)
    return {signatures[name]: number for name, number in (found | fresh).items()}


def _scope_numbers(connection: Connection, signatures: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for run in batched(sorted(signatures)):
        rows = connection.execute(
            select(scope.c.signature, scope.c.id).where(scope.c.signature.in_(run))
        )
        found.update((row.signature, row.id) for row in rows)
    return found


def of_scope(connection: Connection, scope_id: int) -> list[Clause]:
    """The clauses of a scope with their grants, in order of their keys."""
    rows = connection.execute(
        select(clause)
        .join(scope_clause, scope_clause.c.clause_id == clause.c.id)
        .where(scope_clause.c.scope_id == scope_id)
        .order_by(clause.c.source, clause.c.key)
    ).all()
    grants = _grants(connection, [row.id for row in rows])
    return [_clause(row, grants.get(row.id, frozenset())) for row in rows]


def _clause(row: Row[tuple[object, ...]], grants: frozenset[Grant]) -> Clause:
    known = grants if row.known else None
    return Clause(Source(row.source), row.key, known, row.synced_at, row.reason)


def _renamed(old: frozenset[Grant] | None, new: frozenset[Grant] | None) -> bool:
    """Whether readers have the same access and another name."""
    kept = {grant.principal: grant.principal.name for grant in old or ()}
    told = {grant.principal: grant.principal.name for grant in new or ()}
    return any(name and kept[reader] != name for reader, name in told.items())


def _values(each: Clause) -> dict[str, object]:
    return {
        "source": each.source,
        "key": each.key,
        "known": each.known,
        "reason": each.reason,
        "synced_at": each.synced_at,
    }


def _rows(connection: Connection, keys: Sequence[ClauseKey]) -> Sequence[Row[tuple[object, ...]]]:
    names = [(source.value, key) for source, key in keys]
    return connection.execute(
        select(clause).where(tuple_(clause.c.source, clause.c.key).in_(names))
    ).all()


def _grants(connection: Connection, clause_ids: Sequence[int]) -> dict[int, frozenset[Grant]]:
    grants: dict[int, set[Grant]] = {}
    for run in batched(clause_ids):
        for row in connection.execute(
            select(
                clause_grant.c.clause_id,
                clause_grant.c.expires_at,
                principal.c.source,
                principal.c.kind,
                principal.c.native_id,
                principal.c.name,
            )
            .join(principal, principal.c.id == clause_grant.c.principal_id)
            .where(clause_grant.c.clause_id.in_(run))
        ):
            grant = Grant(principals.of_row(row), row.expires_at)
            grants.setdefault(row.clause_id, set()).add(grant)
    return {number: frozenset(each) for number, each in grants.items()}


def _longest(grants: Iterable[Grant]) -> frozenset[Grant]:
    """One grant for each reader: of several the longest counts; None is for good."""
    until: dict[Principal, Grant] = {}
    for each in grants:
        kept = until.setdefault(each.principal, each)
        if kept.expires_at is not None and (
            each.expires_at is None or each.expires_at > kept.expires_at
        ):
            until[each.principal] = each
    return frozenset(until.values())


def _replace_grants(connection: Connection, clause_id: int, grants: frozenset[Grant]) -> None:
    connection.execute(delete(clause_grant).where(clause_grant.c.clause_id == clause_id))
    numbers = principals.intern(connection, (grant.principal for grant in grants))
    until = {numbers[each.principal]: each.expires_at for each in grants}
    rows = [
        {"clause_id": clause_id, "principal_id": number, "expires_at": expiry}
        for number, expiry in sorted(until.items(), key=lambda item: item[0])
    ]
    for run in batched(rows):
        connection.execute(insert(clause_grant), list(run))


def unguarded(connection: Connection, container_id: int) -> int:
    """How many documents of a container nobody may read for want of knowledge.

    They have no scope at all, or one with a clause that is unknown.
    """
    unknown = (
        select(scope_clause.c.scope_id)
        .join(clause, clause.c.id == scope_clause.c.clause_id)
        .where(~clause.c.known)
    )
    return int(
        connection.execute(
            select(func.count())
            .select_from(document)
            .where(
                document.c.container_id == container_id,
                document.c.removed_at.is_(None),
                or_(document.c.scope_id.is_(None), document.c.scope_id.in_(unknown)),
            )
        ).scalar_one()
    )


def guarding(connection: Connection, container_id: int) -> int:
    """How many clauses guard the documents of a container."""
    return int(
        connection.execute(
            select(func.count(scope_clause.c.clause_id.distinct()))
            .join(document, document.c.scope_id == scope_clause.c.scope_id)
            .where(document.c.container_id == container_id, document.c.removed_at.is_(None))
        ).scalar_one()
    )
