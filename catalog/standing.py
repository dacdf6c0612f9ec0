"""What people are before any group: their accounts, and whole classes of users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from access import Principal, PrincipalKind, Source
from catalog import principals
from catalog.nesting import LINK, told_by
from catalog.people import KnownPerson
from catalog.policy import DAY, AccessPolicy, fresh
from catalog.tables import group_feed, identity_link, membership, principal
from catalog.upsert import batched


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person is, groups apart."""

    principals: frozenset[int]
    """Rows of their accounts, and of the classes of users that they belong to."""
    until: datetime
    """When the first of the accounts was confirmed too long ago; at most a day ahead."""


def of_people(
    connection: Connection, people: Sequence[KnownPerson], policy: AccessPolicy, now: datetime
) -> dict[int, Standing]:
    """What each of some people is, by the row number of the person.

    The statements are as many for one as for hundreds.

    Args:
        connection: one transaction, so that every step sees the same moment.
        people: of whom; those who are not active are nothing.
        policy: the installation's declarations.
        now: the instant of asking, time zone aware.
    """
    found: dict[int, Standing] = {}
    for run in batched([each for each in people if each.active]):
        accounts, until = _accounts(connection, [each.id for each in run], policy, now)
        implied = {each.id: _implied(each, accounts[each.id].values(), policy) for each in run}
        rows = principals.find(connection, set().union(*implied.values()))
        met = {
            number: {each: rows[each] for each in classes if each in rows}
            for number, classes in implied.items()
        }
        kept = _unlisted(connection, met, accounts, policy, now)
        for each in run:
            whole = frozenset({*accounts[each.id], *kept[each.id]})
            found[each.id] = Standing(whole, min(until[each.id], now + DAY))
    nothing = Standing(frozenset(), now + DAY)
    return found | {each.id: nothing for each in people if not each.active}


def _accounts(
    connection: Connection, people: Sequence[int], policy: AccessPolicy, now: datetime
) -> tuple[dict[int, dict[int, Principal]], dict[int, datetime]]:
    """The accounts that are each person's, and until when that is known.

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
    accounts: dict[int, dict[int, Principal]] = {each: {} for each in people}
    until = dict.fromkeys(people, now + DAY)
    for row in connection.execute(
        select(principal, mine.c.linked_at, mine.c.person_id)
        .join(mine, mine.c.principal_id == principal.c.id)
        .where(
            mine.c.person_id.in_(people),
            principal.c.kind == PrincipalKind.USER.value,
            fresh(principal.c.source, mine.c.linked_at, policy, now),
            ~contested,
        )
    ):
        accounts[row.person_id][row.id] = principals.of_row(row)
        ends = row.linked_at + policy.limit(Source(row.source))
        until[row.person_id] = min(until[row.person_id], ends)
    return accounts, until


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
    implied: Mapping[int, Mapping[Principal, int]],
    accounts: Mapping[int, Mapping[int, Principal]],
    policy: AccessPolicy,
    now: datetime,
) -> dict[int, set[int]]:
    """Rows, by person, of those classes that an address alone makes them part of.

    Where a feed lists who belongs to a domain, the list decides and an address proves nothing.
    Of those listed, whoever was handed a link for the domain is still one of them.
    """
    named = {each for classes in implied.values() for each in classes}
    domains = principals.find(
        connection, {_without_link(each) for each in named if each.kind is PrincipalKind.DOMAIN}
    )
    listed = _listed(connection, domains.values())
    belongs = _belongs(connection, listed, accounts, policy, now)
    return {
        person: {
            row
            for each, row in classes.items()
            if _by_itself(each, domains, listed, belongs, accounts[person])
        }
        for person, classes in implied.items()
    }


def _by_itself(
    each: Principal,
    domains: Mapping[Principal, int],
    listed: set[int],
    belongs: set[tuple[int, int]],
    accounts: Iterable[int],
) -> bool:
    if each.kind is not PrincipalKind.DOMAIN:
        return True
    domain = domains.get(_without_link(each))
    if domain is None or domain not in listed:
        return True
    by_link = each != _without_link(each)
    return by_link and any((domain, account) in belongs for account in accounts)


def _listed(connection: Connection, domains: Iterable[int]) -> set[int]:
    """Of those domains, the ones whose members some feed lists."""
    wanted = sorted(domains)
    if not wanted:
        return set()
    told = select(group_feed.c.group_id).where(group_feed.c.group_id.in_(wanted))
    return set(connection.execute(told).scalars())


def _belongs(
    connection: Connection,
    listed: set[int],
    accounts: Mapping[int, Mapping[int, Principal]],
    policy: AccessPolicy,
    now: datetime,
) -> set[tuple[int, int]]:
    """Pairs of a domain and an account that its list has."""
    found: set[tuple[int, int]] = set()
    if not listed:
        return found
    for run in batched(sorted({row for each in accounts.values() for row in each})):
        rows = connection.execute(
            select(membership.c.group_id, membership.c.member_id)
            .join(group_feed, told_by)
            .join(principal, principal.c.id == membership.c.group_id)
            .where(
                membership.c.group_id.in_(sorted(listed)),
                membership.c.member_id.in_(run),
                group_feed.c.known,
                fresh(principal.c.source, group_feed.c.synced_at, policy, now),
            )
        )
        found.update((row.group_id, row.member_id) for row in rows)
    return found


def _without_link(domain: Principal) -> Principal:
    return Principal(domain.source, domain.kind, domain.id.removeprefix(LINK))
