"""Readers who are nobody, accounts claimed twice, and what grows old, told before users ask."""

from __future__ import annotations

from datetime import timedelta

from access import Clause, Evidence, IdentityLink, Principal, PrincipalKind
from catalog import clauses, documents, identities, memberships, people
from catalog.policy import AccessPolicy
from catalog.staleness import freshness
from corpus import MembershipPage
from tests.catalog.guarded import MINE, guarded
from tests.catalog.worlds import CLASSES, DAY, DRIVE, GROUPS, LINKED, NOW, PEOPLE, USERS

POLICY = AccessPolicy()


def nobody(catalog, now=NOW):
    with catalog.reading() as connection:
        return {
            each.principal: each.clauses for each in identities.unresolved(connection, POLICY, now)
        }


def test_accounts_and_groups_that_are_nobody_are_listed_with_the_clauses_that_name_them(catalog):
    told, untold = GROUPS[0], GROUPS[1]
    with catalog.writing() as connection:
        guarded(connection, USERS[0], USERS[1], told, untold, *CLASSES,
                groups={told: frozenset([USERS[2]])})  # fmt: skip
        clauses.store(connection, [Clause.of(DRIVE, "k2", [USERS[1]], NOW)])
    assert nobody(catalog) == {USERS[1]: 2, untold: 1, CLASSES[-1]: 1, LINKED: 1}
    with catalog.writing() as connection:
        link = IdentityLink(PEOPLE[1], USERS[1], Evidence.EXPLICIT)
        people.replace_links(connection, [link], "more", NOW)
        known = dict.fromkeys([CLASSES[-1], LINKED], frozenset())
        page = MembershipPage(DRIVE, {untold: None, **known})
        memberships.store(connection, page, "test", NOW)
    assert nobody(catalog) == {untold: 1}
    late = NOW + DAY + timedelta(seconds=1)
    assert nobody(catalog, late).keys() == {told, untold, CLASSES[-1], LINKED, *USERS[:2]}


def test_a_contested_account_is_listed_with_its_strongest_claims(catalog):
    rival = IdentityLink(PEOPLE[1], USERS[0], Evidence.EXPLICIT)
    weak = IdentityLink(PEOPLE[2], USERS[0], Evidence.VERIFIED_EMAIL)
    with catalog.writing() as connection:
        guarded(connection, USERS[0], links=[MINE, weak])
        assert identities.contested(connection) == []
        people.replace_links(connection, [rival], "source", NOW)
        (found,) = identities.contested(connection)
    assert found.principal == USERS[0]
    assert [(each.person, each.feed) for each in found.claims] == [
        (PEOPLE[0], "test"),
        (PEOPLE[1], "source"),
    ]


def test_one_person_known_twice_over_contests_nothing(catalog):
    with catalog.writing() as connection:
        guarded(connection, USERS[0])
        people.replace_links(connection, [MINE], "source", NOW)
        assert identities.contested(connection) == []


def test_what_is_hidden_and_what_soon_will_be_is_counted(catalog):
    def told(now):
        with catalog.reading() as connection:
            (found,) = freshness(connection, POLICY, now, timedelta(hours=6))
        return found

    with catalog.writing() as connection:
        guarded(connection, USERS[0])
    assert (told(NOW).hidden, told(NOW).soon, told(NOW).hides_at) == (0, 0, None)
    late = told(NOW + timedelta(hours=19))
    assert (late.hidden, late.soon, late.hides_at) == (0, 1, NOW + DAY)
    gone = told(NOW + DAY + timedelta(seconds=1))
    assert (gone.hidden, gone.soon, gone.stale) == (1, 0, True)
    with catalog.writing() as connection:
        documents.remove(connection, DRIVE, ["d0"], NOW)
    assert told(NOW + 2 * DAY).hidden == 0


def test_an_address_of_another_kind_is_not_an_account(catalog):
    alike = Principal(DRIVE, PrincipalKind.GROUP, USERS[0].id)
    with catalog.writing() as connection:
        guarded(connection, alike)
    assert nobody(catalog) == {alike: 1}
