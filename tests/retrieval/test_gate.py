"""The gate asks for the document as it is now, and for the scope that a passage was put under."""

from __future__ import annotations

from datetime import timedelta

from access import AccessControl, Clause
from catalog import documents, stages
from catalog.policy import AccessPolicy
from retrieval.gate import Gate
from tests.catalog.guarded import guarded
from tests.catalog.worlds import DRIVE, NOW, PEOPLE, USERS

STAGE = stages.index_stage("embedded", "v")


def test_a_passage_passes_only_under_a_scope_that_the_asker_holds(catalog):
    later = NOW + timedelta(seconds=1)
    with catalog.writing() as connection:
        row = guarded(connection, USERS[1])  # written while others were to read it
        old = documents.get(connection, row).scope_id
        mine = AccessControl.all_of(Clause.of(DRIVE, "mine", [USERS[0]], later))
        documents.set_access(connection, DRIVE, {"d0": mine}, later)
        stored = documents.get(connection, row)
        new = stored.scope_id
        stages.mark(connection, STAGE, [(row, f"{stored.body_key}:as it is", 1)], later)
    gate = Gate(catalog, AccessPolicy(), lambda: later)
    assert gate.admit(PEOPLE[0], [row])
    assert gate.admit_indexed(PEOPLE[0], STAGE, [(row, old), (row, new), (row, 0)]).keys() == {
        (row, new)
    }
    assert not gate.admit_indexed(PEOPLE[1], STAGE, [(row, old), (row, new)])
    assert gate.admit_indexed(PEOPLE[0], STAGE, []) == {}
    # An index that holds another body of the document, or none that we know of.
    assert not gate.admit_indexed(PEOPLE[0], stages.index_stage("embedded", "x"), [(row, new)])
