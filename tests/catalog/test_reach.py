"""A reach covers all that its scopes do, in fewer numbers where containers are whole."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from access import AccessControl, Clause, Evidence, IdentityLink, Principal, PrincipalKind, Source
from catalog import clauses, containers, documents, people
from catalog.policy import AccessPolicy
from catalog.reach import compress
from catalog.tables import document as document_table
from corpus import Container
from retrieval.gate import Gate
from tests.catalog.worlds import DRIVE, NOW, PEOPLE, document, empty

USER = Principal(DRIVE, PrincipalKind.USER, "u@example.com")


def _store(connection, placed):
    """Documents by number, each in a container and under one clause."""
    for number, (home, key) in enumerate(placed):
        container = Container(DRIVE, f"c{home}", f"Container {home}", "")
        containers.store(connection, [container], NOW)
        row = containers.number(connection, DRIVE, container.id)
        access = AccessControl.all_of(Clause.of(DRIVE, f"k{key}", [USER], NOW))
        documents.store(connection, row, False, [(document(number, access), None)], NOW)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=20),
    st.sets(st.integers(0, 6)),
)
def test_it_covers_exactly_the_held_scopes_and_whole_containers_only(catalog, placed, held):
    with catalog.writing() as connection:
        empty(connection)
        _store(connection, placed)
        rows = connection.execute(select(document_table)).all()
        keys = {row.native_id: placed[int(row.native_id[1:])][1] for row in rows}
        scopes = frozenset(row.scope_id for row in rows if keys[row.native_id] in held)
        short = compress(connection, scopes)
    for row in rows:
        covered = row.scope_id in short.scopes or row.container_id in short.containers
        assert covered == (row.scope_id in scopes)
    assert len(short.scopes) + len(short.containers) <= len(scopes) + len(
        {row.container_id for row in rows}
    )
    for row in rows:
        if row.container_id in short.containers:
            assert row.scope_id in scopes


def test_a_known_scope_in_a_new_container_reaches_the_caches(catalog):
    with catalog.writing() as connection:
        people.store(connection, PEOPLE[0], name="p")
        link = IdentityLink(PEOPLE[0], USER, Evidence.EXPLICIT)
        people.replace_links(connection, [link], "test", NOW)
        _store(connection, [(0, 0)])
    gate = Gate(catalog, AccessPolicy(), lambda: NOW)
    before = gate.reach(PEOPLE[0])
    assert len(before.containers) == 1
    assert not before.scopes
    with catalog.writing() as connection:
        _store(connection, [(0, 0), (1, 0), (1, 1)])
        other = AccessControl.all_of(Clause.of(DRIVE, "k9", [], NOW))
        row = containers.number(connection, Source.GOOGLE_DRIVE, "c1")
        documents.store(connection, row, False, [(document(9, other), None)], NOW)
    after = gate.reach(PEOPLE[0])
    assert after.containers == before.containers
    assert len(after.scopes) == 2


def test_a_known_scope_that_is_new_in_a_known_container_reaches_the_caches(catalog):
    """Nothing else changes: without that the index would not be asked for the document."""
    with catalog.writing() as connection:
        people.store(connection, PEOPLE[0], name="p")
        link = IdentityLink(PEOPLE[0], USER, Evidence.EXPLICIT)
        people.replace_links(connection, [link], "test", NOW)
        _store(connection, [(0, 0)])
        closed = AccessControl.all_of(Clause.of(DRIVE, "closed", [], NOW))
        containers.store(connection, [Container(DRIVE, "c1", "c1", "")], NOW)
        row = containers.number(connection, DRIVE, "c1")
        documents.store(connection, row, False, [(document(9, closed), None)], NOW)
    gate = Gate(catalog, AccessPolicy(), lambda: NOW)
    assert not gate.reach(PEOPLE[0]).scopes
    with catalog.writing() as connection:
        (shared,) = (
            AccessControl(frozenset(clauses.of_scope(connection, scope)))
            for scope in gate.entitlements(PEOPLE[0]).scopes
        )
        documents.set_access(connection, DRIVE, {"d9": shared}, NOW)
    assert len(gate.reach(PEOPLE[0]).scopes) == 1


def test_moving_a_document_to_a_scope_that_is_known_there_moves_no_cache(catalog):
    with catalog.writing() as connection:
        _store(connection, [(0, 0), (0, 1)])
        people.store(connection, PEOPLE[0], name="p")
    gate = Gate(catalog, AccessPolicy(), lambda: NOW + timedelta(seconds=1))
    before = gate.entitlements(PEOPLE[0])
    access = AccessControl.all_of(Clause.of(DRIVE, "k1", [USER], NOW))
    with catalog.writing() as connection:
        documents.set_access(connection, DRIVE, {"d0": access}, NOW)
    assert gate.entitlements(PEOPLE[0]) is before
