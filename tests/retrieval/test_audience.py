"""Everyone who may read a document, without asking about everyone."""

from __future__ import annotations

import pytest

from access import AccessControl, Clause, Evidence, IdentityLink, Person, Principal, PrincipalKind
from catalog import containers, documents, memberships, people
from catalog.policy import AccessPolicy
from corpus import MembershipPage
from retrieval import audience as module
from retrieval.audience import audience
from tests.catalog.worlds import CONTAINER, DRIVE, NOW, document

MANY = 30


def user(number):
    domain = "acme.com" if number % 3 else "other.com"
    return Principal(DRIVE, PrincipalKind.USER, f"u{number}@{domain}")


def group(name):
    return Principal(DRIVE, PrincipalKind.GROUP, name)


@pytest.fixture
def guard(catalog):
    """Guards the document by clauses, each of some readers."""

    def write(*clauses):
        with catalog.writing() as connection:
            links = []
            for n in range(MANY):
                who = Person("directory", f"p{n:02}")
                people.store(connection, who, name="", guest=n == 4)
                links.append(IdentityLink(who, user(n), Evidence.EXPLICIT))
            people.replace_links(connection, links, "test", NOW)
            inner, outer = group("inner"), group("outer")
            groups = {inner: frozenset([user(1), user(2)])}
            groups[outer] = frozenset([inner, user(3), outer])
            memberships.store(connection, MembershipPage(DRIVE, groups), "test", NOW)
            containers.store(connection, [CONTAINER], NOW)
            number = containers.number(connection, DRIVE, CONTAINER.id)
            told = [Clause.of(DRIVE, f"k{n}", each, NOW) for n, each in enumerate(clauses)]
            bodies = [(document(0, AccessControl.all_of(*told)), None)]
            documents.store(connection, number, False, bodies, NOW)
            return documents.present(connection, number)["d0"]

    return write


@pytest.fixture
def asked(monkeypatch):
    """The people who were asked about."""
    names = []
    decide = module.admitted

    def admitted(connection, people, *rest):
        names.extend(each.person.subject for each in people)
        return decide(connection, people, *rest)

    monkeypatch.setattr(module, "admitted", admitted)
    return names


DOMAIN = Principal(DRIVE, PrincipalKind.DOMAIN, "acme.com")
ANYONE = Principal(DRIVE, PrincipalKind.ANYONE, "discoverable")
STAFF = [n for n in range(MANY) if n % 3]


@pytest.mark.parametrize(
    ("clauses", "candidates", "readers"),
    [
        ([[user(7)]], [7], [7]),
        ([[group("outer")]], [1, 2, 3], [1, 2, 3]),
        ([[group("outer")], [user(2), user(3), user(9)]], [2, 3], [2, 3]),
        ([[]], [], []),
        ([[group("nobody told")]], [], []),
        ([[DOMAIN]], STAFF, [n for n in STAFF if n != 4]),
        ([[DOMAIN], [group("inner"), user(3)]], [1, 2], [1, 2]),
        ([[ANYONE], [user(5)]], [5], [5]),
    ],
)
def test_only_those_beneath_the_clauses_are_asked_about(
    catalog, guard, asked, clauses, candidates, readers
):
    row = guard(*clauses)
    policy = AccessPolicy(frozenset([DRIVE]))
    found = audience(catalog, policy, row, lambda: NOW)
    assert [each.person.subject for each in found] == [f"p{n:02}" for n in readers]
    assert asked == [f"p{n:02}" for n in candidates]


def test_anyone_means_everyone_where_the_policy_says_so(catalog, guard):
    row = guard([ANYONE])
    everyone = audience(catalog, AccessPolicy(frozenset([DRIVE])), row, lambda: NOW)
    assert len(everyone) == MANY
    assert audience(catalog, AccessPolicy(), row, lambda: NOW) == []
