"""What is read ahead of its turn never undoes what was told meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from access import Source
from connectors.google_drive.feed import Feed
from connectors.interface import KnownVersions
from corpus import Container, Cursor, Page
from simulator.google.objects import FOLDER
from simulator.google.state import GoogleState
from simulator.world import World
from sync.discovery import discover
from sync.documents import sync_documents
from sync.permissions import sync_permissions
from tests.e2e.drive_world import (
    TEXT,
    Swept,
    assert_same,
    company,
    following,
    log_in_small_pages,
    wrong,
)
from tests.e2e.saltmarsh import Installation, installation, readable

DRIVE = Source.GOOGLE_DRIVE


class Interrupted:
    """The real connector, and something that happens while its first page is being stored."""

    def __init__(self, ours: Installation, meanwhile) -> None:
        self._connector, self._meanwhile = ours.connectors[DRIVE], meanwhile
        self.source = DRIVE

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        for number, page in enumerate(self._connector.changes(container, since, known)):
            yield page
            if number == 0:
                self._meanwhile(container)

    def __getattr__(self, name: str):
        return getattr(self._connector, name)


def test_a_revocation_while_a_page_waits_to_be_stored(tmp_path) -> None:
    world = World(3)
    state = GoogleState.of(world)
    for name in ("wanda", "ada", "cat"):
        world.directory.add_person(id=name, name=name, email=f"{name}@saltmarsh.example")
    state.make_admin(person="wanda")
    files = [state.create(name=f"f{n}", owner="ada", mime="text/plain", text="x") for n in range(9)]
    shares = {each: state.share(file=each, type="user", subject="cat") for each in files}
    with installation(world, tmp_path, users=("ada@saltmarsh.example",), page_size=3) as ours:
        ours.meet()
        (box,) = discover(ours.catalog, ours.connectors[DRIVE], ours.clock)

        def meanwhile(container: Container) -> None:
            state.unshare(file=files[-1], permission=shares[files[-1]])
            sync_permissions(ours.catalog, ours.connectors[DRIVE], container, ours.clock)

        # Known documents, so that the sweep has something to write: every body is read before.
        sync_documents(ours.catalog, ours.content, ours.connectors[DRIVE], box, ours.clock)
        state.expire_tokens()  # everything is listed again
        sync_documents(ours.catalog, ours.content, Interrupted(ours, meanwhile), box, ours.clock)
        truth = {(who, name) for name, all in readable(world, "google").items() for who in all}
        assert ("cat", f"{DRIVE}:{files[-1]}") not in truth
        assert ours.admitted() == truth


@pytest.mark.parametrize("how", ["limit", "move"])
def test_a_folder_shut_while_a_sweep_goes_on_over_the_folders_of_before(tmp_path, how) -> None:
    """The sweep asks for the drive's readers after that, led there by the folders of before."""
    world, state = company()
    drive = state.create_drive(name="Works", organizer="ada")
    state.add_drive_member(drive=drive, subject="bob", role="reader")
    own = state.create(name="own", owner="ada", mime=TEXT, parent=drive, text="x")
    state.share(file=own, type="user", subject="cat")
    top = state.create(name="top", owner="ada", mime=FOLDER, parent=drive)
    shut = state.create(name="shut", owner="ada", mime=FOLDER, parent=drive)
    state.limit(folder=shut)
    low = state.create(name="low", owner="ada", mime=FOLDER, parent=top)
    state.create(name="secret", owner="ada", mime=TEXT, parent=low, text="secret")
    with installation(world, tmp_path, users=("ada@saltmarsh.example",), page_size=1) as ours:
        ours.sync(DRIVE, sweep=False)
        connector = ours.connectors[DRIVE]
        works = next(b for b in discover(ours.catalog, connector, ours.clock) if b.id == drive)

        def meanwhile() -> None:
            if how == "limit":
                state.limit(folder=top)
            else:
                state.move(file=low, parent=shut)
            ours.read(works)
            assert wrong(ours) == (set(), set())

        sync_permissions(ours.catalog, Swept(connector, meanwhile), works, ours.clock)
        assert wrong(ours) == (set(), set())


def test_a_long_sweep_looks_at_folders_again(tmp_path) -> None:
    """Else all that it tells would be as old as its beginning, and wrong for as long."""
    with following(tmp_path, page_size=1) as (ours, state, drive):
        ours.sync(DRIVE, sweep=False)
        connector = ours.connectors[DRIVE]
        works = next(b for b in discover(ours.catalog, connector, ours.clock) if b.id == drive)
        pages = connector.permissions(works, None)
        next(pages)
        top = next(f.id for f in state.files.values() if f.name == "top")
        state.limit(folder=top)
        ours.world.time.advance(seconds=11 * 60)
        later = ours.clock()
        told = [clause for page in pages for clause in page.clauses]
        assert any(clause.key == f"file/{top}" for clause in told)
        assert min(clause.synced_at for clause in told) > later


def test_clauses_are_no_younger_than_the_page_of_the_log_that_they_rest_on(
    tmp_path, monkeypatch
) -> None:
    """Where a file lies, and so whose readers it has, is as old as the page that told."""
    with following(tmp_path) as (ours, state, drive):
        connector = ours.connectors[DRIVE]
        works = next(b for b in discover(ours.catalog, connector, ours.clock) if b.id == drive)
        *_, crawled = connector.changes(works, None, lambda _: {})
        for each in [f.id for f in state.files.values() if f.mime == TEXT]:
            state.edit(file=each, text="new")
        came = []

        with log_in_small_pages(monkeypatch, lambda: came.append(ours.clock())):
            pages = list(connector.changes(works, crawled.cursor, lambda _: {}))
        told = [c for page in pages for each in page.changes for c in each.document.access.clauses]
        assert told
        assert min(clause.synced_at for clause in told) < came[0]


def test_a_page_of_the_log_is_as_old_as_the_asking_for_it(tmp_path, monkeypatch) -> None:
    """It waits while folders are looked into. A file may be deleted, or move to another drive."""
    with following(tmp_path) as (ours, state, drive):
        connector = ours.connectors[DRIVE]
        works = next(b for b in discover(ours.catalog, connector, ours.clock) if b.id == drive)
        *_, crawled = connector.changes(works, None, lambda _: {})
        folder = next(f.id for f in state.files.values() if f.mime == FOLDER)
        state.rename(file=folder, name="renamed")
        for each in [f.id for f in state.files.values() if f.mime == TEXT]:
            state.edit(file=each, text="new")
        came = []
        beneath = Feed.beneath

        def slow(feed, tree, folders):
            came.append(ours.clock())
            yield from beneath(feed, tree, folders)
            yield [], set()

        monkeypatch.setattr(Feed, "beneath", slow)
        pages = [p for p in connector.changes(works, crawled.cursor, lambda _: {}) if p.changes]
        assert came
        assert pages[-1].asked < came[0]


def test_a_file_restored_after_the_page_that_told_of_its_going_is_back(
    tmp_path, monkeypatch
) -> None:
    """The next page shows it, and is asked for before the one that hides it is stored."""
    with following(tmp_path) as (ours, state, _):
        ours.sync(DRIVE, sweep=False)
        files = {f.name: f.id for f in state.files.values()}
        state.trash(file=files["f0"])
        state.edit(file=files["f1"], text="new")

        def back() -> None:
            if state.file(files["f0"]).trashed:
                state.restore(file=files["f0"])

        with log_in_small_pages(monkeypatch, back):
            ours.sync(DRIVE, sweep=False)
        assert_same(ours)
