"""A slow reader of a source never undoes what a faster one has stored since."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from access import AccessControl, Clause
from catalog import checkpoints, containers, documents
from catalog.checkpoints import Feed
from corpus import Cursor, Delete, MembershipPage, Page
from sync.memberships import sync_memberships
from sync.removal import remove
from tests.sync.scripted import PDF, POISON, SOURCE, Text, group, user

G = group("g")


@pytest.mark.parametrize("now", [{G: frozenset()}, {}, {G: None}], ids=["left", "gone", "unknown"])
def test_a_slow_read_of_groups_does_not_undo_a_revocation(bench, now):
    script = bench.script
    script.groups = {G: frozenset({user("bob")})}
    script.share("drive/main", G)
    bench.groups()
    bench.run()
    assert bench.found("alpha", "bob")

    class Slow:
        source = SOURCE

        def memberships(self):
            page = MembershipPage(SOURCE, dict(script.groups))
            script.groups = now
            bench.groups()  # another process reads, and stores, the revocation meanwhile
            yield page

    sync_memberships(bench.catalog, Slow(), None, bench.clock)
    assert bench.found("alpha", "bob") == []
    script.groups = {G: frozenset({user("bob")})}
    bench.groups()
    assert bench.found("alpha", "bob"), "a later look brings the member back"


def removed(bench, name: str) -> bool:
    with bench.catalog.reading() as connection:
        return documents.find(connection, f"{SOURCE}:{name}").removed_at is not None


@pytest.mark.parametrize("feed", ["permissions", "changes"])
@pytest.mark.parametrize("guarded", [True, False])
def test_a_page_asked_for_before_a_deletion_does_not_bring_the_document_back(bench, feed, guarded):
    bench.run()
    if not guarded:
        bench.script.edit("d2", shared=())
        bench.read()
    if feed == "changes":
        bench.script.edit("d2", title="Read in full")
    real = getattr(bench.connector, feed)

    def slow(*asked):
        for page in real(*asked):
            setattr(bench.connector, feed, real)
            bench.script.containers["main"].pop("d2", None)
            bench.script.log.append("d2")
            # Two readings of a container never overlap; another feed or the listing may.
            bench.read() if feed == "permissions" else bench.reconcile()
            assert removed(bench, "d2")
            yield page

    setattr(bench.connector, feed, slow)
    bench.permissions() if feed == "permissions" else bench.read()
    assert removed(bench, "d2")


def test_a_look_after_the_deletion_brings_the_document_back(bench):
    bench.run()
    _, text = bench.script.find("d2")
    bench.script.delete("d2")
    bench.read()
    bench.script.put("d2", text)
    bench.permissions()
    assert not removed(bench, "d2")


def test_a_document_restored_under_clauses_read_before_it_went_comes_back(bench):
    """A pass reads a drive's clause once; the document goes and comes back while it pages on."""
    bench.run()
    begun = bench.clock()
    with bench.catalog.writing() as connection:
        access = AccessControl.all_of(Clause.of(SOURCE, "k", [user("ada")], begun))
        assert documents.remove(connection, SOURCE, ["d2"], bench.clock()) == 1
        asked = bench.clock()
        documents.set_access(connection, SOURCE, {"d2": access}, bench.clock(), asked)
    assert not removed(bench, "d2")


@pytest.mark.parametrize("looked", [True, False], ids=["looked since", "not looked since"])
def test_a_removal_counts_from_when_the_source_had_told_of_it(bench, looked):
    """Told, then written late: a look between the two shows that the document is back."""
    bench.run()
    told = bench.clock()
    asked = bench.clock() if looked else told
    with bench.catalog.writing() as connection:
        access = AccessControl.all_of(Clause.of(SOURCE, "k", [user("ada")], asked))
        documents.set_access(connection, SOURCE, {"d2": access}, bench.clock(), asked)
        gone = documents.remove(connection, SOURCE, ["d2"], bench.clock(), told)
    assert (gone, removed(bench, "d2")) == ((0, False) if looked else (1, True))
    with bench.catalog.writing() as connection:  # the other way round
        documents.remove(connection, SOURCE, ["d2"], bench.clock(), told)
        documents.set_access(connection, SOURCE, {"d2": access}, bench.clock(), asked)
    assert removed(bench, "d2") is not looked


def test_a_removal_that_a_later_look_outdoes_forgets_nothing(bench):
    """What is wrong with the document still is, and its body is not tried once more."""
    bench.script.put("bad", Text("Bad", POISON, PDF))
    bench.run()
    stood = bench.failures()
    assert ("bad", "chunk") in stood
    told = bench.clock()
    bench.permissions()
    with bench.catalog.writing() as connection:
        number = containers.number(connection, SOURCE, "main")
        assert remove(connection, SOURCE, number, ["bad"], bench.clock(), told) == 0
    assert bench.failures() == stood
    assert bench.chunk().quarantined == ()
    assert bench.failures() == stood


def test_what_was_seen_between_two_removals_brings_nothing_back(bench):
    bench.run()
    with bench.catalog.writing() as connection:
        documents.remove(connection, SOURCE, ["d2"], bench.clock())
        seen = bench.clock()
        assert documents.remove(connection, SOURCE, ["d2"], bench.clock()) == 0
        access = AccessControl.all_of(Clause.of(SOURCE, "k", [user("ada")], seen))
        documents.set_access(connection, SOURCE, {"d2": access}, bench.clock(), seen)
    assert removed(bench, "d2")


def listing_that(bench, meanwhile):
    real = bench.connector.listing

    def listing(container, parts=None):
        pages = iter(real(container, parts))
        meanwhile()
        yield from pages
        bench.connector.listing = real

    bench.connector.listing = listing


@pytest.fixture
def two(bench):
    bench.script.containers["b"] = {}
    bench.script.share("drive/b", user("ada"))
    bench.run()
    return bench


def moved(bench) -> None:
    _, text = bench.script.find("d0")
    bench.script.put("d0", replace(text, version=9), "b")
    bench.read("b")


def test_what_moved_during_a_listing_is_not_removed(two):
    listing_that(two, lambda: moved(two))
    assert two.reconcile().removed == 0
    assert not removed(two, "d0")


def test_what_showed_itself_during_a_listing_is_not_removed(two):
    def meanwhile():
        two.script.edit("d0", title="Alpha again")
        two.read()
        two.script.delete("d0", told=False)

    listing_that(two, meanwhile)
    assert two.reconcile().removed == 0
    assert not removed(two, "d0")
    assert two.reconcile().removed == 1


def test_a_tombstone_from_where_a_document_lived_once_does_not_hide_it(two):
    moved(two)
    two.connector.changes = lambda *asked: iter([Page((Delete("d0"),), Cursor("[0, null]"))])
    two.read("main")
    assert not removed(two, "d0")
    two.read("b")
    assert removed(two, "d0")


def test_a_slow_page_puts_no_document_back_where_it_was(bench):
    script = bench.script
    script.containers["other"] = {}
    script.share("drive/other", user("ada"), user("bob"))
    bench.everything()
    script.edit("d0", body=b"the secret alpha word")
    read = bench.connector.changes

    def slow(*asked):
        bench.connector.changes = read
        for page in read(*asked):
            # Meanwhile it is redacted and moved to where more people read, and that is synced.
            _, text = script.find("d0")
            script.put("d0", replace(text, body=b"nothing of alpha", version=9), "other")
            bench.read("other")
            yield page

    bench.connector.changes = slow
    bench.read()
    assert bench.content_of("d0").read_bytes() == b"nothing of alpha"
    for name in ("main", "other"):
        bench.chunk(name)
        bench.put(name)
    assert bench.found("nothing", "bob") == ["d0"]
    with bench.catalog.reading() as connection:
        found = documents.find(connection, f"{SOURCE}:d0")
        assert found.container_id == containers.number(connection, SOURCE, "other")


def test_no_place_is_saved_after_a_comparison_that_failed(bench):
    """Else what only the comparison could find would never be looked for again."""
    bench.run()
    bench.script.delete("d2", told=False)
    bench.script.incomplete = True
    end = Cursor(json.dumps([len(bench.script.log), None]))
    bench.connector.changes = lambda *asked: iter([Page((), end, whole=True), Page((), end)])
    bench.read()
    with bench.catalog.reading() as connection:
        assert checkpoints.load(connection, SOURCE, "main", Feed.CONTENT) is None
    bench.script.incomplete = False
    bench.connector.changes = lambda *asked: iter([Page((), end, whole=True), Page((), end)])
    bench.read()
    with bench.catalog.reading() as connection:
        assert checkpoints.load(connection, SOURCE, "main", Feed.CONTENT) == end
    assert removed(bench, "d2")
