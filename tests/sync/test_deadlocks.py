"""Writers on PostgreSQL wait for each other in a line, never in a ring."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from catalog import deletions, stages
from catalog import documents as catalog_documents
from sync import chunks as sync_chunks
from sync import permissions as sync_permissions
from sync.discovery import discover
from tests.sync.bench import Bench
from tests.sync.scripted import SOURCE, Script, Text, user


@pytest.fixture
def bench(catalog_url, tmp_path):
    if catalog_url.startswith("sqlite"):
        pytest.skip("SQLite has one writer")
    script = Script()
    script.share("drive/main", user("ada"))
    for n in range(30):
        script.put(f"d{n:02}", Text("t", f"x{n}".encode()))
    bench = Bench(script, tmp_path, catalog_url)
    bench.read()
    yield bench
    bench.close()


def together(*works) -> list[Exception]:
    wrong: list[Exception] = []

    def run(work) -> None:
        try:
            work()
        except DBAPIError as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return wrong


def wrapped(module, **changes) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(module), **changes})


def test_a_reconciliation_beside_a_sweep_of_permissions(bench, monkeypatch):
    script = bench.script
    listed = dict(script.containers["main"])
    for n in range(20):
        script.delete(f"d{n:02}", told=False)
    assert bench.reconcile().held == 20
    script.containers["main"] = listed  # all but a few are listed again
    for n in range(3):
        script.containers["main"].pop(f"d{n:02}")
    kept, swept = threading.Event(), threading.Event()
    keep, store = deletions.keep, sync_permissions.clauses.store

    def slow_keep(*asked):
        keep(*asked)
        kept.set()
        swept.wait(2)

    def slow_store(*asked):
        found = store(*asked)
        kept.wait(2)
        threading.Timer(1, swept.set).start()
        return found

    monkeypatch.setattr(deletions, "keep", slow_keep)
    monkeypatch.setattr(
        sync_permissions, "clauses", wrapped(sync_permissions.clauses, store=slow_store)
    )
    assert together(bench.permissions, bench.reconcile) == []


def test_lost_bodies_beside_a_read(bench, monkeypatch):
    bench.content_of("d00").write_bytes(b"damaged")
    for n in range(3):
        bench.script.edit(f"d{n:02}", title="other")
    marked, locked = threading.Event(), threading.Event()
    mark, scopes = stages.mark, catalog_documents._scopes

    def slow_mark(*asked):
        mark(*asked)
        marked.set()
        locked.wait(2)

    def slow_scopes(*asked):
        found = scopes(*asked)
        marked.wait(2)
        threading.Timer(1, locked.set).start()
        return found

    monkeypatch.setattr(sync_chunks, "stages", wrapped(stages, mark=slow_mark))
    monkeypatch.setattr(catalog_documents, "_scopes", slow_scopes)
    assert together(bench.chunk, bench.read) == []


@pytest.mark.parametrize(
    "work", ["reconcile", "chunk", "permissions", "read", "groups", "put", "prefer"]
)
def test_whoever_writes_about_several_rows_takes_its_place_in_the_line_first(bench, work):
    """No row of these tables is locked in a transaction before the one lock of writers."""
    ours = {"document", "stage_mark", "held_deletion", "membership", "failure", "clause", "scope"}
    held = False
    early: list[str] = []

    def begun(connection) -> None:
        nonlocal held
        held = False

    def said(connection, cursor, statement, parameters, context, many) -> None:
        nonlocal held
        words = statement.split()
        if "pg_advisory_xact_lock" in statement:
            held = True
        table = {"INSERT": 2, "DELETE": 2, "UPDATE": 1}.get(words[0])
        if table and words[table] in ours and not held:
            early.append(statement)

    for n in range(3):
        bench.script.edit(f"d{n:02}", title="other")
        bench.script.delete(f"d{n + 5:02}", told=False)
    event.listen(bench.catalog.engine, "begin", begun)
    event.listen(bench.catalog.engine, "before_cursor_execute", said)
    if work == "prefer":
        discover(bench.catalog, bench.connector, bench.clock, [f"{SOURCE}:main"])
    else:
        getattr(bench, work)()
    assert early == []


def test_a_document_written_again_waits_for_nobody_who_only_refers_to_it(bench):
    """As an indexer does, whose marks name the row."""
    bench.script.edit("d00", title="other")
    with bench.catalog.writing() as connection:
        connection.exec_driver_sql("SELECT id FROM document FOR KEY SHARE")
        reading = threading.Thread(target=bench.read)
        reading.start()
        reading.join(20)
        waits = reading.is_alive()
    reading.join(60)
    assert not waits
