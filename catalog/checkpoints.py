"""Our saved places in the sources' feeds."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from access import CLOCK_SKEW, Clock
from catalog.tables import checkpoint
from catalog.upsert import upsert
from corpus import Cursor


class Feed(StrEnum):
    """The three feeds of a source, each with a cursor of its own, and the directory file's."""

    CONTENT = "content"
    PERMISSIONS = "permissions"
    MEMBERSHIPS = "memberships"
    PEOPLE = "people"


def load(connection: Connection, source: str, container: str, feed: Feed) -> Cursor | None:
    """Where to go on from in a feed; `container` is empty for feeds of a whole source."""
    row = connection.execute(
        select(checkpoint.c.cursor, checkpoint.c.doubted).where(_is(source, container, feed))
    ).one_or_none()
    return None if row is None else Cursor(row.cursor, frozenset(json.loads(row.doubted)))


def saved_at(connection: Connection, source: str, container: str, feed: Feed) -> datetime | None:
    """When a checkpoint was moved last, as `save` was told; None if there is none."""
    return connection.execute(
        select(checkpoint.c.updated_at).where(_is(source, container, feed))
    ).scalar()


def overtaken(
    connection: Connection, source: str, container: str, feed: Feed, asked: datetime, clock: Clock
) -> bool:
    """Whether a feed was saved as of a later time than `asked`.

    One dated in the future is none: some clock was wrong.
    """
    saved = saved_at(connection, source, container, feed)
    return saved is not None and asked < saved <= clock() + CLOCK_SKEW


def save(
    connection: Connection,
    source: str,
    container: str,
    feed: Feed,
    cursor: Cursor,
    now: datetime,
) -> None:
    """Move a checkpoint, in the transaction that stores what came before it."""
    row = {
        "source": source,
        "container": container,
        "feed": feed,
        "cursor": cursor.token,
        "doubted": json.dumps(sorted(cursor.doubted)),
        "updated_at": now,
    }
    changing = ("cursor", "doubted", "updated_at")
    upsert(connection, checkpoint, [row], ("source", "container", "feed"), changing)


def forget(connection: Connection, source: str, container: str, feed: Feed) -> None:
    """Drop a checkpoint, so that the feed is read from its beginning."""
    connection.execute(delete(checkpoint).where(_is(source, container, feed)))


def _is(source: str, container: str, feed: Feed) -> ColumnElement[bool]:
    return and_(
        checkpoint.c.source == source,
        checkpoint.c.container == container,
        checkpoint.c.feed == feed,
    )
