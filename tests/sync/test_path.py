"""The path from a page of changes to an answer, on a source that the test writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog import checkpoints, deletions
from catalog.checkpoints import Feed
from connectors.interface import CursorExpired, SourceUnavailable
from sync import removal
from sync.reconcile import DeletionGuard
from tests.sync.bench import Bench, catalog_dump, index_dump
from tests.sync.conftest import paragraphs
from tests.sync.scripted import PDF, POISON, SOURCE, Script, Text, group, user


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


def test_a_tombstone_hides_at_once_and_clears_the_index_later(bench):
    bench.run()
    bench.script.delete("d0")
    assert bench.read().removed == 1
    assert "d0" not in bench.found("alpha", "ada")
    assert bench.put().removed == 1
    assert "d0" not in index_dump(bench)


def test_absence_from_a_whole_listing_is_a_deletion(bench):
    bench.run()
    bench.script.delete("d0", told=False)
    assert bench.read().removed == 0
    assert bench.reconcile().removed == 1
    bench.put()
    assert "d0" not in index_dump(bench)


def test_absence_from_a_broken_listing_is_nothing(bench):
    bench.run()
    for n in range(7):
        bench.script.delete(f"d{n}", told=False)
    bench.script.incomplete = True
    gone = bench.reconcile()
    assert (gone.complete, gone.removed, gone.held) == (False, 0, 0)
    assert "d0" in bench.found("alpha", "ada")


def test_a_listing_that_raises_removes_nothing(bench):
    bench.run()
    bench.script.delete("d0", told=False)
    pages = iter(range(9))

    def down(call: str) -> None:
        if call == "listing" and next(pages) == 1:
            raise SourceUnavailable(SOURCE, "gone away", "Wait.", 503)

    bench.script.before = down
    with pytest.raises(SourceUnavailable):
        bench.reconcile()
    assert "d0" in catalog_dump(bench)["documents"]


def crowd(bench: Bench, count: int) -> None:
    for n in range(count):
        bench.script.put(f"c{n:02}", Text(f"Crowd {n}", b"crowd"))


def test_mass_deletion_waits_for_a_person(bench):
    crowd(bench, 20)  # 27 in all
    bench.run()
    for n in range(11):
        bench.script.delete(f"c{n:02}", told=False)
    gone = bench.run().gone
    assert (gone.removed, gone.held) == (0, 11)
    assert "c00" in bench.found("crowd", "ada")
    with bench.catalog.reading() as connection:
        (held,) = deletions.held(connection)
    assert (held.container, held.documents) == ("main", 11)
    with bench.catalog.writing() as connection:
        assert removal.accept(connection, SOURCE, "main", bench.clock()) == 11
    assert "c00" not in bench.found("crowd", "ada")
    assert bench.put().removed == 11
    assert "c00" not in index_dump(bench)
    assert bench.run().gone.held == 0


def test_an_accepted_deletion_takes_the_failures_of_what_went(bench):
    for n in range(20):
        bench.script.put(f"x{n:02}", Text("Broken", POISON, PDF))
    bench.run()
    assert len(bench.failures()) == 20
    for n in range(20):
        bench.script.delete(f"x{n:02}", told=False)
    assert bench.reconcile().held == 20
    with bench.catalog.writing() as connection:
        removal.accept(connection, SOURCE, "main", bench.clock())
    assert bench.failures() == {}


def test_what_comes_back_is_held_no_longer(bench):
    crowd(bench, 20)
    bench.run()
    lost = {f"c{n:02}": bench.script.find(f"c{n:02}")[1] for n in range(12)}
    for id in lost:
        bench.script.delete(id, told=False)
    assert bench.run().gone.held == 12
    bench.script.containers["main"].update(lost)  # without a word in the log
    assert bench.run().gone.held == 0
    with bench.catalog.writing() as connection:
        assert deletions.held(connection) == []


@pytest.mark.parametrize(
    ("missing", "present", "held"),
    [(10, 10, False), (11, 54, True), (11, 55, False), (20, 100, False), (21, 100, True)],
)
def test_the_guard_needs_both_thresholds(missing, present, held):
    assert DeletionGuard().holds(missing, present) is held


def test_a_restored_document_needs_no_embedding(bench):
    bench.run()
    _, text = bench.script.find("d0")
    bench.script.delete("d0")
    bench.run()
    before = bench.embedder.texts
    bench.script.put("d0", text)
    passed = bench.run()
    assert (passed.index.documents, passed.index.embedded) == (1, 0)
    assert bench.embedder.texts == before
    assert bench.found("alpha", "ada")[0] == "d0"


def test_a_restored_body_is_quarantined_again(bench):
    bench.script.put("bad", Text("Bad", POISON, PDF))
    bench.run()
    _, text = bench.script.find("bad")
    bench.script.delete("bad")
    bench.run()
    assert bench.failures() == {}
    bench.script.put("bad", text)
    assert bench.run().chunks.failed == 1


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


def test_failures_are_counted_until_it_goes_right(bench):
    bench.run()
    bench.script.edit("d0", body=b"new", readable=False)
    bench.script.put("bad", Text("Bad", b"x", readable=False))
    for attempt in (1, 2, 3):
        assert bench.read().failed == 2
        assert bench.failures() == {("d0", "fetch"): attempt, ("bad", "fetch"): attempt}
        bench.script.log += ["d0", "bad"]
    assert bench.found("alpha", "ada")[0] == "d0", "the body that we have stays"
    bench.script.edit("d0", readable=True)
    bench.read()
    assert bench.failures() == {("bad", "fetch"): 4}
    bench.script.delete("bad", told=False)
    bench.run()
    assert bench.failures() == {}
    assert bench.read().failed == 0


def test_failures_of_what_is_deleted_go_with_it(bench):
    bench.script.put("bad", Text("Bad", POISON, PDF))
    bench.script.put("worse", Text("Worse", POISON, PDF))
    assert bench.run().chunks.failed == 2
    bench.script.delete("bad")
    bench.script.delete("worse", told=False)
    assert bench.run().chunks.failed == 0
    assert bench.failures() == {}


def test_a_source_that_fails_keeps_whole_pages_and_goes_on(bench):
    calls = []

    def down(call: str) -> None:
        calls.append(call)
        if calls.count("changes") == 3:
            raise SourceUnavailable(SOURCE, "gone away", "Wait.", 503)

    bench.script.before = down
    with pytest.raises(SourceUnavailable):
        bench.read()
    assert len(catalog_dump(bench)["documents"]) == 6
    bench.script.before = lambda call: None
    bench.script.calls.clear()
    bench.read()
    assert bench.script.calls["read"] == 1
    assert len(catalog_dump(bench)["documents"]) == 7


def test_an_expired_cursor_means_reading_all_again(bench):
    bench.run()
    bench.script.edit("d0", body=paragraphs("omega"))
    bench.script.delete("d1")
    bench.script.log.append("d2")
    bench.script.expired = len(bench.script.log)
    bench.script.calls.clear()
    passed = bench.run()
    assert (passed.documents.upserted, passed.documents.unchanged) == (1, 5)
    assert passed.gone.removed == 1, "the tombstone was lost with the cursor"
    assert bench.script.calls["read"] == 1
    assert set(index_dump(bench)) == {f"d{n}" for n in (0, 2, 3, 4, 5, 6)}


def test_an_expired_cursor_within_the_second_reading_is_an_error(bench):
    def never(call: str) -> None:
        if call == "changes":
            raise CursorExpired(SOURCE, "no", "Never.", 410)

    bench.script.before = never
    with pytest.raises(CursorExpired):
        bench.read()


@pytest.mark.parametrize("damage", ["lost", "cut short", "flipped"])
@pytest.mark.parametrize("between", [0, 1])
def test_damaged_bodies_are_read_again(bench, damage, between):
    bench.read()
    path = bench.content_of("d0")
    body = path.read_bytes()
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(body[:9] if damage == "cut short" else bytes([body[0] ^ 1]) + body[1:])
    report = bench.chunk()
    assert (report.quarantined, report.failed, report.documents) == (
        (bench.number("d0"),),
        1,
        6,
    )
    for _ in range(between):  # a pass of the chunker alone does not settle for less
        bench.chunk()
        bench.put()
    bench.run()
    assert bench.failures() == {}
    assert len(index_dump(bench)["d0"]) == 2
    assert path.read_bytes() == body


@pytest.mark.parametrize("damage", [None, b"", b"[]", b"[1]", b"{}", b'[{"ordinal": 0}]', b"\xff"])
def test_damaged_chunks_are_made_again(bench, damage):
    bench.read()
    bench.chunk()
    path = bench.chunks_of("d0")
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    assert bench.put().documents == 6
    bench.run()
    assert len(index_dump(bench)["d0"]) == 2
    assert bench.failures() == {}


def test_a_poisonous_body_is_found_by_its_title_alone(bench):
    bench.script.put("bad", Text("Quarterly omelette", POISON, PDF))
    passed = bench.run()
    assert passed.chunks.quarantined == (bench.number("bad"),)
    assert passed.chunks.failed == 1
    assert (passed.chunks.documents, passed.index.documents) == (8, 8)
    assert bench.found("omelette", "ada")[0] == "bad"
    assert bench.found("omelette", "bob") == []
    again = bench.run()
    assert (again.chunks.quarantined, again.chunks.failed) == ((), 1)
    bench.script.edit("bad", body=paragraphs("cure"), media_type="text/markdown")
    assert bench.run().chunks.failed == 0
    assert bench.found("cure", "ada")[0] == "bad"


def test_a_body_left_out_is_counted_and_found_by_title(bench):
    bench.script.put("big", Text("Enormous omelette", None))
    passed = bench.run()
    assert passed.documents.skipped == {"too large": 1}
    assert bench.found("omelette", "ada")[0] == "big"
    bench.script.calls.clear()
    bench.script.log.append("big")
    bench.run()
    assert bench.script.calls["read"] == 0


def test_what_the_index_refuses_is_tried_again(bench):
    bench.read()
    bench.index.refuses = {bench.number("d0"), bench.number("d3")}
    bench.chunk()
    for attempt in (1, 2):
        report = bench.put()
        assert report.failed == 2
        assert report.documents == (5 if attempt == 1 else 0)
        assert bench.failures() == {("d0", "index"): attempt, ("d3", "index"): attempt}
    bench.index.refuses = set()
    report = bench.put()
    assert (report.documents, report.failed, report.embedded) == (2, 0, 0)
    assert set(index_dump(bench)) == {f"d{n}" for n in range(7)}


def test_killed_between_the_index_and_its_mark(bench):
    """Shared anew, written to the index, killed, and shared as before."""
    bench.run()
    bench.script.share("file/d0", user("bob"))
    bench.script.edit("d0", shared=("file/d0",))
    bench.read()

    def die(call: str) -> None:
        if call == "begin" and bench.index.calls["put"] > 7:
            raise KeyboardInterrupt

    bench.interfere(die)
    with pytest.raises(KeyboardInterrupt):
        bench.put()
    bench.interfere(lambda call: None)
    bench.script.edit("d0", shared=("container",))
    bench.run()
    assert {row[-1] for row in index_dump(bench)["d0"]} == {frozenset({"drive/main"})}


def test_killed_while_removing_and_then_restored(bench):
    bench.run()
    _, text = bench.script.find("d0")
    bench.script.delete("d0")
    bench.read()

    def die(call: str) -> None:
        if call == "begin" and bench.index.calls["delete"]:
            raise KeyboardInterrupt

    bench.interfere(die)
    with pytest.raises(KeyboardInterrupt):
        bench.put()
    bench.interfere(lambda call: None)
    bench.script.put("d0", text)
    bench.run()
    assert len(index_dump(bench)["d0"]) == 2


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
