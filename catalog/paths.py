"""How a person comes to be each of their principals, step by step."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from access import Evidence, Principal
from catalog import principals
from catalog.entitlements import Entitlements
from catalog.nesting import told_by
from catalog.policy import AccessPolicy, fresh
from catalog.tables import group_feed, identity_link, membership, principal
from catalog.upsert import batched


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of principals from a person's account to one that a clause names."""

    steps: tuple[Principal, ...]
    """First the account, or a class of users; then each group that holds the one before."""
    evidence: Evidence | None
    """Why the account is the person's; None for classes of users, which need none."""


def paths(
    connection: Connection, entitlements: Entitlements, policy: AccessPolicy, now: datetime
) -> dict[int, Path]:
    """A shortest path to every principal that the person is, by its row number."""
    held = sorted(entitlements.principals)
    names: dict[int, Principal] = {}
    evidence: dict[int, Evidence] = {}
    groups_of: dict[int, list[int]] = {}
    reached: set[int] = set()
    for run in batched(held):
        for row in connection.execute(select(principal).where(principal.c.id.in_(run))):
            names[row.id] = principals.of_row(row)
        for row in connection.execute(
            select(identity_link)
            .join(principal, principal.c.id == identity_link.c.principal_id)
            .where(
                identity_link.c.principal_id.in_(run),
                identity_link.c.person_id == entitlements.person.id,
                fresh(principal.c.source, identity_link.c.linked_at, policy, now),
            )
            .order_by(identity_link.c.rank.desc())  # so that the strongest is told
        ):
            evidence[row.principal_id] = Evidence(row.evidence)
        for row in connection.execute(
            select(membership.c.group_id, membership.c.member_id)
            .join(group_feed, told_by)
            .join(principal, principal.c.id == membership.c.group_id)
            .where(
                membership.c.member_id.in_(run),
                group_feed.c.known,
                fresh(principal.c.source, group_feed.c.synced_at, policy, now),
            )
        ):
            if row.group_id in entitlements.principals:
                groups_of.setdefault(row.member_id, []).append(row.group_id)
                reached.add(row.group_id)
    starts = [each for each in held if each in evidence or each not in reached]
    return _shortest(starts, names, evidence, groups_of)


def _shortest(
    starts: list[int],
    names: Mapping[int, Principal],
    evidence: Mapping[int, Evidence],
    groups_of: Mapping[int, list[int]],
) -> dict[int, Path]:
    found = {each: Path((names[each],), evidence.get(each)) for each in starts}
    queue = deque(starts)
    while queue:
        member = queue.popleft()
        for group in sorted(groups_of.get(member, ())):
            if group not in found:
                found[group] = Path((*found[member].steps, names[group]), found[member].evidence)
                queue.append(group)
    return found
