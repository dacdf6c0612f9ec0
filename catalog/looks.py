"""Of two looks at a source the later counts, and not the one that was written later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, null

from access import CLOCK_SKEW, AccessControl
from catalog.tables import document

PURGED = and_(document.c.version == "", document.c.content_hash.is_(None))
"""Whether the text of a document that was removed is purged."""


def read_at(control: AccessControl) -> datetime | None:
    """When a source was asked for this access: its newest clause; None where it has none."""
    return max((each.synced_at for each in control.clauses), default=None)


def shown_after(told: datetime, now: datetime) -> ColumnElement[bool]:
    """Whether a look at a document, later than `told`, found it there.

    A look dated in the future is none: some clock was wrong.
    """
    return func.coalesce(
        and_(document.c.looked_at > told, document.c.looked_at <= now + CLOCK_SKEW), false()
    )


def latest(looked: ColumnElement[Any], now: datetime) -> ColumnElement[Any]:
    """The later of a look at a document and the one that is stored.

    A stored one dated in the future gives way: some clock was wrong.
    """
    return unless_looked_since("looked_at", looked, looked, now)


def unless_read_since(
    name: str, value: ColumnElement[Any], read: ColumnElement[Any], now: datetime
) -> ColumnElement[Any]:
    """`value`, unless the document was read at a later time than `read` and that is stored.

    Two containers may have it on their pages at once, when it moves. What the slower one writes
    last would put it back where it was, with the text that it had there and the readers of
    where it is. A stored time in the future is none: some clock was wrong.
    """
    later = and_(document.c.read_at > read, document.c.read_at <= now + CLOCK_SKEW)
    return case((later, document.c[name]), else_=value)


def unless_looked_since(
    name: str, value: ColumnElement[Any], looked: ColumnElement[Any], now: datetime
) -> ColumnElement[Any]:
    """`value`, unless the column's present one rests on a look later than `looked`.

    A look dated in the future is none: some clock was wrong.
    """
    later = and_(document.c.looked_at > looked, document.c.looked_at <= now + CLOCK_SKEW)
    return case((later, document.c[name]), else_=value)


def if_removed_since(looked: ColumnElement[Any], now: datetime) -> ColumnElement[Any]:
    """The time of removal, if it came no earlier than a look at the source; else none.

    A removal dated in the future says nothing: some clock was wrong.
    """
    later = and_(document.c.removed_at >= looked, document.c.removed_at <= now + CLOCK_SKEW)
    return case((later, document.c.removed_at), else_=null())


def if_gone(looked: ColumnElement[Any], now: datetime) -> ColumnElement[Any]:
    """As `if_removed_since`; but one whose text is purged stays removed until it is read again."""
    return case((PURGED, document.c.removed_at), else_=if_removed_since(looked, now))


def unless_newer(
    name: str, value: ColumnElement[Any], read_at: ColumnElement[Any], now: datetime
) -> ColumnElement[Any]:
    """`value`, unless the column's present one rests on a later look at the source.

    Access that nobody knows has no time, and is always taken: it can only hide. It leaves the
    time of the last look that told. A look dated in the future is none: some clock was wrong.
    """
    later = and_(document.c.access_at > read_at, document.c.access_at <= now + CLOCK_SKEW)
    kept = case((later, document.c[name]), else_=value)
    return kept if name == "scope_id" else func.coalesce(kept, document.c[name])
