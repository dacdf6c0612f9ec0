"""What goes wrong on the path is counted, kept from the rest, and made good."""

from __future__ import annotations

import pytest

from connectors.interface import CursorExpired, SourceUnavailable
from tests.sync.bench import catalog_dump, index_dump
from tests.sync.conftest import paragraphs
from tests.sync.scripted import PDF, POISON, SOURCE, Text, user


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
