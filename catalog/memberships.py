"""Who is in which group, from each feed that tells."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from access import Principal, Source
from catalog import epoch, principals
from catalog.tables import group_feed, membership, principal
from catalog.upsert import batched, upsert
from corpus import MembershipPage


def store(connection: Connection, page: MembershipPage, feed: str, now: datetime) -> None:
    """Write the direct members of some groups, as one feed tells them.

    Feeds add up: a person is in a group if any feed that is known and fresh says so.

    Args:
        connection: a writing connection.
        page: groups with all their direct members, or None for those that can't be read.
        feed: who tells: a source's API, or the directory file.
        now: when it was told.
    """
    epoch.hold(connection)
    people: set[Principal] = set(page.groups)
    for members in page.groups.values():
        people |= members or frozenset()
    numbers = principals.intern(connection, people)
    changed = False
    for group, members in sorted(page.groups.items(), key=lambda item: item[0]):
        number = numbers[group]
        known = members is not None
        wanted = {numbers[each] for each in members or ()}
        changed |= _replace(connection, number, feed, wanted)
        changed |= _mark(connection, number, feed, known, now)
    if changed:
        epoch.bump(connection)


def finish(connection: Connection, source: Source, feed: str, began: datetime) -> None:
    """Empty the groups that a feed, read from `began` to its end, no longer mentions."""
    epoch.hold(connection)
    gone = [
        row.group_id
        for row in connection.execute(
            select(group_feed.c.group_id)
            .join(principal, principal.c.id == group_feed.c.group_id)
            .where(
                principal.c.source == source,
                group_feed.c.feed == feed,
                group_feed.c.synced_at < began,
            )
        )
    ]
    for run in batched(gone):
        for table in (membership, group_feed):
            connection.execute(delete(table).where(table.c.group_id.in_(run), table.c.feed == feed))
    if gone:
        epoch.bump(connection)


def _replace(connection: Connection, group: int, feed: str, wanted: set[int]) -> bool:
    held = set(
        connection.execute(
            select(membership.c.member_id).where(
                membership.c.group_id == group, membership.c.feed == feed
            )
        ).scalars()
    )
    rows = [{"group_id": group, "member_id": each, "feed": feed} for each in wanted - held]
    for run in batched(rows):
        upsert(connection, membership, run, ("group_id", "member_id", "feed"))
    identity = tuple_(membership.c.group_id, membership.c.member_id, membership.c.feed)
    for gone in batched([(group, each, feed) for each in held - wanted]):
        connection.execute(delete(membership).where(identity.in_(gone)))
    return wanted != held


def _mark(connection: Connection, group: int, feed: str, known: bool, now: datetime) -> bool:
    before = connection.execute(
        select(group_feed.c.known, group_feed.c.synced_at).where(
            group_feed.c.group_id == group, group_feed.c.feed == feed
        )
    ).first()
    row = {"group_id": group, "feed": feed, "known": known, "synced_at": now}
    upsert(connection, group_feed, [row], ("group_id", "feed"), ("known", "synced_at"))
    return (
        before is None or before.known != known or now - before.synced_at >= epoch.CONFIRMED_AGAIN
    )
