"""What somebody would try in order to read what they may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, ProgrammingError

from access import (
    AccessControl,
    AccessError,
    Clause,
    Evidence,
    IdentityLink,
    InvalidPrincipal,
    Person,
    Principal,
    PrincipalKind,
)
from catalog import clauses, documents, epoch, memberships, people, principals
from catalog.database import Catalog
from catalog.errors import UnknownPerson
from catalog.policy import AccessPolicy
from catalog.tables import metadata
from corpus import MembershipPage
from retrieval.audience import audience
from retrieval.explain import explain
from retrieval.gate import Gate
from tests.catalog.guarded import ME, OTHER, SECOND, guarded, reads
from tests.catalog.test_entitlements import FUZZ
from tests.catalog.worlds import (
    CLASSES,
    DAY,
    DRIVE,
    GITHUB,
    GROUPS,
    LINKED,
    NOW,
    PEOPLE,
    USERS,
    document,
)

# Ids


NAMES = st.text(min_size=1, max_size=6) | st.sampled_from(
    ["a:b", "a,b", "a%3Ab", "a%", "a_b", "аdmin", "admin", "Admin", "é", "é", "ß", "ss", "ﬁ", "fi"]
)


@FUZZ
@given(st.sets(st.tuples(st.sampled_from([DRIVE, GITHUB]), NAMES), min_size=2, max_size=8))
def test_no_two_ids_are_one_reader(catalog, names):
    """Separators, look-alikes, compositions and case: each id is its own row, and no other's."""
    told = set()
    for source, name in names:
        for kind in (PrincipalKind.USER, PrincipalKind.GROUP):
            try:
                told.add(Principal(source, kind, name))
            except InvalidPrincipal:
                continue
    with catalog.writing() as connection:
        rows = principals.intern(connection, told)
        assert set(rows) == told
        assert len(set(rows.values())) == len(told)
        assert principals.find(connection, told) == rows


@FUZZ
@given(st.sets(NAMES, min_size=2, max_size=6))
def test_no_two_keys_are_one_clause(catalog, keys):
    told = []
    for key in keys:
        try:
            told.append(Clause.of(DRIVE, key, [], NOW))
        except AccessError:
            continue
    with catalog.writing() as connection:
        numbers = clauses.store(connection, told)
        assert len(set(numbers.values())) == len(told)
        sets = [frozenset([each]) for each in numbers.values()]
        sets += [frozenset(numbers.values())] if len(numbers) > 1 else []
        scopes = clauses.intern_scopes(connection, sets)
        assert len(set(scopes.values())) == len(sets)


def test_a_group_named_like_a_user_is_not_the_user(catalog):
    named_like_me = Principal(DRIVE, PrincipalKind.GROUP, USERS[0].id)
    with catalog.writing() as connection:
        row = guarded(connection, named_like_me)
    assert not reads(catalog, row)


def test_equal_ids_in_two_sources_and_two_issuers_stay_apart(catalog):
    elsewhere = Principal(GITHUB, PrincipalKind.USER, USERS[0].id)
    with catalog.writing() as connection:
        row = guarded(connection, elsewhere)
        mine = guarded(connection, USERS[0])
        people.store(connection, Person("https://other.example", ME.subject), name="namesake")
    assert row == mine
    assert reads(catalog, row)
    assert not reads(catalog, row, Person("https://other.example", ME.subject))
    with pytest.raises(UnknownPerson):
        reads(catalog, row, Person("https://third.example", ME.subject))


def test_teams_of_two_organisations_are_two_groups(catalog):
    teams = [Principal(GITHUB, PrincipalKind.GROUP, f"org/{name}/team/7") for name in "ab"]
    account = Principal(GITHUB, PrincipalKind.USER, "1")
    with catalog.writing() as connection:
        row = guarded(connection, teams[1], links=[IdentityLink(ME, account, Evidence.EXPLICIT)])
        page = MembershipPage(GITHUB, {teams[0]: frozenset([account])})
        memberships.store(connection, page, "test", NOW)
    assert not reads(catalog, row)


# Clauses and groups


def test_a_clause_without_readers_and_an_unknown_one_admit_nobody(catalog):
    with catalog.writing() as connection:
        row = guarded(connection)
    assert not reads(catalog, row)
    with catalog.writing() as connection:
        clauses.store(connection, [Clause.unknown(DRIVE, "k", "403", NOW + SECOND)])
    assert not reads(catalog, row)


def test_a_document_without_clauses_admits_nobody(catalog):
    everyone = AccessPolicy(frozenset([DRIVE]), frozenset([DRIVE]))
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        documents.set_access(connection, DRIVE, {"d0": AccessControl(frozenset())}, NOW)
    assert not reads(catalog, row, policy=everyone)
    with catalog.writing() as connection, pytest.raises(ValueError, match="needs a clause"):
        clauses.intern_scopes(connection, [frozenset()])


def test_a_scope_that_lost_a_clause_admits_nobody(catalog):
    """Whatever removes the row of a clause takes a condition away; that must not open anything."""
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        more = AccessControl.all_of(
            Clause.of(DRIVE, "k", [USERS[0]], NOW), Clause.of(DRIVE, "closed", [USERS[1]], NOW)
        )
        documents.set_access(connection, DRIVE, {"d0": more}, NOW)
        connection.execute(text("DELETE FROM clause WHERE key = 'closed'"))
    assert not reads(catalog, row)
    assert audience(catalog, AccessPolicy(), row, lambda: NOW) == []
    assert not explain(catalog, AccessPolicy(), ME, row, lambda: NOW).readable


def test_a_cycle_of_groups_ends_and_admits_only_its_members(catalog):
    a, b, c = GROUPS[:3]
    ring = {a: frozenset([b, a]), b: frozenset([c]), c: frozenset([a, USERS[0]])}
    with catalog.writing() as connection:
        row = guarded(connection, a, groups=ring)
    assert reads(catalog, row)
    assert not reads(catalog, row, OTHER)


def test_a_guest_is_in_no_tenant_however_it_is_reached(catalog):
    tenant, domain, group = CLASSES[-1], CLASSES[0], GROUPS[0]
    told = {tenant: [USERS[0]], domain: [USERS[0]], group: [tenant, domain], GROUPS[1]: [USERS[0]]}
    with catalog.writing() as connection:
        rows = guarded(
            connection, tenant, domain, group, groups={k: frozenset(v) for k, v in told.items()}
        )
    assert reads(catalog, rows)
    with catalog.writing() as connection:
        people.store(connection, ME, name="guest", guest=True)
    assert not reads(catalog, rows)
    with catalog.writing() as connection:
        clauses.store(connection, [Clause.of(DRIVE, "k", [GROUPS[1]], NOW + SECOND)])
    assert reads(catalog, rows)


@pytest.mark.parametrize("everyone", [CLASSES[2], CLASSES[3], CLASSES[1], LINKED])
def test_no_list_of_members_opens_what_only_the_policy_may(catalog, everyone):
    with catalog.writing() as connection:
        row = guarded(connection, everyone, groups={everyone: frozenset([USERS[0]])})
    assert not reads(catalog, row)
    assert reads(catalog, row, policy=AccessPolicy(frozenset([DRIVE]), frozenset([DRIVE])))


def test_an_expired_grant_closes_by_the_clock_under_a_warm_gate(catalog):
    now = [NOW]
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0], expires=NOW + timedelta(minutes=1))
    gate = Gate(catalog, AccessPolicy(), lambda: now[0])
    assert gate.admit(ME, [row])
    now[0] += timedelta(seconds=59)
    assert gate.admit(ME, [row])
    now[0] += SECOND
    assert not gate.admit(ME, [row])


def test_knowledge_grown_old_closes_under_a_warm_gate(catalog):
    now = [NOW]
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
    gate = Gate(catalog, AccessPolicy(), lambda: now[0])
    assert gate.admit(ME, [row])
    now[0] += DAY + SECOND
    assert not gate.admit(ME, [row])


def test_a_slow_look_does_not_undo_a_restriction(catalog):
    """A crawl that read a document's access, then spent minutes on bodies, writes it last."""
    open_clause = Clause.of(DRIVE, "k", [USERS[0]], NOW)
    restricted = AccessControl.all_of(
        Clause.of(DRIVE, "k", [USERS[0]], NOW + SECOND), Clause.of(DRIVE, "r", [], NOW + SECOND)
    )
    slow = AccessControl.all_of(open_clause)
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        number = documents.get(connection, row).container_id
        later = NOW + timedelta(minutes=5)
        documents.set_access(connection, DRIVE, {"d0": restricted}, NOW + 2 * SECOND)
        documents.store(connection, number, False, [(document(0, slow), None)], later)
        documents.set_access(connection, DRIVE, {"d0": slow}, later)
    assert not reads(catalog, row, now=NOW + 2 * SECOND)
    again = AccessControl.all_of(Clause.of(DRIVE, "k", [USERS[0]], NOW + 3 * SECOND))
    with catalog.writing() as connection:
        documents.set_access(connection, DRIVE, {"d0": again}, later)
    assert reads(catalog, row, now=later)


# Identity


def test_an_address_that_moved_moves_nothing(catalog):
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        people.store(connection, ME, name="first", email="shared@example.com")
        people.store(connection, ME, name="first", email="new@example.com")
        people.store(connection, OTHER, name="second", email="shared@example.com")
        people.store(connection, PEOPLE[2], name="third", email=USERS[0].id)
    assert reads(catalog, row)
    assert not reads(catalog, row, OTHER)
    assert not reads(catalog, row, PEOPLE[2])


def test_an_account_that_moved_needs_fresh_evidence(catalog):
    weaker = IdentityLink(OTHER, USERS[0], Evidence.VERIFIED_EMAIL)
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        people.replace_links(connection, [weaker], "source", NOW)
    assert reads(catalog, row)
    assert not reads(catalog, row, OTHER)
    with catalog.writing() as connection:
        people.replace_links(connection, [], "test", NOW)
    assert not reads(catalog, row)
    assert reads(catalog, row, OTHER)


def test_somebody_who_left_reads_nothing_under_a_warm_gate(catalog):
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
    gate = Gate(catalog, AccessPolicy(), lambda: NOW)
    assert gate.admit(ME, [row])
    with catalog.writing() as connection:
        people.remove_absent(connection, ME.issuer, [OTHER])
    assert not gate.admit(ME, [row])


@pytest.mark.parametrize("kind", [kind for kind in PrincipalKind if kind is not PrincipalKind.USER])
def test_nobody_is_a_group_by_a_link(catalog, kind):
    link = IdentityLink(ME, Principal(DRIVE, kind, "all@example.com"), Evidence.EXPLICIT)
    with catalog.writing() as connection:
        row = guarded(connection, link.principal)
        with pytest.raises(ValueError, match="is no account"):
            people.replace_links(connection, [link], "bad", NOW)
        # And if a row said so all the same:
        number = principals.find(connection, [link.principal])[link.principal]
        connection.execute(
            text("UPDATE identity_link SET principal_id = :number"), {"number": number}
        )
        epoch.bump(connection)
    assert not reads(catalog, row)


# The database


ACCESS = {
    "clause", "clause_grant", "counter", "document", "group_feed", "identity_link", "membership",
    "person", "principal", "scope", "scope_clause",
}  # fmt: skip
MEANT = {
    ("clause_grant", "expires_at"): "for good",
    ("document", "scope_id"): "nobody",
    ("document", "access_at"): "gives way to any",
    ("document", "looked_at"): "gives way to any",
    ("document", "read_at"): "gives way to any",
    ("document", "content_hash"): "no body",
    ("document", "created_at"): "not told",
    ("document", "modified_at"): "not told",
    ("document", "removed_at"): "present",
    ("document", "part_id"): "in none that is known",
    ("person", "email"): "not told",
}


def test_null_is_refused_wherever_it_has_no_meaning(catalog):
    with catalog.writing() as connection:
        row = guarded(connection, GROUPS[0], groups={GROUPS[0]: frozenset([USERS[0]])})
    assert reads(catalog, row)
    for table in metadata.sorted_tables:
        for column in table.c if table.name in ACCESS else ():
            if (table.name, column.name) in MEANT:
                continue
            with pytest.raises(IntegrityError), catalog.writing() as connection:
                connection.execute(text(f"UPDATE {table.name} SET {column.name} = NULL"))
    with catalog.writing() as connection:
        connection.execute(text("UPDATE document SET scope_id = NULL"))
    assert not reads(catalog, row, policy=AccessPolicy(frozenset([DRIVE]), frozenset([DRIVE])))


def test_what_was_rolled_back_is_not_remembered(catalog):
    with catalog.writing() as connection:
        row = guarded(connection)
    gate = Gate(catalog, AccessPolicy(), lambda: NOW)
    assert not gate.admit(ME, [row])
    with pytest.raises(RuntimeError), catalog.writing() as connection:
        clauses.store(connection, [Clause.of(DRIVE, "k", [USERS[0]], NOW + SECOND)])
        raise RuntimeError
    assert not gate.admit(ME, [row])


def test_a_reader_needs_no_more_than_select(catalog, catalog_url):
    """What only answers may not be able to write who may read."""
    if catalog_url.startswith("sqlite"):
        pytest.skip("SQLite knows no accounts")
    with catalog.writing() as connection:
        row = guarded(connection, USERS[0])
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    try:
        url = make_url(catalog_url).set(username="reader")
        with Catalog.open(url) as seen:
            gate = Gate(seen, AccessPolicy(), lambda: NOW)
            assert gate.admit(ME, [row])
            assert gate.reach(ME)
            assert explain(seen, AccessPolicy(), ME, row, lambda: NOW).readable
            assert audience(seen, AccessPolicy(), row, lambda: NOW)
            with pytest.raises(ProgrammingError, match="permission denied"):
                revoke(seen)
    finally:
        with catalog.writing() as connection:
            connection.execute(text("DROP OWNED BY reader"))
            connection.execute(text("DROP ROLE reader"))


def revoke(catalog):
    with catalog.writing() as connection:
        clauses.store(connection, [Clause.of(DRIVE, "k", [], NOW + SECOND)])


@pytest.mark.parametrize("listed", [True, False])
def test_a_guest_is_in_no_domain_by_their_address_either(catalog, listed):
    groups = {CLASSES[0]: frozenset([USERS[0]])} if listed else None
    linked = AccessPolicy(links=frozenset([DRIVE]))
    with catalog.writing() as connection:
        row = guarded(connection, CLASSES[0], CLASSES[1], groups=groups)
    assert reads(catalog, row)
    gate = Gate(catalog, linked, lambda: NOW)
    assert gate.admit(ME, [row])
    with catalog.writing() as connection:
        people.store(connection, ME, name=ME.subject, guest=True)
    assert not reads(catalog, row)
    assert not gate.admit(ME, [row])
