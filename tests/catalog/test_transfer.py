"""A catalog copied to another database is the same catalog."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from sqlalchemy import select

from access import Clause
from catalog import clauses, documents, epoch, people, principals, transfer
from catalog.database import Catalog
from catalog.errors import CatalogError, CatalogNotCopied
from catalog.tables import metadata
from catalog.vectors import CatalogVectors
from retrieval.gate import Gate
from tests.catalog.guarded import guarded
from tests.catalog.test_entitlements import FUZZ
from tests.catalog.worlds import DRIVE, NOW, PEOPLE, USERS, empty, store, worlds


@pytest.fixture
def source(tmp_path):
    with Catalog.at(tmp_path / "source") as opened:
        yield opened


def dump(catalog):
    with catalog.reading() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if table.name != "counter"
        }


@settings(FUZZ, max_examples=25)
@given(worlds())
def test_everything_arrives_and_means_the_same(source, catalog, world):
    for each in (source, catalog):
        with each.writing() as connection:
            empty(connection)
    with source.writing() as connection:
        rows = store(connection, world)
    counts = transfer.copy(source, catalog)
    assert dump(catalog) == dump(source)
    assert counts == {name: len(found) for name, found in dump(source).items()}
    for who in PEOPLE:
        here, there = (Gate(each, world.policy, lambda: NOW) for each in (source, catalog))
        assert set(here.admit(who, rows)) == set(there.admit(who, rows))


def test_vectors_and_the_epoch_arrive(source, catalog):
    import numpy as np

    CatalogVectors(source).put_many("m", {"ab" * 32: np.arange(4, dtype=np.float32)})
    with source.writing() as connection:
        epoch.bump(connection)
    transfer.copy(source, catalog)
    found = CatalogVectors(catalog).get_many("m", ["ab" * 32])
    assert found["ab" * 32].tolist() == [0, 1, 2, 3]
    with source.reading() as old, catalog.reading() as new:
        assert epoch.current(new) > epoch.current(old)


def test_names_of_readers_arrive(source, catalog):
    named = replace(USERS[0], name="ada-b")
    with source.writing() as connection:
        guarded(connection, named)
    transfer.copy(source, catalog)
    with catalog.reading() as connection:
        assert [each.name for each in principals.find(connection, [named])] == ["ada-b"]


def test_row_numbers_go_on_beyond_those_ever_given(source, catalog):
    with source.writing() as connection:
        guarded(connection, USERS[0])
        last = clauses.store(connection, [Clause.of(DRIVE, "gone", [], NOW)])[DRIVE, "gone"]
        connection.exec_driver_sql("DELETE FROM clause WHERE key = 'gone'")
    transfer.copy(source, catalog)
    with catalog.writing() as connection:
        new = clauses.store(connection, [Clause.of(DRIVE, "new", [], NOW)])[DRIVE, "new"]
        assert new > last
        people.store(connection, PEOPLE[0], name="again")
        people.store(connection, type(PEOPLE[0])("other", "x"), name="new")


def test_a_target_with_anything_in_it_is_refused(source, catalog):
    with catalog.writing() as connection:
        guarded(connection, USERS[0])
    before = dump(catalog)
    with pytest.raises(CatalogNotCopied, match="not empty"):
        transfer.copy(source, catalog)
    assert dump(catalog) == before


def test_a_copy_that_fails_leaves_the_target_empty(source, catalog, monkeypatch):
    with source.writing() as connection:
        guarded(connection, USERS[0])
    monkeypatch.setattr(epoch, "current", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        transfer.copy(source, catalog)
    monkeypatch.undo()
    assert not any(dump(catalog).values())
    transfer.copy(source, catalog)
    with catalog.reading() as connection:
        assert documents.present(connection, 1)


def test_a_missing_driver_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg2", None)
    with pytest.raises(CatalogError, match=r"bailiwick\[postgres\]"):
        Catalog.open("postgresql+psycopg2://localhost/x")
