"""The access epoch: one number that moves whenever an answer about access could."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select, text, update

from catalog.tables import counter

_NAME = "access_epoch"
_HOLD = text("SELECT pg_advisory_xact_lock(718281829)")

CONFIRMED_AGAIN = timedelta(hours=1)
"""Knowledge not confirmed for this long may have gone stale meanwhile, under the shortest limit
that a source can be given. Confirming it may admit people whom a cache left out, so the epoch
moves then too; confirming it more often than that costs nobody a cache."""


def current(connection: Connection) -> int:
    """The epoch as this transaction sees it."""
    return int(
        connection.execute(select(counter.c.value).where(counter.c.name == _NAME)).scalar_one()
    )


def hold(connection: Connection) -> None:
    """Make the rest of this transaction the only one that writes about access or progress.

    Read, compare and write are then one step, so that of two writers the later sees what the
    earlier wrote; and writers can't wait for each other in a ring. SQLite has one writer anyway.
    Whatever takes locks on several rows of documents, clauses, scopes, principals, memberships,
    people, links, stage marks or failures calls this first.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD)


def bump(connection: Connection) -> None:
    """Move the epoch, in the caller's transaction.

    Called by whatever changes a clause, a membership, an identity link or a scope, so that a
    cache keyed by the epoch never outlives the knowledge it was built on, in any process.
    """
    connection.execute(
        update(counter).where(counter.c.name == _NAME).values(value=counter.c.value + 1)
    )
