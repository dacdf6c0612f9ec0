"""What nothing refers to is swept, and nobody's access changes."""

from __future__ import annotations

from hypothesis import given, settings

from access import AccessControl, Clause
from catalog import clauses, documents, orphans, principals
from catalog.policy import AccessPolicy
from catalog.tables import clause, principal, scope
from retrieval.gate import Gate
from tests.catalog.guarded import guarded
from tests.catalog.test_entitlements import FUZZ
from tests.catalog.worlds import (
    DAY,
    DRIVE,
    GROUPS,
    NOW,
    PEOPLE,
    USERS,
    document,
    empty,
    store,
    worlds,
)

POLICY = AccessPolicy()
LATER = NOW + 5 * DAY


def ids(connection, table):
    return set(connection.execute(table.select()).scalars())


@settings(FUZZ, max_examples=60)
@given(worlds())
def test_sweeping_changes_nobodys_access_and_leaves_nothing_loose(catalog, world):
    with catalog.writing() as connection:
        empty(connection)
        rows = store(connection, world)
        orphan = AccessControl.all_of(Clause.of(DRIVE, "orphan", [GROUPS[0]], NOW - DAY))
        documents.set_access(connection, DRIVE, {"d0": orphan}, NOW)
    gate = Gate(catalog, world.policy, lambda: NOW)
    before = {who: set(gate.admit(who, rows)) for who in PEOPLE}
    with catalog.writing() as connection:
        orphans.sweep(connection, world.policy, LATER)
    assert {who: set(gate.admit(who, rows)) for who in PEOPLE} == before
    with catalog.writing() as connection:
        assert orphans.sweep(connection, world.policy, LATER) == orphans.Swept(0, 0, 0, 0)


def test_numbers_are_never_given_again(catalog):
    with catalog.writing() as connection:
        guarded(connection, USERS[0])
        number = clauses.store(connection, [Clause.of(DRIVE, "z", [USERS[3]], NOW)])[DRIVE, "z"]
        (scope_number,) = clauses.intern_scopes(connection, [frozenset([number])]).values()
        principal_number = principals.find(connection, [USERS[3]])[USERS[3]]
        swept = orphans.sweep(connection, POLICY, LATER)
        assert (swept.scopes, swept.clauses, swept.principals) == (1, 1, 1)
        again = clauses.store(connection, [Clause.of(DRIVE, "y", [USERS[2]], NOW)])[DRIVE, "y"]
        assert again > number
        (scope_again,) = clauses.intern_scopes(connection, [frozenset([again])]).values()
        assert scope_again > scope_number
        assert principals.find(connection, [USERS[2]])[USERS[2]] > principal_number


def test_a_clause_that_may_still_admit_keeps_its_date(catalog):
    """A slow writer that read the source before the revocation must find the revocation."""
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        revoked = Clause.of(DRIVE, "shared", [], NOW)
        clauses.store(connection, [revoked])
        assert orphans.sweep(connection, POLICY, NOW).clauses == 0
        slow = AccessControl.all_of(Clause.of(DRIVE, "shared", [USERS[0]], NOW - DAY / 2))
        number = documents.get(connection, row).container_id
        documents.store(connection, number, False, [(document(1, slow), None)], NOW)
        row = documents.present(connection, number)["d1"]
    assert not Gate(catalog, POLICY, lambda: NOW).admit(PEOPLE[0], [row])


def test_only_what_is_loose_goes(catalog):
    with catalog.writing() as connection:
        guarded(connection, USERS[0], groups={GROUPS[0]: frozenset([USERS[1]])})
        before = [ids(connection, table) for table in (scope, clause, principal)]
        assert orphans.sweep(connection, POLICY, LATER) == orphans.Swept(0, 0, 0, 0)
        assert [ids(connection, table) for table in (scope, clause, principal)] == before
