"""Which memberships count: the steps by which somebody comes to be a group that holds them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, and_, not_, or_

from access import PrincipalKind
from catalog.policy import AccessPolicy, fresh
from catalog.tables import group_feed, membership

LINK = "link:"
"""What the id of a domain begins with when only those who were handed the link may read."""

told_by = and_(
    group_feed.c.group_id == membership.c.group_id, group_feed.c.feed == membership.c.feed
)
"""Joins a membership to what its feed knows of the group."""


def counts(
    group: FromClause, policy: AccessPolicy, now: datetime, *, guest: bool
) -> ColumnElement[bool]:
    """Whether a membership in `group`, as its feed tells it, makes the member that group.

    Going up from a person and going down from a clause this is the same step.
    """
    return and_(
        group_feed.c.known,
        fresh(group.c.source, group_feed.c.synced_at, policy, now),
        holds_members(group, guest=guest),
    )


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
