"""Accounts and groups that grants name and nobody is, and accounts that several people claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from access import Evidence, Person, Principal, PrincipalKind
from catalog import people, principals
from catalog.people import KnownPerson
from catalog.policy import AccessPolicy, fresh
from catalog.tables import clause_grant, group_feed, identity_link, membership, person, principal
from catalog.upsert import batched

_GROUPS = (PrincipalKind.GROUP, PrincipalKind.TENANT)
_SHOWN = 2
"""How many members stand for a group."""
NO_PERSON = "linked to nobody, or the link was confirmed too long ago"
NO_MEMBERS = "its members are unknown, or were told too long ago"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reader that clauses admit and nobody is: it stays in the access control, and waits."""

    principal: Principal
    clauses: int
    """How many clauses name it."""
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim to an account rests on."""

    person: Person
    evidence: Evidence
    feed: str
    """Who says so."""


@dataclass(frozen=True, slots=True)
class Contested:
    """An account that two people have equally strong evidence for, so that neither has it."""

    principal: Principal
    claims: tuple[Claim, ...]
    """The strongest ones, in order of person."""


def owners(connection: Connection, accounts: Iterable[Principal]) -> dict[Principal, KnownPerson]:
    """Whose some accounts are by the strongest evidence, be it of any age; for naming them alone.

    Left out are accounts that nobody has, and those that several people claim alike.
    """
    numbers = principals.find(connection, accounts)
    claims: dict[int, dict[int, int]] = {}
    for run in batched(sorted(numbers.values())):
        for row in connection.execute(
            select(identity_link).where(identity_link.c.principal_id.in_(run))
        ):
            ranks = claims.setdefault(row.principal_id, {})
            ranks[row.person_id] = min(row.rank, ranks.get(row.person_id, row.rank))
    best = {
        account: [who for who, rank in ranks.items() if rank == min(ranks.values())]
        for account, ranks in claims.items()
    }
    ids = {who for found in best.values() for who in found}
    known = {each.id: each for each in people.load_some(connection, ids)}
    return {
        account: known[best[row][0]]
        for account, row in numbers.items()
        if len(best.get(row, ())) == 1
    }


def described(connection: Connection, readers: Iterable[Principal]) -> dict[Principal, str]:
    """Some readers as an operator knows them, each with its source's own id.

    An account has the name of whose it is (see `owners`), or else what its source calls it. So
    has a group, with the names of some of its direct members. This is for naming alone, by
    knowledge of any age.
    """
    wanted = sorted(set(readers))
    numbers = principals.find(connection, wanted)
    called = {each: each.name for each in numbers}
    groups = [each for each in numbers if each.kind in _GROUPS]
    some = {each: _members(connection, numbers[each]) for each in groups}
    inside = {member for members, _ in some.values() for member in members}
    names = owners(connection, {*wanted, *inside})
    told = {}
    for each in wanted:
        who = names.get(each)
        plain = f"{each.kind} {each.id}"
        if who is None and called.get(each):
            plain += f" {called[each]!r}"
        if who is not None:
            more = f", {who.email}" if who.email and who.email != each.id.casefold() else ""
            told[each] = f"{who.name} ({plain}{more})"
        elif each in some:
            members, count = some[each]
            known = [names[one].name for one in members if one in names][:_SHOWN]
            left = count - len(known)
            if known and left:
                known[-1] += f" and {left} more"
            told[each] = f"{plain} ({', '.join(known) or _counted(count)})"
        else:
            told[each] = plain
    return told


def _counted(members: int) -> str:
    if not members:
        return "no member is known"
    return f"{members} member{'s' if members > 1 else ''}"


def _members(connection: Connection, group: int) -> tuple[list[Principal], int]:
    """Some direct members of a group, and how many there are."""
    inside = membership.c.group_id == group
    count = connection.execute(
        select(func.count(membership.c.member_id.distinct())).where(inside)
    ).scalar_one()
    rows = connection.execute(
        select(principal)
        .join(membership, membership.c.member_id == principal.c.id)
        .where(inside, principal.c.kind == PrincipalKind.USER.value)
        .order_by(principal.c.id)
        .distinct()
        .limit(10 * _SHOWN)
    )
    return [principals.of_row(row) for row in rows], int(count)


def unresolved(connection: Connection, policy: AccessPolicy, now: datetime) -> list[Unresolved]:
    """Readers in grants that are nobody now, those that most clauses name first.

    Accounts without a person, and groups, tenants and lists of a domain whose members no feed
    has told within the age limit. A domain is also whoever has an address in it, and "anyone" is
    the installation's to say, so those are not here.
    """
    linked = exists().where(
        identity_link.c.principal_id == principal.c.id,
        fresh(principal.c.source, identity_link.c.linked_at, policy, now),
    )
    told = exists().where(
        group_feed.c.group_id == principal.c.id,
        group_feed.c.known,
        fresh(principal.c.source, group_feed.c.synced_at, policy, now),
    )
    user = principal.c.kind == PrincipalKind.USER.value
    group = principal.c.kind.in_([PrincipalKind.GROUP.value, PrincipalKind.TENANT.value])
    named = func.count(clause_grant.c.clause_id)
    rows = connection.execute(
        select(principal, named.label("clauses"))
        .join(clause_grant, clause_grant.c.principal_id == principal.c.id)
        .where(or_(and_(user, ~linked), and_(group, ~told)))
        .group_by(*principal.c)
        .order_by(named.desc(), principal.c.source, principal.c.kind, principal.c.native_id)
    )
    return [
        Unresolved(
            principals.of_row(row),
            row.clauses,
            NO_PERSON if row.kind == PrincipalKind.USER.value else NO_MEMBERS,
        )
        for row in rows
    ]


def contested(connection: Connection) -> list[Contested]:
    """Accounts that nobody has because several people claim them alike, in order."""
    best = (
        select(identity_link.c.principal_id, func.min(identity_link.c.rank).label("rank"))
        .group_by(identity_link.c.principal_id)
        .subquery()
    )
    strongest = and_(
        best.c.principal_id == identity_link.c.principal_id, best.c.rank == identity_link.c.rank
    )
    several = (
        select(identity_link.c.principal_id)
        .join(best, strongest)
        .group_by(identity_link.c.principal_id)
        .having(func.count(identity_link.c.person_id.distinct()) > 1)
    )
    rows = connection.execute(
        select(
            principal, person.c.issuer, person.c.subject, identity_link.c.evidence,
            identity_link.c.feed,
        )
        .join(identity_link, identity_link.c.principal_id == principal.c.id)
        .join(best, strongest)
        .join(person, person.c.id == identity_link.c.person_id)
        .where(principal.c.id.in_(several))
        .order_by(principal.c.source, principal.c.native_id, person.c.issuer, person.c.subject)
    )  # fmt: skip
    claims: dict[Principal, list[Claim]] = {}
    for row in rows:
        claim = Claim(Person(row.issuer, row.subject), Evidence(row.evidence), row.feed)
        claims.setdefault(principals.of_row(row), []).append(claim)
    return [Contested(each, tuple(found)) for each, found in claims.items()]
