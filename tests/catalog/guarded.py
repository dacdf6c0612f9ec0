"""One document under one clause, and who reads it."""

from __future__ import annotations

from datetime import timedelta

from access import AccessControl, Clause, Evidence, Grant, IdentityLink
from catalog import containers, documents, memberships, people
from catalog.policy import AccessPolicy
from corpus import MembershipPage
from retrieval.gate import Gate
from tests.catalog.worlds import CONTAINER, DRIVE, NOW, PEOPLE, USERS, document

ME, OTHER = PEOPLE[0], PEOPLE[1]
MINE = IdentityLink(ME, USERS[0], Evidence.EXPLICIT)
SECOND = timedelta(seconds=1)


def guarded(connection, *readers, links=(MINE,), groups=None, expires=None):
    """One document, guarded by one clause; gives its row."""
    for who in PEOPLE:
        people.store(connection, who, name=who.subject)
    people.replace_links(connection, links, "test", NOW)
    if groups:
        memberships.store(connection, MembershipPage(DRIVE, groups), "test", NOW)
    containers.store(connection, [CONTAINER], NOW)
    number = containers.number(connection, DRIVE, CONTAINER.id)
    clause = Clause(DRIVE, "k", frozenset(Grant(each, expires) for each in readers), NOW)
    access = AccessControl.all_of(clause)
    documents.store(connection, number, False, [(document(0, access), None)], NOW)
    return documents.present(connection, number)["d0"]


def reads(catalog, row, who=ME, *, now=NOW, policy=None):
    return bool(Gate(catalog, policy or AccessPolicy(), lambda: now).admit(who, [row]))
