"""A document in a part that refuses: nobody looks at it, though others confirm its clause."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from access import AccessControl, Clause, utc_now
from catalog import clauses, containers, documents, parts, people
from catalog.policy import AccessPolicy
from catalog.staleness import freshness
from catalog.tables import document as table
from retrieval.audience import audience
from retrieval.explain import explain
from retrieval.gate import Gate
from service.cli import bailiwick
from tests.catalog.guarded import ME, MINE
from tests.catalog.worlds import CONTAINER, DAY, DRIVE, NOW, USERS, document
from tests.sync.bench import Bench
from tests.sync.scripted import Script, Text, user

LATER = NOW + 3 * DAY
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("part", "looked", "passes"),
    [
        ("", NOW, True),
        ("list", NOW, False),
        ("list", LATER - DAY - MINUTE, False),
        ("list", LATER - DAY + MINUTE, True),
        ("list", LATER + MINUTE, True),
        ("list", LATER + 10 * MINUTE, False),
        ("list", None, False),
    ],
)
def test_a_clause_that_others_confirm_is_not_enough(catalog, part, looked, passes):
    clause = Clause.of(DRIVE, "k", [USERS[0]], NOW)
    with catalog.writing() as connection:
        people.store(connection, ME, name="me")
        people.replace_links(connection, [MINE], "test", LATER)
        containers.store(connection, [CONTAINER], NOW)
        number = containers.number(connection, DRIVE, CONTAINER.id)
        told = replace(document(0, AccessControl.all_of(clause)), part=part)
        documents.store(connection, number, False, [(told, None)], NOW)
        row = documents.present(connection, number)["d0"]
        connection.execute(update(table).values(looked_at=looked))
        clauses.store(connection, [replace(clause, synced_at=LATER)], lambda: LATER)
    policy = AccessPolicy()
    assert bool(Gate(catalog, policy, lambda: LATER).admit(ME, [row])) == passes
    assert explain(catalog, policy, ME, row, lambda: LATER).readable == passes
    assert bool(audience(catalog, policy, row, lambda: LATER)) == passes
    with catalog.reading() as connection:
        assert freshness(connection, policy, LATER)[0].hidden == (not passes)


def test_the_command_line_says_so_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path))
    script = Script()
    script.share("drive/main", user("ada"))
    for name in ("old", "new"):
        script.put(name, Text(name, b"x"))
    bench = Bench(script, tmp_path, clock=utc_now)
    bench.meet("ada")
    bench.read()
    with bench.catalog.writing() as connection:
        number = containers.number(connection, DRIVE, "main")
        within = parts.intern(connection, number, ["list"])["list"]
        connection.execute(update(table).values(part_id=within))
        old = table.c.native_id == "old"
        connection.execute(update(table).where(old).values(looked_at=utc_now() - 2 * DAY))
    bench.close()
    told = CliRunner().invoke(bailiwick, ["what-can-read", "ada", "--json"])
    assert [each["document"] for each in json.loads(told.output)] == ["google_drive:new"]
