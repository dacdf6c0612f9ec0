"""Indexing where two run at once, where a model refuses a text, and before a switch."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from catalog.exclusive import alone
from embedding.interface import EmbeddingRefused
from index.interface import SearchIndexError
from sync.repair import compare, repair
from tests.sync.scripted import Text, user


def test_only_one_at_a_time_is_in_a_block_of_one_name(catalog):
    inside, most = [], []

    def enter(name):
        for _ in range(20):
            with alone(catalog, name):
                inside.append(name)
                most.append(inside.count(name))
                inside.remove(name)

    threads = [threading.Thread(target=enter, args=(name,)) for name in "aab" for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert max(most) == 1


def test_a_block_is_left_when_what_is_in_it_fails(catalog):
    with pytest.raises(RuntimeError), alone(catalog, "a"):
        raise RuntimeError
    with alone(catalog, "a"):
        pass


class Choosy:
    """A model that refuses some texts, and the whole batch that holds one."""

    def __init__(self, embedder, refused) -> None:
        self._embedder = embedder
        self._refused = refused
        self.model, self.dimensions = embedder.model, embedder.dimensions
        self.max_tokens = embedder.max_tokens

    def passages(self, texts):
        if any(self._refused in text for text in texts):
            raise EmbeddingRefused("the endpoint refused: HTTP 400")
        return self._embedder.passages(texts)

    def query(self, text):
        return self._embedder.query(text)


def test_one_refused_text_keeps_no_other_out(bench):
    bench.script.edit("d3", body=b"A poison pill.")
    for stage in (bench.read, bench.chunk):
        stage()
    indexer = replace(bench.indexer, embedder=Choosy(bench.embedder, "poison"))
    report = indexer.run(bench.container())
    assert (report.documents, report.failed) == (6, 1)
    assert bench.failures() == {("d3", "index"): 1}
    assert bench.put().documents == 1
    assert bench.failures() == {}


def test_a_model_that_refuses_everything_is_an_error_about_itself(bench):
    for stage in (bench.read, bench.chunk):
        stage()
    indexer = replace(bench.indexer, embedder=Choosy(bench.embedder, ""))
    with pytest.raises(EmbeddingRefused):
        indexer.run(bench.container())
    assert bench.failures() == {}


def test_what_was_taken_out_before_sharing_is_not_shown(bench):
    """Redact, then share under the same clause: the index still holds the old text."""
    bench.run()
    bench.script.edit("d0", body=b"Nothing to see about alpha.")
    bench.script.share("drive/main", user("ada"), user("bob"))
    bench.read()
    bench.permissions()
    assert "d0" not in bench.found("alpha", "bob")
    bench.chunk()
    assert "d0" not in bench.found("alpha", "bob")
    bench.put()
    assert bench.found("alpha", "bob")[0] == "d0"


def test_an_index_that_lacks_what_is_not_chunked_yet_does_not_agree(bench):
    bench.read()
    found = compare(bench.catalog, bench.index, bench.chunker.version)
    assert len(found.missing) == 7
    bench.chunk()
    bench.put()
    assert not compare(bench.catalog, bench.index, bench.chunker.version)
    assert len(compare(bench.catalog, bench.index, "another").altered) == 7


def test_the_next_batch_is_embedded_while_the_index_writes(bench):
    embedded = threading.Event()
    batches = []

    def step(name):
        if name == "embed":
            batches.append(name)
            if len(batches) == 2:
                embedded.set()
        if name == "put":
            assert embedded.wait(30), "the second batch waits for the first to be written"

    bench.interfere(step)
    assert bench.run().index.documents == 7
    assert len(batches) == 3


def test_a_batch_is_full_with_so_many_chunks(bench):
    """Else one with many long documents would not fit into memory."""
    for number in range(3):
        bench.script.edit(
            f"d{number}", body=b"\n\n".join(b"One of many words. " * 8 for _ in "1234")
        )
    for stage in (bench.read, bench.chunk):
        stage()
    sizes = []
    put = bench.index.put

    def counted(batch):
        sizes.append([len(chunks) for _, chunks in batch])
        return put(batch)

    bench.index.put = counted
    report = replace(bench.indexer, documents=256, chunks=5).run(bench.container())
    assert (report.documents, sum(sum(each) for each in sizes)) == (7, report.chunks)
    assert all(sum(each[:-1]) < 5 for each in sizes), "full before its last document"
    assert all(sum(each) >= 5 for each in sizes[:-1]), "not full"


def test_an_index_that_fails_at_a_later_batch_keeps_the_earlier_ones(bench):
    puts = []

    def step(name):
        if name == "put":
            puts.append(name)
            if len(puts) == 3:  # before and after the first batch, then before the second
                raise SearchIndexError("down")

    bench.interfere(step)
    with pytest.raises(SearchIndexError):
        bench.everything()
    bench.interfere(lambda name: None)
    texts = bench.embedder.texts
    report = bench.run().index
    assert report.documents == 4, "the first batch of three is in the index and marked"
    assert bench.embedder.texts - texts <= 2, "of the second, embedded meanwhile, the vectors stay"
    assert bench.found("alpha", "ada")
    assert bench.found("eta", "ada")


def test_what_changes_between_embedding_and_writing_is_not_written(bench):
    ready = threading.Event()
    embeds, texts = [], []
    put = bench.index.put

    def step(name):
        if name == "embed":
            embeds.append(name)
            if len(embeds) == 2:
                ready.set()

    def change_then_put(batch):
        if not texts:  # the first batch is being written, and the second embedded
            assert ready.wait(30)
            bench.interfere(lambda name: None)
            bench.script.edit("d4", body=b"Nothing of the kind.")
            bench.read()
            bench.chunk()
        texts.extend(chunk.text for _, chunks in batch for chunk in chunks)
        return put(batch)

    bench.read()
    bench.chunk()
    bench.interfere(step)
    bench.index.put = change_then_put
    assert bench.put().documents == 6
    assert not any("epsilon" in text.lower() for text in texts)
    assert bench.put().documents == 1
    assert any("Nothing of the kind" in text for text in texts)


def test_two_containers_write_one_after_the_other(bench):
    inside, most = [], []
    put = bench.index.put

    def counted(batch):
        inside.append(1)
        most.append(len(inside))
        result = put(batch)
        inside.pop()
        return result

    bench.script.containers["other"] = {}
    for n in range(7):
        bench.script.put(f"e{n}", bench.script.find(f"d{n}")[1], "other")
    bench.script.share("drive/other", user("ada"))
    for name in ("main", "other"):
        bench.read(name)
        bench.chunk(name)
    bench.index.put = counted
    threads = [threading.Thread(target=bench.put, args=(name,)) for name in ("main", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(most) == 6, "three batches each"
    assert max(most) == 1


def test_a_repair_loses_nothing_that_was_synced_meanwhile(bench):
    bench.run()
    before = set(bench.index.documents())
    same = compare(bench.catalog, bench.index, bench.chunker.version)
    # The catalog was read for a comparison, then a document came, then the index was read.
    bench.script.put("new", Text("New", b"It came in between."))
    bench.run()
    [new] = set(bench.index.documents()) - before
    repair(bench.catalog, bench.index, bench.indexer.stage, replace(same, surplus=(new,)))
    bench.run()
    assert new in bench.index.documents()
    assert not compare(bench.catalog, bench.index, bench.chunker.version)
