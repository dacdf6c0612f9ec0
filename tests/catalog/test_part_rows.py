"""Rows of parts go when no document needs them, and nothing else does."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from catalog import documents, parts
from catalog.policy import AccessPolicy
from catalog.staleness import freshness
from catalog.tables import document, part
from sync.retention import purge
from tests.sync.parted_bench import Installation, site_of

MONTH = timedelta(days=30)


@pytest.fixture
def ours(tmp_path, catalog) -> Installation:
    made = Installation(site_of(a=2, b=2), catalog, tmp_path)
    assert made.sync() is None
    return made


def _sweep(ours: Installation) -> int:
    with ours.catalog.writing() as connection:
        return parts.sweep(connection)


def _purge(ours: Installation) -> None:
    ours.clock.now += MONTH + timedelta(hours=1)
    purge(ours.catalog, ours.content, MONTH, clock=ours.clock)


def _rows(ours: Installation) -> dict[str, int]:
    with ours.catalog.reading() as connection:
        return {name: row for row, name in parts.names(connection, ours.number()).items()}


def _drop(ours: Installation, name: str) -> dict[str, int]:
    held = ours.site.parts.pop(name)
    ours.sync()
    return held


def _told(ours: Installation):
    """What the source tells of each document now."""
    pages = ours.connector.changes(None, None, lambda ids: {})
    return {each.document.id: each.document for page in pages for each in page.changes}


def test_a_part_goes_once_the_text_of_all_that_was_in_it_is_purged(ours) -> None:
    assert _sweep(ours) == 0
    _drop(ours, "a")
    assert _sweep(ours) == 0  # what was removed may come back without being read
    _purge(ours)
    before = _rows(ours)
    assert _sweep(ours) == 1
    assert _rows(ours) == {"b": before["b"]}
    assert _sweep(ours) == 0
    ours.site.put("a", "a0")
    assert ours.sync() is None
    assert ours.stored() == ours.site.there()
    assert _rows(ours)["a"] > before["b"]


def test_what_comes_back_without_being_read_is_in_its_part(ours) -> None:
    held = _drop(ours, "b")
    _sweep(ours)
    ours.site.parts["b"] = held
    ours.sweep()
    assert ours.stored() == ours.site.there()


def test_a_doubted_part_needs_no_row(ours) -> None:
    """The cursor names it, and its comparison finds what came meanwhile."""
    _drop(ours, "a")
    _purge(ours)
    ours.site.put("a", "a0")
    ours.site.unlisted.add("a")
    with ours.catalog.writing() as connection:
        connection.execute(update(document).values(part_id=None))
    assert _sweep(ours) == 2
    ours.sync()
    assert ours.doubted() == {"a"}
    ours.site.unlisted.clear()
    ours.site.lose("a", "a0")
    assert ours.sync() is None
    assert "a0" not in ours.stored()
    assert not ours.doubted()


def test_a_document_whose_part_was_told_after_its_text_was_purged_keeps_it(ours) -> None:
    """Were it to come back by an older look, it would seem to be in no part and never grow old."""
    held = _drop(ours, "a")
    _purge(ours)
    asked = ours.clock()
    ours.site.parts["a"] = held
    ours.sweep()
    assert _sweep(ours) == 0
    body = _told(ours)["a0"]
    with ours.catalog.writing() as connection:
        documents.store(connection, ours.number(), False, [(body, None)], ours.clock(), asked)
    assert ours.stored()["a0"] == "a"
    ours.clock.now += timedelta(hours=25)
    with ours.catalog.reading() as connection:
        (told,) = freshness(connection, AccessPolicy(), ours.clock())
    assert told.hidden == 3


def test_a_page_that_is_stored_meanwhile_finds_its_part(ours) -> None:
    """A sweep waits for a writer that has looked its part up and not yet written who is in it."""
    _drop(ours, "a")
    _purge(ours)
    ours.site.put("a", "a0")
    body = _told(ours)["a0"]
    swept: list[int] = []
    thread = threading.Thread(target=lambda: swept.append(_sweep(ours)))

    def said(connection, cursor, statement, parameters, context, many) -> None:
        if statement.startswith("INSERT INTO document") and not thread.ident:
            thread.start()
            thread.join(0.5)

    event.listen(ours.catalog.engine, "before_cursor_execute", said)
    with ours.catalog.writing() as connection:
        documents.store(connection, ours.number(), False, [(body, None)], ours.clock())
    thread.join(60)
    assert swept == [0]
    assert ours.stored()["a0"] == "a"


def test_many_parts_go_a_few_at_a_time(ours) -> None:
    with ours.catalog.writing() as connection:
        parts.intern(connection, ours.number(), [f"x{n}" for n in range(30)])
    assert [_sweep(ours) for _ in range(3)] == [20, 10, 0]
    with ours.catalog.reading() as connection:
        assert set(connection.execute(select(part.c.name)).scalars()) == {"a", "b"}
