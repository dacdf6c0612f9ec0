"""What a person may read at this moment: person, principals, clauses, scopes.

One set-based query a step, the same on SQLite and PostgreSQL. The work grows with what the
person reaches (their groups, the grants to those, the scopes of these), not with the corpus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from access import Principal, PrincipalKind, Source
from catalog import epoch, principals
from catalog.people import KnownPerson
from catalog.tables import (
    Instant,
    clause,
    clause_grant,
    group_feed,
    identity_link,
    membership,
    principal,
    scope,
    scope_clause,
)

DAY = timedelta(days=1)
SHORTEST_LIMIT = epoch.CONFIRMED_AGAIN


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
    at = epoch.current(connection)
    if not person.active:
        return Entitlements(person, frozenset(), frozenset(), at, now + DAY)
    seeds = _accounts(connection, person)
    implied = principals.find(connection, _implied(person, set(seeds.values()), policy))
    held = _held(set(seeds) | set(implied.values()), person, policy, now)
    recent = fresh(clause.c.source, clause.c.synced_at, policy, now)
    admitted = (
        select(clause_grant.c.clause_id)
        .distinct()
        .join(held, held.c.id == clause_grant.c.principal_id)
        .join(clause, clause.c.id == clause_grant.c.clause_id)
        .where(
            clause.c.known,
            recent,
            or_(clause_grant.c.expires_at.is_(None), clause_grant.c.expires_at > now),
        )
        .subquery("admitted")
    )
    scopes = connection.execute(
        select(scope_clause.c.scope_id)
        .join(admitted, admitted.c.clause_id == scope_clause.c.clause_id)
        .join(scope, scope.c.id == scope_clause.c.scope_id)
        .group_by(scope_clause.c.scope_id, scope.c.clauses)
        .having(func.count() == scope.c.clauses)
    ).scalars()
    return Entitlements(
        person,
        frozenset(connection.execute(select(held.c.id)).scalars()),
        frozenset(scopes),
        at,
        _valid_until(connection, held, policy, now),
    )


def _accounts(connection: Connection, person: KnownPerson) -> dict[int, Principal]:
    """The accounts that are this person's: nobody else has evidence as strong."""
    mine = identity_link.alias("mine")
    rival = identity_link.alias("rival")
    contested = exists().where(
        rival.c.principal_id == mine.c.principal_id,
        rival.c.person_id != mine.c.person_id,
        rival.c.rank <= mine.c.rank,
    )
    rows = connection.execute(
        select(principal)
        .join(mine, mine.c.principal_id == principal.c.id)
        .where(mine.c.person_id == person.id, ~contested)
    )
    return {row.id: principals.of_row(row) for row in rows}


def _implied(person: KnownPerson, accounts: set[Principal], policy: AccessPolicy) -> set[Principal]:
    """Whole classes of users that the person belongs to without being listed."""
    found = {Principal(source, PrincipalKind.ANYONE, "discoverable") for source in policy.anyone}
    found |= {Principal(source, PrincipalKind.ANYONE, "link") for source in policy.links}
    for account in () if person.guest else accounts:
        name, at, domain = account.id.rpartition("@")
        if account.kind is PrincipalKind.USER and name and at and domain:
            found.add(Principal(account.source, PrincipalKind.DOMAIN, domain))
            if account.source in policy.links:
                found.add(Principal(account.source, PrincipalKind.DOMAIN, f"link:{domain}"))
    return found


def _held(seeds: set[int], person: KnownPerson, policy: AccessPolicy, now: datetime) -> Subquery:
    """Every principal that the person is: UNION ends cycles, and depth has no bound."""
    start = select(principal.c.id).where(principal.c.id.in_(sorted(seeds)))
    held = start.cte("held", recursive=True)
    group = principal.alias("grouping")
    step = (
        select(membership.c.group_id)
        .join(held, held.c.id == membership.c.member_id)
        .join(group, group.c.id == membership.c.group_id)
        .join(
            group_feed,
            and_(
                group_feed.c.group_id == membership.c.group_id,
                group_feed.c.feed == membership.c.feed,
            ),
        )
        .where(group_feed.c.known, fresh(group.c.source, group_feed.c.synced_at, policy, now))
    )
    if person.guest:
        step = step.where(group.c.kind != PrincipalKind.TENANT)
    return select(held.union(step).c.id).subquery("principals_held")


def fresh(
    source: ColumnElement[str],
    synced_at: ColumnElement[datetime],
    policy: AccessPolicy,
    now: datetime,
) -> ColumnElement[bool]:
    """Whether knowledge of a source, synced at some time, is young enough to act on."""
    oldest = case(
        *((source == each.value, literal(now - policy.limit(each), Instant)) for each in Source),
        else_=literal(now, Instant),
    )
    return synced_at >= oldest


def _valid_until(
    connection: Connection, held: Subquery, policy: AccessPolicy, now: datetime
) -> datetime:
    """The first instant at which a grant expires or something relied upon grows too old."""
    moments = [now + DAY]
    expiry = connection.execute(
        select(func.min(clause_grant.c.expires_at))
        .join(held, held.c.id == clause_grant.c.principal_id)
        .where(clause_grant.c.expires_at > now)
    ).scalar()
    if expiry is not None:
        moments.append(expiry)
    clauses = (
        select(clause.c.source, func.min(clause.c.synced_at))
        .join(clause_grant, clause_grant.c.clause_id == clause.c.id)
        .join(held, held.c.id == clause_grant.c.principal_id)
        .where(clause.c.known, fresh(clause.c.source, clause.c.synced_at, policy, now))
        .group_by(clause.c.source)
    )
    groups = (
        select(principal.c.source, func.min(group_feed.c.synced_at))
        .join(group_feed, group_feed.c.group_id == principal.c.id)
        .join(held, held.c.id == principal.c.id)
        .where(group_feed.c.known, fresh(principal.c.source, group_feed.c.synced_at, policy, now))
        .group_by(principal.c.source)
    )
    for statement in (clauses, groups):
        for source, oldest in connection.execute(statement):
            moments.append(oldest + policy.limit(Source(source)))
    return min(moments)
