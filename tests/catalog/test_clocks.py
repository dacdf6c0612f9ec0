"""Clocks that were wrong: what is dated in the future neither opens nor blocks."""

from __future__ import annotations

from access import AccessControl, Clause
from catalog import clauses, documents, people
from tests.catalog.guarded import MINE, SECOND, guarded, reads
from tests.catalog.worlds import DAY, DRIVE, NOW, USERS


def test_a_clock_that_was_wrong_neither_opens_nor_blocks(catalog):
    """A clause dated years ahead would otherwise never grow old, nor give way to a revocation."""
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        ahead = Clause.of(DRIVE, "k", [USERS[0], USERS[1]], NOW + 1000 * DAY)
        clauses.store(connection, [ahead], lambda: NOW + 1000 * DAY)
    assert not reads(catalog, row)
    revoked = Clause.of(DRIVE, "k", [USERS[1]], NOW + SECOND)
    with catalog.writing() as connection:
        clauses.store(connection, [revoked], lambda: NOW + SECOND)
    assert not reads(catalog, row, now=NOW + SECOND)
    with catalog.writing() as connection:
        at = NOW + 1000 * DAY
        people.replace_links(connection, [MINE], "test", at, lambda: at)
    assert not reads(catalog, row, now=at)


def test_access_dated_in_the_future_gives_way(catalog):
    """Else what a document is restricted to now would wait for that time to come, and after."""
    ahead = NOW + 3 * DAY
    mine = Clause.of(DRIVE, "k", [USERS[0]], ahead)
    closed = Clause.of(DRIVE, "closed", [], NOW + SECOND)
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        documents.set_access(connection, DRIVE, {"d0": AccessControl.all_of(mine)}, ahead)
        both = AccessControl.all_of(Clause.of(DRIVE, "k", [USERS[0]], NOW + SECOND), closed)
        documents.set_access(connection, DRIVE, {"d0": both}, NOW + SECOND)
        clauses.store(connection, [mine], lambda: ahead)
        people.replace_links(connection, [MINE], "test", ahead, lambda: ahead)
    assert not reads(catalog, row, now=ahead)
    with catalog.writing() as connection:
        open_again = AccessControl.all_of(mine)
        documents.set_access(connection, DRIVE, {"d0": open_again}, ahead + SECOND)
    assert reads(catalog, row, now=ahead)
