"""Removed documents vanish at once, their text after the retention period."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from access import AccessControl
from catalog import documents
from catalog.tables import vector
from sync.chunks import load_chunks
from sync.retention import purge
from tests.sync.bench import Bench
from tests.sync.scripted import SOURCE, Script, Text, user

MONTH = timedelta(days=30)
BODY = b"# On alpha\n\nAlpha is what this is about, and nothing else at all."


@pytest.fixture
def bench(tmp_path, catalog_url):
    script = Script()
    script.share("drive/main", user("ada"))
    for name in ("a", "copy", "other"):
        body = BODY if name != "other" else BODY.replace(b"lpha", b"ther")
        script.put(name, Text("Alpha" if name != "other" else "Other", body))
    bench = Bench(script, tmp_path, catalog_url)
    bench.run()
    yield bench
    bench.close()


def clean(bench, days=30.0, **options):
    return purge(bench.catalog, bench.content, timedelta(days=days), clock=bench.clock, **options)


def gone(bench, *names):
    for name in names:
        bench.script.delete(name)
    bench.read()
    bench.put()


def vectors(bench):
    with bench.catalog.reading() as connection:
        return connection.execute(select(func.count()).select_from(vector)).scalar_one()


def test_text_stays_for_the_retention_period_and_then_goes(bench):
    body, chunks = bench.content_of("other"), bench.chunks_of("other")
    gone(bench, "other")
    assert clean(bench).documents == 0
    assert body.exists()
    assert chunks.exists()
    before = vectors(bench)
    bench.clock.now += MONTH
    purged = clean(bench)
    assert (purged.documents, purged.bodies, purged.chunks, purged.still_indexed) == (1, 1, 1, 0)
    assert purged.vectors == before - vectors(bench) > 0
    assert not body.exists()
    assert not chunks.exists()
    with bench.catalog.reading() as connection:
        row = documents.find(connection, f"{SOURCE}:other")
    assert (row.title, row.url, row.owners, row.content_hash) == ("", "", (), None)
    assert clean(bench).documents == 0


def test_what_another_document_shares_stays(bench):
    body, chunks = bench.content_of("a"), bench.chunks_of("a")
    gone(bench, "copy")
    bench.clock.now += MONTH
    before = vectors(bench)
    purged = clean(bench)
    assert (purged.documents, purged.bodies, purged.chunks, purged.vectors) == (1, 0, 0, 0)
    assert body.exists()
    assert load_chunks(bench.content, f"{_key(bench, 'a')}:{bench.chunker.version}")
    assert chunks.exists()
    assert vectors(bench) == before
    gone(bench, "a")
    assert clean(bench, 0).bodies == 1
    assert not body.exists()


def test_two_removed_together_take_what_they_share_with_them(bench):
    body = bench.content_of("a")
    gone(bench, "a", "copy")
    bench.clock.now += MONTH
    assert clean(bench).bodies == 1
    assert not body.exists()


def test_vectors_may_stay(bench):
    gone(bench, "other")
    bench.clock.now += MONTH
    before = vectors(bench)
    assert clean(bench, vectors=False).vectors == 0
    assert vectors(bench) == before


def test_restored_in_time_it_is_not_embedded_again(bench):
    _, text = bench.script.find("other")
    gone(bench, "other")
    clean(bench)
    bench.script.put("other", text)
    embedded = bench.embedder.texts
    assert bench.run().index.documents == 1
    assert bench.embedder.texts == embedded


def test_restored_after_the_purge_it_is_read_anew(bench):
    _, text = bench.script.find("other")
    gone(bench, "other")
    bench.clock.now += MONTH
    clean(bench)
    bench.script.put("other", text)
    assert bench.run().index.documents == 1
    assert bench.content_of("other").exists()
    assert bench.index.documents()[bench.number("other")] > 0


def test_a_late_word_about_access_does_not_bring_back_an_emptied_document(bench):
    gone(bench, "other")
    bench.clock.now += MONTH
    clean(bench)
    with bench.catalog.writing() as connection:
        control = AccessControl(frozenset())
        documents.set_access(connection, SOURCE, {"other": control}, bench.clock())
        assert documents.find(connection, f"{SOURCE}:other").removed_at is not None


def test_a_purge_that_is_killed_is_done_again(bench):
    body = bench.content_of("other")
    gone(bench, "other")
    bench.clock.now += MONTH

    def die(call):
        if call == "commit":
            raise KeyboardInterrupt

    bench.interfere(die)
    with pytest.raises(KeyboardInterrupt):
        clean(bench)
    bench.interfere(lambda call: None)
    assert not body.exists()
    assert clean(bench).documents == 1
    assert clean(bench).documents == 0


def test_what_an_index_still_holds_is_told(bench):
    bench.script.delete("other")
    bench.read()
    bench.clock.now += MONTH
    assert clean(bench).still_indexed == 1
    bench.put()
    assert clean(bench).still_indexed == 0


def _key(bench, name):
    with bench.catalog.reading() as connection:
        return documents.find(connection, f"{SOURCE}:{name}").body_key
