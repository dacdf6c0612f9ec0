"""Several processes that write at once neither wait in a ring nor lose a row."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import func, select

from catalog import epoch, orphans
from catalog.policy import AccessPolicy
from catalog.tables import clause_grant, document, membership, scope
from tests.catalog.worlds import NOW

PAGES, DOCUMENTS, WRITERS = 12, 8, 4

WRITER = """
import random, sys
from datetime import timedelta
from access import AccessControl, Clause, Evidence, IdentityLink, Person, Principal, PrincipalKind
from catalog import containers, documents, failures, memberships, orphans, people, stages
from catalog.failures import Failure
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from corpus import Container, MembershipPage
from tests.catalog.test_processes import DOCUMENTS, PAGES
from tests.catalog.worlds import DRIVE, NOW, USERS, document
from dataclasses import replace

url, me = sys.argv[1], int(sys.argv[2])
chance = random.Random(me)
groups = [Principal(DRIVE, PrincipalKind.GROUP, f"shared{n}") for n in range(6)]
shared = [Clause.of(DRIVE, f"shared{n}", groups[: n + 1], NOW) for n in range(6)]
here = Container(DRIVE, f"c{me}", "", "")
with Catalog.open(url) as catalog:
    for page in range(PAGES):
        with catalog.writing() as connection:
            containers.store(connection, [here], NOW)
            number = containers.number(connection, DRIVE, here.id)
            bodies = []
            for n in chance.sample(range(DOCUMENTS), DOCUMENTS):
                own = Clause.of(DRIVE, f"{me}-{page}-{n}", chance.sample(groups, 2), NOW)
                access = AccessControl.all_of(own, *chance.sample(shared, 3))
                each = replace(document(0, access), id=f"{me}-{page}-{n}", container_id=here.id)
                bodies.append((each, None))
            documents.store(connection, number, False, bodies, NOW)
            known = documents.present(connection, number)
            stages.mark(connection, "chunks", [(row, "x", 1) for row in known.values()], NOW)
        with catalog.writing() as connection:
            # the other way round: access first, then groups, people and what is gone
            names = chance.sample(list(known), 3)
            control = AccessControl.all_of(*chance.sample(shared, 2))
            documents.set_access(connection, DRIVE, dict.fromkeys(names, control), NOW)
            listed = {g: frozenset(USERS) for g in chance.sample(groups, 4)}
            memberships.store(connection, MembershipPage(DRIVE, listed), f"feed{me}", NOW)
            person = Person("directory", f"p{me}")
            people.store(connection, person, name="", guest=bool(page % 2))
            people.replace_links(
                connection, [IdentityLink(person, USERS[me], Evidence.EXPLICIT)], f"feed{me}", NOW
            )
        with catalog.writing() as connection:
            some = chance.sample(list(known), 4)
            rows = [known[name] for name in some]
            wrong = [Failure(DRIVE, here.id, name, "index", "r", "r") for name in some]
            stages.unmark(connection, "chunks", rows)
            failures.record(connection, wrong, NOW)
            failures.clear(connection, DRIVE, some[:2], "index")
        if page % 4 == 3:
            with catalog.writing() as connection:
                orphans.sweep(connection, AccessPolicy(), NOW + timedelta(days=9))
"""


def test_pages_with_shared_clauses_stored_by_several_processes_at_once(catalog, catalog_url):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, catalog_url, str(n)], stderr=subprocess.PIPE
        )
        for n in range(WRITERS)
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=240)
        assert writer.returncode == 0, errors.decode()
    with catalog.writing() as connection:

        def count(table, *where):
            return connection.execute(
                select(func.count()).select_from(table).where(*where)
            ).scalar_one()

        total = WRITERS * PAGES * DOCUMENTS
        assert count(document) == count(document, document.c.scope_id.is_not(None)) == total
        assert count(scope) <= total + WRITERS * PAGES
        assert epoch.current(connection) > 0
        # Every own clause in use still has its two grants, whoever swept beside it.
        granted = dict(
            connection.execute(
                select(clause_grant.c.clause_id, func.count()).group_by(clause_grant.c.clause_id)
            ).all()
        )
        assert min(granted.values()) >= 1
        assert count(membership) > 0
        orphans.sweep(connection, AccessPolicy(), NOW)
        assert count(document, document.c.scope_id.is_not(None)) == total
