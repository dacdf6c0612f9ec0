"""Which memberships count: the steps by which somebody comes to be a group that holds them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, and_, literal, not_, or_, select

from access import PrincipalKind
from catalog.policy import AccessPolicy, fresh
from catalog.tables import group_feed, membership, principal

LINK = "link:"
"""What the id of a domain or tenant begins with when only those who were handed the link may
read."""

told_by = and_(
    group_feed.c.group_id == membership.c.group_id, group_feed.c.feed == membership.c.feed
)
"""Joins a membership to what its feed knows of the group."""


def counts(policy: AccessPolicy, now: datetime, *, guest: bool) -> ColumnElement[bool]:
    """Whether a membership, as its feed tells it, makes the member that group.

    Going up from a person and going down from a clause this is the same step. It is a look-up for
    each membership met, and not a join: PostgreSQL, while it has no statistics of tables that were
    filled a minute ago, begins a join with every group that there is, at every level.
    """
    group = principal.alias("grouping")
    met = (
        select(literal(1))
        .select_from(group_feed)
        .join(group, group.c.id == group_feed.c.group_id)
        .where(
            told_by,
            group_feed.c.known,
            fresh(group.c.source, group_feed.c.synced_at, policy, now),
            holds_members(group, policy, guest=guest),
        )
        .correlate(membership)
        .scalar_subquery()
    )
    return met == 1


def holds_members(group: FromClause, policy: AccessPolicy, *, guest: bool) -> ColumnElement[bool]:
    """Whether a principal can be reached by being listed as its member.

    Guests are members of groups alone, never of a tenant or domain, whatever a list says. That
    everybody, or whoever was handed a link, may read is the installation's to say (`AccessPolicy`):
    no list of members can. A list may say who is in the tenant that a link is for.
    """
    if guest:
        return group.c.kind == PrincipalKind.GROUP.value
    by_link = group.c.native_id.startswith(LINK, autoescape=True)
    allowed = group.c.source.in_(sorted(each.value for each in policy.links))
    tenant = and_(group.c.kind == PrincipalKind.TENANT.value, or_(not_(by_link), allowed))
    domain = and_(group.c.kind == PrincipalKind.DOMAIN.value, not_(by_link))
    return or_(group.c.kind == PrincipalKind.GROUP.value, tenant, domain)
