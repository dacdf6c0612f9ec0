"""The catalog's SQL gives what the laws of `access` say, for any world."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import AccessControl, Clause, Evidence, Grant, IdentityLink, Principal, PrincipalKind
from catalog import clauses, documents, epoch, memberships, people
from catalog.entitlements import resolve
from catalog.policy import AccessPolicy
from corpus import MembershipPage
from retrieval.audience import audience
from retrieval.explain import explain
from retrieval.gate import Gate
from tests.catalog.worlds import (
    DAY,
    DRIVE,
    GITHUB,
    GROUPS,
    NOW,
    PEOPLE,
    USERS,
    World,
    empty,
    store,
    worlds,
)

FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FUZZ
@given(worlds())
def test_the_catalog_agrees_with_the_laws(catalog, world):
    with catalog.writing() as connection:
        empty(connection)
        rows = store(connection, world)
    gate = Gate(catalog, world.policy, lambda: NOW)
    for who in PEOPLE:
        with catalog.reading() as connection:
            known = people.get(connection, who)
            entitlements = resolve(connection, known, world.policy, NOW)
            stored = documents.load(connection, rows)
        admitted = gate.admit(who, rows)
        for n, row in enumerate(rows):
            expected = world.readable(who, n)
            assert (stored[row].scope_id in entitlements.scopes) == expected
            assert (row in admitted) == expected


@settings(FUZZ, max_examples=60)
@given(worlds())
def test_explanations_agree_with_the_verdict(catalog, world):
    with catalog.writing() as connection:
        empty(connection)
        rows = store(connection, world)
    for n, row in enumerate(rows):
        readers = {each.person for each in audience(catalog, world.policy, row, lambda: NOW)}
        assert readers == {who for who in PEOPLE if world.readable(who, n)}
        for who in PEOPLE:
            told = explain(catalog, world.policy, who, row, lambda: NOW)
            assert told.readable == world.readable(who, n)
            if told.readable:
                assert told.clauses
                assert all(each.admits for each in told.clauses)
                for each in told.clauses:
                    granted = {grant.principal for grant in each.clause.grants}
                    assert each.through.steps[-1] in granted
                    for member, group in zip(
                        each.through.steps, each.through.steps[1:], strict=False
                    ):
                        assert member in world.groups[group][0]
            elif not told.reason:
                assert not all(each.admits for each in told.clauses)


@settings(FUZZ, max_examples=100)
@given(worlds(), st.sampled_from([timedelta(hours=h) for h in (1, 12, 24, 25, 49, 73)]))
def test_a_remembered_answer_never_outlives_its_reasons(catalog, world, later):
    """Time alone: an answer that says it is still current equals a fresh one."""
    with catalog.writing() as connection:
        empty(connection)
        store(connection, world)
    for who in PEOPLE:
        with catalog.reading() as connection:
            known = people.get(connection, who)
            remembered = resolve(connection, known, world.policy, NOW)
            if remembered.current(connection, NOW + later):
                fresh = resolve(connection, known, world.policy, NOW + later)
                assert remembered.scopes <= fresh.scopes
                # What is dated in the future opens as the clock comes to it; that may wait.
                assert world.dated_ahead or remembered.scopes == fresh.scopes


def _one_person_world(grants, *, groups=None, policy=None):
    clause = Clause(DRIVE, "k", frozenset(map(Grant, grants)), NOW)
    return World(
        people=dict.fromkeys(PEOPLE, (False, True)),
        links=(IdentityLink(PEOPLE[0], USERS[0], Evidence.EXPLICIT),),
        groups=groups or {},
        controls=(AccessControl.all_of(clause),),
        policy=policy or AccessPolicy(),
    )


def _reads(catalog, world, who=PEOPLE[0], now=NOW):
    with catalog.reading() as connection:
        rows = list(documents.load(connection, range(1, 100)))
    return bool(Gate(catalog, world.policy, lambda: now).admit(who, rows))


def test_a_deep_chain_and_a_cycle_of_groups(catalog):
    chain = [Principal(DRIVE, PrincipalKind.GROUP, f"deep{n}@example.com") for n in range(200)]
    groups = {
        group: (frozenset([member, chain[-1]]), timedelta(0))
        for group, member in zip(chain, [USERS[0], *chain], strict=False)
    }
    world = _one_person_world([chain[-1]], groups=groups)
    with catalog.writing() as connection:
        store(connection, world)
    assert _reads(catalog, world)
    assert not _reads(catalog, world, PEOPLE[1])


def test_a_group_that_holds_itself_admits_nobody_new(catalog):
    world = _one_person_world(
        [GROUPS[0]], groups={GROUPS[0]: (frozenset([GROUPS[0]]), timedelta(0))}
    )
    with catalog.writing() as connection:
        store(connection, world)
    assert not _reads(catalog, world)


def test_equally_strong_claims_to_one_account_give_it_to_nobody(catalog):
    world = _one_person_world([USERS[0]])
    rival = IdentityLink(PEOPLE[1], USERS[0], Evidence.EXPLICIT)
    with catalog.writing() as connection:
        store(connection, world)
        people.replace_links(connection, [rival], "elsewhere", NOW)
    assert not _reads(catalog, world)
    assert not _reads(catalog, world, PEOPLE[1])


def test_knowledge_confirmed_again_opens_what_had_grown_stale(catalog):
    world = _one_person_world([USERS[0]])
    with catalog.writing() as connection:
        store(connection, world)
    late = NOW + 2 * DAY
    gate = Gate(catalog, world.policy, lambda: late)
    with catalog.reading() as connection:
        rows = list(documents.load(connection, range(1, 100)))
    assert not gate.admit(PEOPLE[0], rows)
    (clause,) = world.controls[0].clauses
    with catalog.writing() as connection:
        clauses.store(connection, [Clause(DRIVE, "k", clause.grants, late)])
    assert not gate.admit(PEOPLE[0], rows), "the link to the account is as old"
    with catalog.writing() as connection:
        people.replace_links(connection, world.links, "test", late, lambda: late)
    assert gate.admit(PEOPLE[0], rows)


def test_a_late_writer_does_not_undo_a_revocation(catalog):
    world = _one_person_world([USERS[0]])
    (clause,) = world.controls[0].clauses
    with catalog.writing() as connection:
        store(connection, world)
        clauses.store(connection, [Clause(DRIVE, "k", frozenset(), NOW + timedelta(seconds=2))])
        clauses.store(connection, [Clause(DRIVE, "k", clause.grants, NOW + timedelta(seconds=1))])
    assert not _reads(catalog, world)


CHANGES = {
    "grant": lambda c: clauses.store(
        c, [Clause.of(DRIVE, "k", [USERS[0], USERS[1]], NOW + timedelta(seconds=1))]
    ),
    "revoke": lambda c: clauses.store(c, [Clause.of(DRIVE, "k", [], NOW + timedelta(seconds=1))]),
    "forget": lambda c: clauses.store(
        c, [Clause.unknown(DRIVE, "k", "403", NOW + timedelta(seconds=1))]
    ),
    "new clause": lambda c: clauses.store(c, [Clause.of(DRIVE, "k9", [USERS[0]], NOW)]),
    "new scope": lambda c: clauses.intern_scopes(c, [frozenset([2, 1])]),
    "join": lambda c: memberships.store(
        c, MembershipPage(DRIVE, {GROUPS[1]: frozenset([USERS[0]])}), "test", NOW
    ),
    "group unreadable": lambda c: memberships.store(
        c, MembershipPage(DRIVE, {GROUPS[0]: None}), "test", NOW
    ),
    "group gone": lambda c: memberships.finish(c, DRIVE, "test", NOW + timedelta(seconds=1)),
    "link": lambda c: people.replace_links(
        c, [IdentityLink(PEOPLE[1], USERS[1], Evidence.EXPLICIT)], "more", NOW
    ),
    "unlink": lambda c: people.replace_links(c, [], "test", NOW),
    "deactivate": lambda c: people.store(c, PEOPLE[0], name="p", active=False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_of_access_moves_the_epoch_and_a_rollback_does_not(catalog, name):
    world = _one_person_world([USERS[0]], groups={GROUPS[0]: (frozenset([USERS[0]]), timedelta(0))})
    with catalog.writing() as connection:
        store(connection, world)
        clauses.store(connection, [Clause.of(GITHUB, "other", [USERS[4]], NOW)])
        before = epoch.current(connection)
    with pytest.raises(RuntimeError), catalog.writing() as connection:
        CHANGES[name](connection)
        assert epoch.current(connection) > before
        raise RuntimeError
    with catalog.reading() as connection:
        assert epoch.current(connection) == before
    with catalog.writing() as connection:
        CHANGES[name](connection)
    with catalog.reading() as connection:
        assert epoch.current(connection) > before


def test_writing_the_same_again_moves_nothing(catalog):
    world = _one_person_world([USERS[0]], groups={GROUPS[0]: (frozenset([USERS[0]]), timedelta(0))})
    with catalog.writing() as connection:
        store(connection, world)
        before = epoch.current(connection)
        store(connection, world)
        assert epoch.current(connection) == before


@pytest.mark.parametrize("longest", [None, NOW + 2 * DAY])
def test_of_two_grants_to_one_reader_the_longer_counts_and_moves_the_epoch_once(catalog, longest):
    """Somebody was shared a document twice; caches must not pay for it at each sync."""
    short = Grant(USERS[0], NOW + timedelta(hours=1))
    both = Clause(DRIVE, "k", frozenset([short, Grant(USERS[0], longest)]), NOW)
    world = replace(_one_person_world([USERS[0]]), controls=(AccessControl.all_of(both),))
    with catalog.writing() as connection:
        store(connection, world)
        before = epoch.current(connection)
        clauses.store(connection, [both])
        assert epoch.current(connection) == before
    assert _reads(catalog, world, now=NOW + timedelta(hours=2))
    with catalog.writing() as connection:
        clauses.store(connection, [Clause(DRIVE, "k", frozenset([short]), NOW)])
        assert epoch.current(connection) > before
    assert not _reads(catalog, world, now=NOW + timedelta(hours=2))


def test_a_limit_too_short_for_caches_is_refused():
    with pytest.raises(ValueError, match="under an hour"):
        AccessPolicy(max_age={DRIVE: timedelta(minutes=59)})
