"""What may be hidden: on a tombstone, on a whole listing, and never too much unasked."""

from __future__ import annotations

import pytest

from catalog import deletions
from connectors.interface import SourceUnavailable
from sync import removal
from sync.reconcile import DeletionGuard
from tests.sync.bench import Bench, catalog_dump, index_dump
from tests.sync.scripted import PDF, POISON, SOURCE, Text


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
