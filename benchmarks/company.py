"""A made-up company of any size, written straight into the catalog's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, text

from access import Person
from catalog.database import Catalog
from catalog.tables import (
    Instant,
    clause,
    clause_grant,
    container,
    group_feed,
    identity_link,
    membership,
    person,
    principal,
    scope,
    scope_clause,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKER = Person("directory", "asker")
DEPTH = 5
_SOURCE = "confluence"
_CONTAINERS = 200


@dataclass(frozen=True, slots=True)
class Company:
    """How large it is, and how far its asker reaches.

    Every scope is two clauses, a space's and a page's, as in Confluence. The asker passes a
    quarter of the spaces, and in these the page clauses of `allowed` scopes.
    """

    documents: int
    scopes: int
    groups: int
    users: int = 20_000
    asker_groups: int = 500
    allowed: int = 5_000


def found(catalog: Catalog, company: Company) -> None:
    """Write the company into an empty catalog, and let the database gather its statistics."""
    with catalog.writing() as connection:
        _people(connection, company)
        _clauses(connection, company)
        _documents(connection, company)
    with catalog.engine.connect() as connection:
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        # Autovacuum would do this by itself on PostgreSQL, within a minute.
        vacuum = "VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"
        autocommit.exec_driver_sql(vacuum)


def _people(connection: Connection, company: Company) -> None:
    users, groups = company.users, company.groups
    each_level = groups // DEPTH
    _put(
        connection,
        principal,
        [
            *(_principal(n, "user", f"user-{n}") for n in range(1, users + 1)),
            *(_principal(users + n, "group", f"group-{n}") for n in range(1, groups + 1)),
        ],
    )
    _put(
        connection,
        group_feed,
        (
            {"group_id": users + n, "feed": "api", "known": True, "synced_at": NOW}
            for n in range(1, groups + 1)
        ),
    )
    # Chains of five: the n-th group of a level is in the n-th of the level above.
    nested = [(users + n + each_level, users + n) for n in range(1, groups - each_level + 1)]
    direct = [
        (users + n, 2 + (n * 31 + k * 7907) % (users - 1))
        for n in range(1, groups + 1)
        for k in range(5)
    ]
    asker = [(users + n, 1) for n in range(1, company.asker_groups // DEPTH + 1)]
    _put(
        connection,
        membership,
        (
            {"group_id": group, "member_id": member, "feed": "api"}
            for group, member in sorted({*nested, *direct, *asker})
        ),
    )
    row = {"issuer": ASKER.issuer, "subject": ASKER.subject, "name": "Asker", "email": None}
    _put(connection, person, [{"id": 1, **row, "guest": False, "active": True}])
    link = {"principal_id": 1, "person_id": 1, "rank": 2, "evidence": "explicit"}
    _put(connection, identity_link, [{**link, "feed": "directory", "linked_at": NOW}])


def _clauses(connection: Connection, company: Company) -> None:
    """Clauses 1 to 200 are spaces', the rest pages'; scope n is page n in some space."""
    users, groups = company.users, company.groups
    each_level = groups // DEPTH
    chains = company.asker_groups // DEPTH
    own = [level * each_level + n for level in range(DEPTH) for n in range(1, chains + 1)]
    others = [n for n in range(1, groups + 1) if (n - 1) % each_level >= chains]
    _put(connection, clause, (_clause(n) for n in range(1, _CONTAINERS + company.scopes + 1)))
    grants: dict[tuple[int, int], None] = {}
    for n in range(1, _CONTAINERS + 1):
        grants[n, users + others[n % len(others)]] = None
        if n <= _CONTAINERS // 4:
            grants[n, users + own[n % len(own)]] = None
    for n in range(1, company.scopes + 1):
        for k in range(3):
            grants[_CONTAINERS + n, users + others[(n * 13 + k * 101) % len(others)]] = None
        if n <= company.allowed:
            grants[_CONTAINERS + n, users + own[n % len(own)]] = None
    _put(
        connection,
        clause_grant,
        ({"clause_id": c, "principal_id": p, "expires_at": None} for c, p in grants),
    )
    pairs = [
        (n, 1 + n % (_CONTAINERS // 4) if n <= company.allowed else 1 + n % _CONTAINERS)
        for n in range(1, company.scopes + 1)
    ]
    _put(
        connection,
        scope,
        ({"id": n, "signature": f"{space},{_CONTAINERS + n}"} for n, space in pairs),
    )
    _put(
        connection,
        scope_clause,
        (
            {"scope_id": n, "clause_id": each, "size": 2}
            for n, space in pairs
            for each in (space, _CONTAINERS + n)
        ),
    )


def _documents(connection: Connection, company: Company) -> None:
    _put(
        connection,
        container,
        (
            {
                "id": n,
                "source": _SOURCE,
                "native_id": f"space-{n}",
                "name": f"Space {n}",
                "url": "",
                "canonical": False,
                "seen_at": NOW,
                "synced_at": NOW,
            }
            for n in range(1, _CONTAINERS + 1)
        ),
    )
    connection.execute(
        text(
            """
            WITH RECURSIVE many(n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < :documents)
            INSERT INTO document (id, container_id, source, native_id, kind, title, url,
                media_type, skipped, version, owners, scope_id, body_key, index_key, synced_at)
            SELECT n, 1 + n % :containers, 'confluence', 'page-' || n, 'page', 'Page ' || n,
                'https://wiki.example/' || n, 'text/html', '', '1', '[]', 1 + n % :scopes,
                'body-' || n, 'index-' || n, :now
            FROM many
            """
            if connection.dialect.name == "sqlite"
            else """
            INSERT INTO document (id, container_id, source, native_id, kind, title, url,
                media_type, skipped, version, owners, scope_id, body_key, index_key, synced_at)
            SELECT n, 1 + n % :containers, 'confluence', 'page-' || n, 'page', 'Page ' || n,
                'https://wiki.example/' || n, 'text/html', '', '1', '[]', 1 + n % :scopes,
                'body-' || n, 'index-' || n, :now
            FROM generate_series(1, :documents) AS many(n)
            """
        ),
        {
            "documents": company.documents,
            "containers": _CONTAINERS,
            "scopes": company.scopes,
            "now": Instant().process_bind_param(NOW, connection.dialect),
        },
    )


def _principal(number: int, kind: str, name: str) -> dict[str, Any]:
    return {"id": number, "source": _SOURCE, "kind": kind, "native_id": name}


def _clause(number: int) -> dict[str, Any]:
    key = f"space/{number}" if number <= _CONTAINERS else f"page/{number}"
    rest = {"known": True, "reason": "", "synced_at": NOW}
    return {"id": number, "source": _SOURCE, "key": key, **rest}


def _put(
    connection: Connection, table: Table, rows: Iterator[Mapping[str, Any]] | Sequence[Any]
) -> None:
    iterator = iter(rows)
    while run := list(islice(iterator, 5_000)):
        connection.execute(insert(table), run)
