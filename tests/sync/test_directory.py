"""Of several processes that read the directory file, the one that read it last counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from catalog import people
from connectors.directory import ISSUER, directory_of
from corpus import MembershipPage
from sync.directory import sync_directory
from sync.memberships import sync_memberships
from tests.catalog.guarded import SECOND
from tests.catalog.worlds import DRIVE, NOW, USERS
from tests.sync.scripted import group

MINUTE = timedelta(minutes=1)
G = group("g")
LEAVER = f"""
people:
  - {{subject: leaver, name: Leaver, accounts: {{google_drive: {USERS[0].id}}}}}
  - {{subject: stays, name: Stays, accounts: {{google_drive: {USERS[1].id}}}}}
groups:
  google_drive:
    - {{id: {G.id}, people: [leaver, stays]}}
"""
LEFT = f"""
people:
  - {{subject: stays, name: Stays, accounts: {{google_drive: {USERS[1].id}}}}}
groups:
  google_drive:
    - {{id: {G.id}, people: [stays]}}
"""


class Silent:
    """A source without groups."""

    source = DRIVE

    def memberships(self):
        yield MembershipPage(DRIVE, {})


def sync(catalog, text, read_at, now):
    directory = directory_of(Path("directory.yaml"), text)
    sync_directory(catalog, directory, lambda: now, read_at)
    sync_memberships(catalog, Silent(), directory, lambda: now, read_at)


def told(catalog):
    """Who may ask, whose accounts are known, and how many are in some group."""
    with catalog.reading() as connection:
        active = {
            each.person.subject
            for each in people.load(connection)
            if each.active and each.person.issuer == ISSUER
        }
        linked = connection.exec_driver_sql(
            "SELECT subject FROM person JOIN identity_link ON person_id = person.id"
            " WHERE issuer = 'directory'"
        )
        members = connection.exec_driver_sql("SELECT count(*) FROM membership").scalar()
        return active, set(linked.scalars()), members


@pytest.mark.parametrize("later", [LEFT, "people: []"], ids=["a leaver", "everybody"])
def test_a_file_read_before_somebody_left_and_written_after_does_not_bring_them_back(
    catalog, later
):
    sync(catalog, LEAVER, NOW, NOW)
    assert told(catalog) == ({"leaver", "stays"}, {"leaver", "stays"}, 2)
    sync(catalog, later, NOW + MINUTE, NOW + MINUTE)
    now = told(catalog)
    assert "leaver" not in now[0] | now[1]
    # It waited for the lock of writers, or was slow, for longer than clocks may differ.
    sync(catalog, LEAVER, NOW + MINUTE - SECOND, NOW + 10 * MINUTE)
    assert told(catalog) == now
    sync(catalog, LEAVER, NOW + 11 * MINUTE, NOW + 11 * MINUTE)
    assert told(catalog) == ({"leaver", "stays"}, {"leaver", "stays"}, 2)


def test_a_reading_dated_in_the_future_gives_way(catalog):
    sync(catalog, LEAVER, NOW + 100 * MINUTE, NOW + 100 * MINUTE)
    sync(catalog, LEFT, NOW, NOW)
    assert told(catalog) == ({"stays"}, {"stays"}, 1)


def test_a_long_file_keeps_other_writers_waiting_for_few_statements(catalog):
    people = [
        f"{{subject: p{n}, name: P, accounts: {{google_drive: p{n}@example.com}}}}"
        for n in range(400)
    ]
    text = f"people: [{', '.join(people)}]"
    statements = []
    event.listen(
        catalog.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    for now in (NOW, NOW + MINUTE):
        statements.clear()
        sync(catalog, text, now, now)
        assert len(statements) < 60
    assert not [each for each in statements if each.startswith("INSERT INTO person ")]
    assert len(told(catalog)[1]) == 400
    sync(catalog, "people: []", now, now)
    assert told(catalog) == (set(), set(), 0)
