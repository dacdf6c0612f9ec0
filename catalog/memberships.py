"""Who is in which group, from each feed that tells."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, delete, or_, select, tuple_

from access import CLOCK_SKEW, Clock, Principal, Source, utc_now
from catalog import checkpoints, epoch, principals
from catalog.checkpoints import Feed
from catalog.tables import group_feed, membership, principal
from catalog.upsert import batched, upsert
from corpus import Cursor, MembershipPage


def store(
    connection: Connection,
    page: MembershipPage,
    feed: str,
    asked: datetime,
    clock: Clock = utc_now,
) -> None:
    """Write the direct members of some groups, as one feed tells them.

    Feeds add up: a person is in a group if any feed that is known and fresh says so. A group
    that the feed was asked about later is left as it is: a slow reader must not undo a
    revocation. One dated in the future gives way to any: a wrong clock must not either.

    Args:
        connection: a writing connection.
        page: groups with all their direct members, or None for those that can't be read.
        feed: who tells: a source's API, or the directory file.
        asked: the time before the request that read the page.
        clock: gives the present instant.
    """
    epoch.hold(connection)
    people: set[Principal] = set(page.groups)
    for members in page.groups.values():
        people |= members or frozenset()
    numbers = principals.intern(connection, people)
    changed = False
    latest = clock() + CLOCK_SKEW
    read_whole = checkpoints.saved_at(connection, page.source, feed, Feed.MEMBERSHIPS)
    for group, members in sorted(page.groups.items(), key=lambda item: item[0]):
        number = numbers[group]
        before = _told(connection, number, feed)
        # Of a group that is not there, the last reading to the end said that there is none.
        later = read_whole if before is None else before.synced_at
        if later is not None and asked < later <= latest:
            continue
        known = members is not None
        wanted = {numbers[each] for each in members or ()}
        changed |= _replace(connection, number, feed, wanted)
        changed |= _mark(connection, number, feed, before, known, asked)
    if changed:
        epoch.bump(connection)


def finish(
    connection: Connection,
    source: Source,
    feed: str,
    began: datetime,
    asked: datetime | None = None,
    clock: Clock = utc_now,
) -> None:
    """Empty the groups that a feed, read from `began` to its end, no longer mentions.

    One dated in the future goes too, or its members would be back when the time comes: had it
    been mentioned, it would have a date of now.

    Args:
        connection: a writing connection.
        source: whose groups.
        feed: who told.
        began: the time before the first request.
        asked: the time before the request that read the last page; `began` when not given.
        clock: gives the present instant.
    """
    epoch.hold(connection)
    gone = [
        row.group_id
        for row in connection.execute(
            select(group_feed.c.group_id)
            .join(principal, principal.c.id == group_feed.c.group_id)
            .where(
                principal.c.source == source,
                group_feed.c.feed == feed,
                or_(
                    group_feed.c.synced_at < began,
                    group_feed.c.synced_at > clock() + CLOCK_SKEW,
                ),
            )
        )
    ]
    for run in batched(gone):
        for table in (membership, group_feed):
            connection.execute(delete(table).where(table.c.group_id.in_(run), table.c.feed == feed))
    whole = asked or began
    if not checkpoints.overtaken(connection, source, feed, Feed.MEMBERSHIPS, whole, clock):
        checkpoints.save(connection, source, feed, Feed.MEMBERSHIPS, Cursor(""), whole)
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


def _told(connection: Connection, group: int, feed: str) -> Row[tuple[bool, datetime]] | None:
    return connection.execute(
        select(group_feed.c.known, group_feed.c.synced_at).where(
            group_feed.c.group_id == group, group_feed.c.feed == feed
        )
    ).first()


def _mark(
    connection: Connection,
    group: int,
    feed: str,
    before: Row[tuple[bool, datetime]] | None,
    known: bool,
    asked: datetime,
) -> bool:
    row = {"group_id": group, "feed": feed, "known": known, "synced_at": asked}
    upsert(connection, group_feed, [row], ("group_id", "feed"), ("known", "synced_at"))
    return (
        before is None
        or before.known != known
        or abs(asked - before.synced_at) >= epoch.CONFIRMED_AGAIN
    )
