"""What sources call readers is kept for showing, and decides nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy.event import listen

from access import Clause, Principal, PrincipalKind
from catalog import clauses, epoch, identities, memberships, principals
from catalog.database import Catalog
from catalog.policy import AccessPolicy
from corpus import MembershipPage
from service.cli import bailiwick
from tests.catalog.guarded import MINE, guarded, reads
from tests.catalog.worlds import DRIVE, GROUPS, NOW, USERS

ADA = replace(USERS[0], name="ada-b")
BEN = replace(USERS[1], name="ben")
CREW = replace(GROUPS[0], name="acme/crew")
LATER = NOW + timedelta(minutes=1)


def names(connection, *readers):
    found = {each: each.name for each in principals.find(connection, readers)}
    return [found.get(each) for each in readers]


def grant(connection, *readers, at=NOW):
    clauses.store(connection, [Clause.of(DRIVE, "k", readers, at)], lambda: LATER)


def test_a_name_is_no_part_of_who_a_reader_is():
    other = replace(ADA, name="somebody")
    assert ADA == USERS[0] == other
    assert len({ADA, USERS[0], other}) == 1
    assert ADA.encode() == USERS[0].encode()
    assert not other > ADA
    assert not other < ADA
    assert "ada-b" not in repr(ADA), "nor is it told by an error"


def test_grants_and_groups_tell_names(catalog):
    with catalog.writing() as connection:
        grant(connection, ADA, GROUPS[1])
        page = MembershipPage(DRIVE, {CREW: frozenset([USERS[0], BEN])})
        memberships.store(connection, page, "test", NOW)
    with catalog.reading() as connection:
        told = names(connection, USERS[0], USERS[1], GROUPS[0], GROUPS[1])
        assert told == ["ada-b", "ben", "acme/crew", ""]


def test_a_new_name_is_kept_and_moves_nothing(catalog):
    with catalog.writing() as connection:
        grant(connection, USERS[0])
        before = epoch.current(connection)
        grant(connection, ADA)
        assert names(connection, USERS[0]) == ["ada-b"]
        grant(connection, replace(ADA, name="ada-byrne"), at=LATER)
        assert names(connection, USERS[0]) == ["ada-byrne"]
        grant(connection, USERS[0], at=LATER)
        assert names(connection, USERS[0]) == ["ada-byrne"], "silence is no name"
        assert epoch.current(connection) == before


def test_a_new_name_of_a_group_in_many_clauses_is_written_once(catalog):
    """A source may call a group one thing where it is granted, and another where it is listed."""
    said = []
    listen(catalog.engine, "before_cursor_execute", lambda *of: said.append(of[2]))

    def told(crew, ada):
        grants = [Clause.of(DRIVE, f"k{each}", [crew, ada], NOW) for each in range(50)]
        said.clear()
        with catalog.writing() as connection:
            clauses.store(connection, [*grants, Clause.of(DRIVE, "z", [ADA], NOW)], lambda: LATER)
            assert names(connection, CREW, ADA) == [crew.name, "ada-b"], "silence is no name"
        return len(said)

    told(GROUPS[0], USERS[0])
    assert told(CREW, USERS[0]) < told(CREW, USERS[0]) + 5


def test_a_name_admits_nobody(catalog):
    """An account renamed to what another was called gets nothing of it."""
    impostor = replace(USERS[1], name=ADA.name)
    with catalog.writing() as connection:
        row = guarded(connection, impostor, links=[replace(MINE, principal=ADA)])
    assert not reads(catalog, row)
    with catalog.writing() as connection:
        grant(connection, replace(USERS[0], name=BEN.name), at=LATER)
    assert reads(catalog, row, now=LATER)


@pytest.mark.parametrize("name", ["nul\0here", "lone \ud800", "\x1b[2J\u202eevil", "x" * 5000])
def test_any_name_is_kept_and_shown_as_text(catalog, name):
    with catalog.writing() as connection:
        grant(connection, replace(USERS[0], name=name))
        grant(connection, replace(USERS[0], name=name), at=LATER)
    with catalog.reading() as connection:
        (told,) = identities.described(connection, [USERS[0]]).values()
    assert told.startswith(f"user {USERS[0].id} '")


def test_an_operator_is_shown_them(tmp_path, monkeypatch):
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    number = Principal(DRIVE, PrincipalKind.USER, "7320108", "ada-b\x1b[2J")
    with Catalog.at(tmp_path) as catalog:
        with catalog.writing() as connection:
            guarded(connection, number, CREW)
        with catalog.reading() as connection:
            found = identities.unresolved(connection, AccessPolicy(), NOW)
            told = identities.described(connection, [number, CREW, USERS[0]])
    assert {each.principal.name for each in found} == {number.name, CREW.name}
    assert told[CREW] == f"group {CREW.id} 'acme/crew' (no member is known)"
    assert told[USERS[0]] == f"p0 (user {USERS[0].id})", "whose it is says more"
    shown = CliRunner().invoke(bailiwick, ["unresolved"]).output
    assert shown.split()[:5] == ["source", "kind", "id", "name", "clauses"]
    assert any(each.split()[2:4] == ["7320108", "ada-b[2J"] for each in shown.splitlines())
