"""Who is somebody, and for how long that is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access import AccessControl, Clause, Evidence, IdentityLink
from catalog import epoch, memberships, people
from catalog.database import Catalog
from catalog.entitlements import resolve
from catalog.paths import paths
from catalog.policy import AccessPolicy
from catalog.reach import compress
from catalog.staleness import belonging
from corpus import MembershipPage
from retrieval.audience import audience
from retrieval.gate import Gate
from tests.catalog.worlds import CLASSES, DAY, DRIVE, GROUPS, NOW, PEOPLE, USERS, World, store

DOMAIN, LINK = CLASSES[0], CLASSES[1]


def world(*readers, **more) -> World:
    control = AccessControl.all_of(Clause.of(DRIVE, "k", readers, more.pop("at", NOW)))
    links = tuple(
        IdentityLink(who, account, Evidence.EXPLICIT)
        for who, account in zip(PEOPLE, USERS, strict=False)
    )
    everyone = dict.fromkeys(PEOPLE, (False, True))
    groups = more.pop("groups", {})
    policy = more.pop("policy", AccessPolicy())
    return World(everyone, links, groups, (control,), policy)


def readers(catalog, made: World, at=NOW) -> set[str]:
    with catalog.reading() as connection:
        found = set()
        for who in people.load(connection):
            held = resolve(connection, who, made.policy, at)
            ways = paths(connection, held, made.policy, at)
            assert set(ways) == held.principals
            if held.scopes:
                found.add(who.person.subject)
        return found


def write(catalog, made: World) -> list[int]:
    with catalog.writing() as connection:
        return store(connection, made)


@pytest.mark.parametrize("age", [timedelta(0), 2 * DAY], ids=["fresh", "stale"])
@pytest.mark.parametrize("members", [frozenset({USERS[0]}), frozenset(), None])
def test_an_address_proves_nothing_where_a_feed_lists_the_domain(catalog, members, age):
    made = world(DOMAIN, groups={DOMAIN: (members, age)})
    (document,) = write(catalog, made)
    wanted = {"p0"} if members and not age else set()
    assert readers(catalog, made) == wanted
    told = audience(catalog, made.policy, document, lambda: NOW)
    assert {each.person.subject for each in told} == wanted


def test_a_link_for_a_listed_domain_is_for_those_listed(catalog):
    policy = AccessPolicy(links=frozenset({DRIVE}))
    made = world(LINK, groups={DOMAIN: (frozenset({USERS[0]}), timedelta(0))}, policy=policy)
    write(catalog, made)
    assert readers(catalog, made) == {"p0"}
    unlisted = replace(made, groups={})
    assert unlisted.principals(PEOPLE[1]) >= {LINK}


def test_a_link_that_nobody_confirmed_for_too_long_admits_nobody(catalog):
    late = NOW + DAY + timedelta(seconds=1)
    made = world(USERS[0], GROUPS[0], at=NOW + DAY / 2)
    (document,) = write(catalog, made)
    noon = NOW + DAY / 2
    assert readers(catalog, made, noon) == {"p0"}
    with catalog.reading() as connection:
        who = people.get(connection, PEOPLE[0])
        assert resolve(connection, who, made.policy, noon).valid_until == NOW + DAY
    assert readers(catalog, made, late) == set()
    assert audience(catalog, made.policy, document, lambda: late) == []
    with catalog.reading() as connection:
        (drive, *_) = belonging(connection, made.policy, late)
    assert (drive.source, drive.oldest_link, drive.stale) == (DRIVE, NOW, True)
    with catalog.writing() as connection:
        people.replace_links(connection, made.links, "test", late, lambda: late)
    assert readers(catalog, made, late) == {"p0"}


def test_an_older_word_on_links_is_left_out(catalog):
    made = world(USERS[0])
    write(catalog, made)
    with catalog.writing() as connection:
        people.replace_links(connection, made.links[1:], "test", NOW + DAY / 4)
        people.replace_links(connection, made.links, "test", NOW + DAY / 8)
    assert readers(catalog, made, NOW + DAY / 4) == set()
    with catalog.writing() as connection:
        people.replace_links(connection, made.links, "test", NOW + DAY / 2)
    assert readers(catalog, made, NOW + DAY / 2) == {"p0"}


def test_a_group_dated_in_the_future_is_not_back_when_that_time_comes(catalog):
    """Its source had it deleted long ago, and every reading since has said so."""
    ahead = NOW + 3 * DAY
    made = world(GROUPS[0], at=ahead)
    write(catalog, made)
    with catalog.writing() as connection:
        page = MembershipPage(DRIVE, {GROUPS[0]: frozenset([USERS[0]])})
        memberships.store(connection, page, "test", ahead, lambda: ahead)
        memberships.finish(connection, DRIVE, "test", ahead, ahead, lambda: ahead)
    assert _asked_again(catalog, made, ahead) == {"p0"}
    with catalog.writing() as connection:
        before = epoch.current(connection)
        memberships.finish(connection, DRIVE, "test", NOW, NOW, lambda: NOW)
        assert epoch.current(connection) > before
        # And a page read before that, of the group as it was, comes too late.
        memberships.store(connection, page, "test", NOW - DAY / 8, lambda: NOW)
    assert readers(catalog, made, NOW) == set()
    assert _asked_again(catalog, made, ahead) == set()


def test_a_slow_reading_without_a_group_opens_no_gap_for_a_slower_one_with_it(catalog):
    """Of three readings the last said that the group is gone; what the others say is older."""
    made = world(GROUPS[0])
    write(catalog, made)
    first, second, third = (NOW + n * DAY / 24 for n in range(1, 4))
    with catalog.writing() as connection:
        for asked in (third, first):
            memberships.finish(connection, DRIVE, "test", asked, asked, lambda: third)
        page = MembershipPage(DRIVE, {GROUPS[0]: frozenset([USERS[0]])})
        memberships.store(connection, page, "test", second, lambda: third)
    assert readers(catalog, made, third) == set()


def test_an_answer_is_remembered_though_one_of_two_feeds_is_silent(catalog):
    """What admits nobody any more has no say in how long an answer holds."""
    made = world(GROUPS[0], groups={GROUPS[0]: (frozenset([USERS[0]]), timedelta(0))})
    write(catalog, made)
    with catalog.writing() as connection:
        page = MembershipPage(DRIVE, {GROUPS[0]: frozenset([USERS[0]])})
        memberships.store(connection, page, "other", NOW - 2 * DAY, lambda: NOW)
    with catalog.reading() as connection:
        held = resolve(connection, people.get(connection, PEOPLE[0]), made.policy, NOW)
        assert held.scopes
        assert held.current(connection, NOW + DAY / 24)


@pytest.mark.parametrize("now", [frozenset(), frozenset({USERS[1]}), None])
@pytest.mark.parametrize("told", [GROUPS[0], DOMAIN, LINK])
def test_what_one_feed_says_makes_no_members_of_those_that_a_silent_one_told(catalog, told, now):
    policy = AccessPolicy(links=frozenset({DRIVE}))
    listed = DOMAIN if told == LINK else told
    made = world(told, groups={listed: (now, timedelta(0))}, policy=policy)
    (document,) = write(catalog, made)
    with catalog.writing() as connection:
        page = MembershipPage(DRIVE, {listed: frozenset([USERS[0]])})
        memberships.store(connection, page, "silent", NOW - 2 * DAY, lambda: NOW)
    wanted = {"p1"} if now else set()
    assert readers(catalog, made) == wanted
    told_of = audience(catalog, policy, document, lambda: NOW)
    assert {each.person.subject for each in told_of} == wanted


def test_a_group_confirmed_again_is_back_under_a_warm_gate(catalog):
    late = NOW + 2 * DAY
    made = world(GROUPS[0], at=late, groups={GROUPS[0]: (frozenset([USERS[0]]), timedelta(0))})
    (document,) = write(catalog, made)
    with catalog.writing() as connection:
        people.replace_links(connection, made.links, "test", late, lambda: late)
    gate = Gate(catalog, made.policy, lambda: late)
    assert not gate.admit(PEOPLE[0], [document])
    with catalog.writing() as connection:
        page = MembershipPage(DRIVE, {GROUPS[0]: frozenset([USERS[0]])})
        memberships.store(connection, page, "test", late, lambda: late)
    assert gate.admit(PEOPLE[0], [document])


def _asked_again(catalog, made, at):
    with catalog.writing() as connection:
        people.replace_links(connection, made.links, "test", at, lambda: at)
    return readers(catalog, made, at)


def test_a_container_with_a_document_that_nobody_may_read_is_not_whole(catalog):
    made = world(USERS[0])
    write(catalog, made)
    with catalog.reading() as connection:
        held = resolve(connection, people.get(connection, PEOPLE[0]), made.policy, NOW)
        assert compress(connection, held.scopes).containers
    write(catalog, replace(made, controls=(*made.controls, AccessControl(frozenset()))))
    with catalog.reading() as connection:
        short = compress(connection, held.scopes)
    assert (short.containers, short.scopes) == (frozenset(), held.scopes)


def test_opening_a_catalog_waits_for_no_writer(catalog, catalog_url):
    with catalog.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(718281828)")
            connection.exec_driver_sql("LOCK TABLE alembic_version IN ROW EXCLUSIVE MODE")
        started = Catalog.writing
        try:
            Catalog.writing = None  # to ask for the writers' lock would be an error
            Catalog.open(catalog_url).close()
        finally:
            Catalog.writing = started


@pytest.mark.parametrize(("age", "found"), [(timedelta(0), {"p0"}), (2 * DAY, set())])
def test_a_list_of_a_domain_lets_link_holders_in_while_it_is_fresh(catalog, age, found):
    links = AccessPolicy(links=frozenset({DRIVE}))
    made = world(LINK, groups={DOMAIN: (frozenset({USERS[0]}), age)}, policy=links)
    write(catalog, made)
    assert readers(catalog, made) == found
