"""What a person may read at this moment: person, principals, clauses, scopes.

One set-based query a step, the same on SQLite and PostgreSQL. The work grows with what the
person reaches (their groups, the grants to those, the scopes of these), not with the corpus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)

from access import CLOCK_SKEW, Principal, PrincipalKind, Source
from catalog import epoch, principals
from catalog.people import KnownPerson
from catalog.tables import (
    EPOCH,
    MICROSECOND,
    Instant,
    clause,
    clause_grant,
    group_feed,
    identity_link,
    membership,
    principal,
    scope_clause,
)

DAY = timedelta(days=1)
SHORTEST_LIMIT = epoch.CONFIRMED_AGAIN
LINK = "link:"
"""What the id of a domain begins with when only those who were handed the link may read."""

_HELD, _SCOPE, _UNTIL = range(3)
"""The sorts of row that a resolve reads."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What the installation declares about access, beyond what sources say."""

    anyone: frozenset[Source] = frozenset()
    """Sources whose "anyone" grants make a document findable by everyone who is known."""
    links: frozenset[Source] = frozenset()
    """Sources whose link-only grants ("anyone with the link") make a document findable."""
    max_age: Mapping[Source, timedelta] = field(default_factory=dict)
    """How old permission knowledge may be before it admits nobody; a day where not given."""

    def __post_init__(self) -> None:
        """Refuse limits shorter than the interval at which confirmations reach caches.

        Raises:
            ValueError: a limit is under an hour.
        """
        for source, limit in self.max_age.items():
            if limit < SHORTEST_LIMIT:
                raise ValueError(f"the permission age limit of {source} is under an hour")

    def limit(self, source: Source) -> timedelta:
        """How old permission knowledge of `source` may be."""
        return self.max_age.get(source, DAY)


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What one person may read, as of one access epoch."""

    person: KnownPerson
    principals: frozenset[int]
    """Rows of every principal that the person is, groups expanded."""
    scopes: frozenset[int]
    """Rows of every scope that admits the person."""
    epoch: int
    valid_until: datetime
    """When time alone may change the answer: a grant expires or knowledge grows too old."""

    def current(self, connection: Connection, now: datetime) -> bool:
        """Whether this still is the answer, as this transaction sees the catalog."""
        return now < self.valid_until and epoch.current(connection) == self.epoch


def resolve(
    connection: Connection, person: KnownPerson, policy: AccessPolicy, now: datetime
) -> Entitlements:
    """Work out what `person` may read at `now`.

    Args:
        connection: one transaction, so that every step sees the same moment.
        person: who asks; someone inactive may read nothing.
        policy: the installation's declarations.
        now: the instant of asking, time zone aware.
    """
    return _resolve(connection, person, policy, now)


def admits(
    connection: Connection, person: KnownPerson, scope: int, policy: AccessPolicy, now: datetime
) -> bool:
    """Whether one scope admits `person`: as `resolve` would say, without the other scopes."""
    return scope in _resolve(connection, person, policy, now, scope).scopes


def _resolve(
    connection: Connection,
    person: KnownPerson,
    policy: AccessPolicy,
    now: datetime,
    only: int | None = None,
) -> Entitlements:
    at = epoch.current(connection)
    if not person.active:
        return Entitlements(person, frozenset(), frozenset(), at, now + DAY)
    accounts, until = _accounts(connection, person, policy, now)
    implied = principals.find(connection, _implied(person, accounts.values(), policy))
    kept = _unlisted(connection, implied, accounts, policy, now)
    return _reached(connection, {*accounts, *kept}, person, policy, now, at, until, only)


def _accounts(
    connection: Connection, person: KnownPerson, policy: AccessPolicy, now: datetime
) -> tuple[dict[int, Principal], datetime]:
    """The accounts that are this person's, and until when that is known.

    Nobody else has evidence as strong, be it old: what is contested stays so. But evidence that
    nobody confirmed within the source's age limit gives an account to no one.
    """
    mine = identity_link.alias("mine")
    rival = identity_link.alias("rival")
    contested = exists().where(
        rival.c.principal_id == mine.c.principal_id,
        rival.c.person_id != mine.c.person_id,
        rival.c.rank <= mine.c.rank,
    )
    rows = connection.execute(
        select(principal, mine.c.linked_at)
        .join(mine, mine.c.principal_id == principal.c.id)
        .where(
            mine.c.person_id == person.id,
            principal.c.kind == PrincipalKind.USER.value,
            fresh(principal.c.source, mine.c.linked_at, policy, now),
            ~contested,
        )
    ).all()
    ends = (row.linked_at + policy.limit(Source(row.source)) for row in rows)
    return {row.id: principals.of_row(row) for row in rows}, min(ends, default=now + DAY)


def _implied(
    person: KnownPerson, accounts: Iterable[Principal], policy: AccessPolicy
) -> set[Principal]:
    """Whole classes of users that the person belongs to without being listed."""
    found = {Principal(source, PrincipalKind.ANYONE, "discoverable") for source in policy.anyone}
    found |= {Principal(source, PrincipalKind.ANYONE, "link") for source in policy.links}
    for account in () if person.guest else accounts:
        name, at, domain = account.id.rpartition("@")
        if name and at and domain:
            found.add(Principal(account.source, PrincipalKind.DOMAIN, domain))
            if account.source in policy.links:
                found.add(Principal(account.source, PrincipalKind.DOMAIN, f"{LINK}{domain}"))
    return found


def _unlisted(
    connection: Connection,
    implied: Mapping[Principal, int],
    accounts: Iterable[int],
    policy: AccessPolicy,
    now: datetime,
) -> set[int]:
    """Rows of those classes that an address alone makes a person part of.

    Where a feed lists who belongs to a domain, the list decides and an address proves nothing.
    Of those listed, whoever was handed a link for the domain is still one of them.
    """
    domains = principals.find(
        connection, (_without_link(each) for each in implied if each.kind is PrincipalKind.DOMAIN)
    )
    if not domains:
        return set(implied.values())
    listed = set(
        connection.execute(
            select(group_feed.c.group_id).where(group_feed.c.group_id.in_(sorted(domains.values())))
        ).scalars()
    )
    if not listed:
        return set(implied.values())
    belongs = set(
        connection.execute(
            select(membership.c.group_id)
            .join(group_feed, told_by)
            .join(principal, principal.c.id == membership.c.group_id)
            .where(
                membership.c.group_id.in_(sorted(listed)),
                membership.c.member_id.in_(sorted(accounts)),
                group_feed.c.known,
                fresh(principal.c.source, group_feed.c.synced_at, policy, now),
            )
        ).scalars()
    )
    kept = set()
    for each, row in implied.items():
        if each.kind is not PrincipalKind.DOMAIN:
            kept.add(row)
            continue
        domain = domains.get(_without_link(each))
        by_link = each != _without_link(each)
        if domain not in listed or (by_link and domain in belongs):
            kept.add(row)
    return kept


def _without_link(domain: Principal) -> Principal:
    return Principal(domain.source, domain.kind, domain.id.removeprefix(LINK))


def _held(seeds: set[int], person: KnownPerson, policy: AccessPolicy, now: datetime) -> CTE:
    """Every principal that the person is: UNION ends cycles, and depth has no bound."""
    start = select(principal.c.id).where(principal.c.id.in_(sorted(seeds)))
    held = start.cte("held", recursive=True)
    group = principal.alias("grouping")
    step = (
        select(membership.c.group_id)
        .join(held, held.c.id == membership.c.member_id)
        .join(group_feed, told_by)
        .join(group, group.c.id == membership.c.group_id)
        .where(
            group_feed.c.known,
            fresh(group.c.source, group_feed.c.synced_at, policy, now),
            holds_members(group, guest=person.guest),
        )
    )
    return held.union(step)


told_by = and_(
    group_feed.c.group_id == membership.c.group_id, group_feed.c.feed == membership.c.feed
)
"""Joins a membership to what its feed knows of the group."""


def holds_members(group: FromClause, *, guest: bool) -> ColumnElement[bool]:
    """Whether a principal can be reached by being listed as its member.

    Guests are members of groups alone, never of a tenant or domain, whatever a list says. That
    everybody, or whoever was handed a link, may read is the installation's to say (`AccessPolicy`):
    no list of members can.
    """
    if guest:
        return group.c.kind == PrincipalKind.GROUP.value
    listed = [each.value for each in (PrincipalKind.GROUP, PrincipalKind.TENANT)]
    domain = and_(
        group.c.kind == PrincipalKind.DOMAIN.value,
        not_(group.c.native_id.startswith(LINK, autoescape=True)),
    )
    return or_(group.c.kind.in_(listed), domain)


def _reached(
    connection: Connection,
    seeds: set[int],
    person: KnownPerson,
    policy: AccessPolicy,
    now: datetime,
    at: int,
    known_until: datetime,
    only: int | None,
) -> Entitlements:
    """One statement from the seeds to the scopes, so that no step is worked out twice.

    Its rows are of three sorts: a principal held, a clause of a scope admitted, a moment until
    which something holds. A scope is reached where as many of its clauses are admitted as it
    has; they are counted here, since for thousands of groups of two or three rows SQLite takes
    several times as long.
    """
    held = _held(seeds, person, policy, now)
    admitted = _admitted(held, policy, now, only)
    wanted = true() if only is None else scope_clause.c.scope_id == only
    rows = connection.execute(
        union_all(
            select(literal(_HELD), held.c.id, null()),
            select(literal(_SCOPE), scope_clause.c.scope_id, scope_clause.c.size)
            .join(admitted, admitted.c.clause_id == scope_clause.c.clause_id)
            .where(wanted),
            select(literal(_UNTIL), func.min(admitted.c.until), null()),
            *_moments(held, policy, now),
        )
    ).all()
    found: list[int] = []
    missing: dict[int, int] = {}
    until = (min(now + DAY, known_until) - EPOCH) // MICROSECOND
    for sort, number, size in rows:
        if sort == _SCOPE:
            missing[number] = missing.get(number, size) - 1
        elif sort == _HELD:
            found.append(number)
        elif number is not None and number < until:
            until = number
    scopes = frozenset(number for number, clauses in missing.items() if clauses == 0)
    return Entitlements(person, frozenset(found), scopes, at, EPOCH + until * MICROSECOND)


def _admitted(held: CTE, policy: AccessPolicy, now: datetime, only: int | None) -> CTE:
    """Every clause that admits one of the principals held, once, and until when it is fresh."""
    of_scope = select(scope_clause.c.clause_id).where(scope_clause.c.scope_id == only)
    return (
        select(
            clause_grant.c.clause_id,
            _until(clause.c.source, clause.c.synced_at, policy).label("until"),
        )
        .distinct()
        .join(held, held.c.id == clause_grant.c.principal_id)
        .join(clause, clause.c.id == clause_grant.c.clause_id)
        .where(
            true() if only is None else clause.c.id.in_(of_scope),
            clause.c.known,
            fresh(clause.c.source, clause.c.synced_at, policy, now),
            or_(clause_grant.c.expires_at.is_(None), clause_grant.c.expires_at > now),
        )
        .cte("admitted")
    )


def _moments(held: CTE, policy: AccessPolicy, now: datetime) -> Iterator[Select[Any]]:
    """When the first grant expires, and when the first group's members are known no longer."""
    yield (
        select(
            literal(_UNTIL), func.min(type_coerce(clause_grant.c.expires_at, BigInteger)), null()
        )
        .join(held, held.c.id == clause_grant.c.principal_id)
        .where(clause_grant.c.expires_at > now)
    )
    yield (
        select(
            literal(_UNTIL),
            func.min(_until(principal.c.source, group_feed.c.synced_at, policy)),
            null(),
        )
        .select_from(held)
        .join(principal, principal.c.id == held.c.id)
        .join(group_feed, group_feed.c.group_id == principal.c.id)
        .where(group_feed.c.known, fresh(principal.c.source, group_feed.c.synced_at, policy, now))
    )


def _until(
    source: ColumnElement[str], synced_at: ColumnElement[datetime], policy: AccessPolicy
) -> ColumnElement[int]:
    """When knowledge of a source grows too old, in microseconds as `Instant` keeps them."""
    limits = {each: policy.limit(each) // MICROSECOND for each in Source}
    limit: ColumnElement[int] | int = min(limits.values())
    if len(set(limits.values())) > 1:
        limit = case(*((source == each.value, limits[each]) for each in Source), else_=0)
    return type_coerce(synced_at, BigInteger) + limit


def fresh(
    source: ColumnElement[str],
    synced_at: ColumnElement[datetime],
    policy: AccessPolicy,
    now: datetime,
) -> ColumnElement[bool]:
    """Whether knowledge of a source, synced at some time, is young enough to act on.

    Knowledge from the future is not: a clock was wrong, and its age can't be told.
    """
    limits = {each: policy.limit(each) for each in Source}
    latest = literal(now + CLOCK_SKEW, Instant)
    if len(set(limits.values())) == 1:
        oldest: ColumnElement[Any] = literal(now - min(limits.values()), Instant)
    else:
        oldest = case(
            *((source == each.value, literal(now - limits[each], Instant)) for each in Source),
            else_=latest,
        )
    return and_(synced_at >= oldest, synced_at <= latest)
