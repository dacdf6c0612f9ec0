"""The path from a page of changes to an answer, on a source that the test writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog import checkpoints
from catalog.checkpoints import Feed
from connectors.interface import SourceUnavailable
from tests.sync.bench import Bench, catalog_dump, index_dump
from tests.sync.conftest import paragraphs
from tests.sync.scripted import SOURCE, Script, Text, group, user


def test_the_whole_path(catalog_url, script, tmp_path):
    bench = Bench(script, tmp_path, catalog_url)
    bench.meet("ada", "bob")
    passed = bench.run()
    assert (passed.documents.upserted, passed.documents.total) == (7, 7)
    assert (passed.documents.unknown, passed.documents.clauses) == (0, 1)
    assert passed.gone.complete
    assert (passed.chunks.documents, passed.chunks.total) == (7, 14)
    assert (passed.index.documents, passed.index.total, passed.index.embedded) == (7, 14, 14)
    assert set(index_dump(bench)) == {f"d{n}" for n in range(7)}
    assert bench.found("gamma", "ada")[0] == "d2"
    assert bench.found("gamma", "bob") == []
    bench.close()


def test_a_second_run_reads_embeds_and_writes_nothing(bench):
    bench.run()
    bench.script.calls.clear()
    bench.index.calls.clear()
    texts = bench.embedder.texts
    with bench.catalog.writing() as connection:  # the whole crawl again, not just the log
        checkpoints.forget(connection, SOURCE, "main", Feed.CONTENT)
    passed = bench.run()
    assert (passed.documents.upserted, passed.documents.unchanged) == (0, 7)
    assert (passed.chunks.documents, passed.chunks.total) == (0, 14)
    assert (passed.index.documents, passed.index.total) == (0, 14)
    assert bench.script.calls["read"] == 0
    assert bench.embedder.texts == texts
    assert bench.index.calls == {}


def test_a_new_title_reaches_the_reader(bench):
    bench.run()
    bench.script.edit("d0", title="Concerning omega")
    bench.run()
    assert {row[2] for row in index_dump(bench)["d0"]} == {"Concerning omega"}
    assert bench.found("omega", "ada")[0] == "d0"


def test_an_edited_paragraph_is_the_only_one_embedded(bench):
    bench.script.put("d0", Text("Long", paragraphs("one", "two", "three", "four")))
    bench.run()
    before = bench.embedder.texts
    bench.script.edit("d0", body=paragraphs("one", "two", "changed", "four"))
    passed = bench.run()
    assert passed.chunks.chunks == passed.index.chunks == 4
    assert (passed.index.embedded, bench.embedder.texts - before) == (1, 1)
    texts = " ".join(row[1] for row in index_dump(bench)["d0"])
    assert "Changed" in texts
    assert "Three" not in texts


def test_a_shorter_body_leaves_no_passage_behind(bench):
    bench.script.put("d0", Text("Long", paragraphs("one", "two", "three")))
    bench.run()
    bench.script.edit("d0", body=paragraphs("one"))
    bench.run()
    assert len(index_dump(bench)["d0"]) == 1


@pytest.mark.parametrize("feed", ["content", "permissions"])
def test_sharing_anew_reads_and_embeds_nothing(bench, feed):
    bench.run()
    bench.script.share("file/d0", user("bob"))
    bench.script.edit("d0", shared=("file/d0",))
    bench.script.calls.clear()
    before = bench.embedder.texts
    if feed == "content":
        bench.read()
    else:
        assert bench.permissions().documents == 7
    bench.chunk()
    put = bench.put()
    assert bench.script.calls["read"] == 0
    assert bench.embedder.texts == before
    assert (put.documents, put.embedded) == (1, 0)
    assert {row[-1] for row in index_dump(bench)["d0"]} == {frozenset({"file/d0"})}
    assert bench.found("alpha", "bob") == ["d0"]
    assert "d0" not in bench.found("alpha", "ada")


def test_a_revocation_acts_before_the_index_hears_of_it(bench):
    bench.run()
    bench.script.share("drive/main", user("bob"))
    bench.permissions()
    assert bench.found("alpha", "ada") == []
    assert "d0" in bench.found("alpha", "bob")


def test_unknown_access_admits_nobody_and_is_counted(bench):
    bench.script.put("d9", Text("Secret", paragraphs("secrecy"), shared=("file/d9",)))
    bench.script.put("d8", Text("Orphan", paragraphs("orphan"), shared=()))
    passed = bench.run()
    assert passed.documents.unknown == 2
    assert not {"d8", "d9"} & set(bench.found("secrecy orphan", "ada"))
    bench.script.share("file/d9", user("ada"))
    bench.permissions()
    assert "d9" in bench.found("secrecy", "ada")


def test_a_document_moved_between_containers_arrives(bench):
    bench.script.containers["other"] = {}
    bench.script.share("drive/other", user("bob"))
    bench.everything()
    _, text = bench.script.find("d0")
    bench.script.put("d0", text, "other")  # its version is as it was
    for _ in range(2):
        bench.everything()
        assert catalog_dump(bench)["documents"]["d0"][0] == "other"
        assert bench.found("alpha", "bob") == ["d0"]
        assert "d0" not in bench.found("alpha", "ada")


def test_a_body_left_out_is_counted_and_found_by_title(bench):
    bench.script.put("big", Text("Enormous omelette", None))
    passed = bench.run()
    assert passed.documents.skipped == {"too large": 1}
    assert bench.found("omelette", "ada")[0] == "big"
    bench.script.calls.clear()
    bench.script.log.append("big")
    bench.run()
    assert bench.script.calls["read"] == 0


def test_groups_are_as_their_source_tells(bench):
    script = bench.script
    script.share("drive/main", group("staff"))
    script.groups = {
        group("staff"): frozenset({group("core"), user("bob")}),
        group("core"): frozenset({user("ada")}),
        group("odd"): None,
    }
    report = bench.groups()
    assert (report.groups, report.unknown, report.members) == (3, 1, 3)
    bench.run()
    assert bench.found("alpha", "ada")
    script.groups[group("core")] = None
    bench.groups()
    assert bench.found("alpha", "ada") == []
    assert bench.found("alpha", "bob")
    del script.groups[group("staff")]
    bench.groups()
    assert bench.found("alpha", "bob") == []


def test_a_broken_read_of_groups_empties_none(bench):
    bench.script.share("drive/main", group("zz"))
    bench.script.groups = {group("aa"): frozenset(), group("zz"): frozenset({user("ada")})}
    bench.groups()
    bench.run()

    def down(call: str) -> None:
        if bench.script.calls[call] > 3:
            raise SourceUnavailable(SOURCE, "gone away", "Wait.", 503)

    bench.script.before = down
    with pytest.raises(SourceUnavailable):
        bench.groups()
    assert bench.found("alpha", "ada")


def test_an_empty_container(tmp_path):
    bench = Bench(Script(), tmp_path)
    passed = bench.run()
    assert (passed.documents.total, passed.gone.complete, passed.index.total) == (0, True, 0)
    bench.close()


def test_reports_agree_with_a_fresh_sync(bench, tmp_path):
    bench.everything()
    bench.script.edit("d1", body=paragraphs("iota"))
    bench.script.delete("d2", told=False)
    bench.script.put("d7", replace(bench.script.find("d3")[1], title="Copy"))
    bench.everything()
    fresh = Bench(bench.script, tmp_path / "fresh")
    fresh.everything()
    assert catalog_dump(bench) == catalog_dump(fresh)
    assert index_dump(bench) == index_dump(fresh)
    fresh.close()
