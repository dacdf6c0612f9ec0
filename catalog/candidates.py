"""People among whom every reader of a scope is: those whom its clauses may mean."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from access import Principal, PrincipalKind
from catalog import people, principals
from catalog.nesting import LINK
from catalog.people import KnownPerson
from catalog.tables import clause_grant, identity_link, membership, principal, scope_clause
from catalog.upsert import batched


def candidates(connection: Connection, scope: int) -> list[KnownPerson]:
    """Everyone whom each clause of a scope may mean, in order of issuer and subject."""
    wanted: set[int] | None = None
    for clause in connection.execute(
        select(scope_clause.c.clause_id).where(scope_clause.c.scope_id == scope)
    ).scalars():
        found = _beneath(connection, clause)
        if found is not None:
            wanted = found if wanted is None else wanted & found
    everyone = people.load(connection) if wanted is None else people.load_some(connection, wanted)
    return sorted(everyone, key=lambda each: each.person)


def _beneath(connection: Connection, clause: int) -> set[int] | None:
    """Rows of the people whom a clause may mean; None: anyone.

    Going down, nothing is left out for being old, expired or contested: that is decided later.
    """
    start = select(clause_grant.c.principal_id.label("id")).where(
        clause_grant.c.clause_id == clause
    )
    below = start.cte("below", recursive=True)
    step = select(membership.c.member_id).join(below, below.c.id == membership.c.group_id)
    below = below.union(step)
    classes = [PrincipalKind.ANYONE.value, PrincipalKind.DOMAIN.value]
    named = [
        principals.of_row(row)
        for row in connection.execute(
            select(principal)
            .join(below, below.c.id == principal.c.id)
            .where(principal.c.kind.in_(classes))
        )
    ]
    if any(each.kind is PrincipalKind.ANYONE for each in named):
        return None
    found = set(
        connection.execute(
            select(identity_link.c.person_id).join(
                below, below.c.id == identity_link.c.principal_id
            )
        ).scalars()
    )
    for run in batched(named, 100):
        found.update(
            connection.execute(
                select(identity_link.c.person_id)
                .join(principal, principal.c.id == identity_link.c.principal_id)
                .where(or_(*(_in_domain(each) for each in run)))
            ).scalars()
        )
    return found


def _in_domain(domain: Principal) -> ColumnElement[bool]:
    name = "@" + domain.id.removeprefix(LINK)
    # Compared by length and not by LIKE, which SQLite does without regard to case.
    ending = func.substr(principal.c.native_id, func.length(principal.c.native_id) - len(name) + 1)
    return and_(principal.c.source == domain.source.value, ending == name)
