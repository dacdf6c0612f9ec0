"""A little Google Drive to follow, and whether we have of it what the oracle says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from access import Source
from catalog.tables import document
from connectors.google_drive.files import ChangePage, Files
from connectors.interface import SourceConnector
from corpus import Container, Cursor, PermissionPage
from simulator import oracle
from simulator.google.objects import FOLDER
from simulator.google.state import GoogleState
from simulator.world import World
from tests.e2e.saltmarsh import Installation, installation, name_of, readable

DRIVE = Source.GOOGLE_DRIVE
PEOPLE = ("wanda", "ada", "bob", "cat")
TEXT = "text/plain"


def company() -> tuple[World, GoogleState]:
    """Wanda the administrator, three others, and a group in a group."""
    world = World(3)
    state = GoogleState.of(world)
    for name in PEOPLE:
        world.directory.add_person(id=name, name=name.title(), email=f"{name}@saltmarsh.example")
    world.directory.create_group(id="crew")
    world.directory.create_group(id="inner")
    world.directory.nest(group="crew", child="inner")
    world.directory.add_member(group="inner", person="cat")
    state.make_admin(person="wanda")
    return world, state


@contextmanager
def following(folder: Path, **settings: Any) -> Iterator[tuple[Installation, GoogleState, str]]:
    """Ada's shared drive with Bob as a reader, Bob's My Drive, and an installation; not synced."""
    world, state = company()
    drive = state.create_drive(name="Works", organizer="ada")
    state.add_drive_member(drive=drive, subject="bob", role="reader")
    top = state.create(name="top", owner="ada", mime=FOLDER, parent=drive)
    low = state.create(name="low", owner="ada", mime=FOLDER, parent=top)
    box = state.create(name="box", owner="bob", mime=FOLDER)
    for n, parent in enumerate((drive, top, top, low, box, box)):
        owner = "bob" if parent == box else "ada"
        state.create(name=f"f{n}", owner=owner, mime=TEXT, parent=parent, text=f"text {n}")
    users = tuple(f"{name}@saltmarsh.example" for name in PEOPLE)
    with installation(world, folder, users=users, **settings) as ours:
        ours.meet()
        yield ours, state, drive


class Swept:
    """The real connector, and something that happens once a page of its sweep is stored."""

    def __init__(
        self, connector: SourceConnector, meanwhile: Callable[[], None], page: int = 0
    ) -> None:
        self._connector, self._meanwhile, self._page = connector, meanwhile, page
        self.source = connector.source

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        for number, page in enumerate(self._connector.permissions(container, since)):
            yield page
            if number == self._page:
                self._meanwhile()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)


@contextmanager
def log_in_small_pages(
    monkeypatch: pytest.MonkeyPatch, came: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """One change a page, where Google tells of a thousand; `came` is called after each."""
    real = Files.changes

    def changes(self: Files, token: str) -> Iterator[ChangePage]:
        for page in real(self, token, 1):
            came()
            yield page

    with monkeypatch.context() as patch:
        patch.setattr(Files, "changes", changes)
        yield


def wrong(ours: Installation) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Leaks, and what is missing: pairs of a person and a document."""
    truth = {(who, name) for name, all in readable(ours.world, "google").items() for who in all}
    admitted = ours.admitted()
    return admitted - truth, truth - admitted


def existing(ours: Installation) -> dict[str, str]:
    """The text of every document that is not in the bin, by our name of it."""
    files = GoogleState.of(ours.world).files

    def binned(id: str) -> bool:
        at = files.get(id)
        return at is not None and (at.trashed or binned(at.parent))

    return {
        name_of(each): files[each.id].text
        for each in oracle.documents(ours.world, "google")
        if files[each.id].mime == TEXT and not binned(each.id)
    }


def held(ours: Installation) -> dict[str, str]:
    """The text of every document that we hold, by the same name."""
    with ours.catalog.reading() as connection:
        rows = connection.execute(select(document).where(document.c.removed_at.is_(None))).all()
    return {
        f"{row.source}:{row.native_id}": ours.content.get(row.content_hash).decode()
        for row in rows
        if row.content_hash is not None
    }


def assert_same(ours: Installation) -> None:
    """Documents, their text and their readers are the oracle's."""
    there, truth = held(ours), existing(ours)
    assert there == truth, (there.items() - truth.items(), truth.items() - there.items())
    leaks, missing = wrong(ours)
    assert (leaks, missing) == (set(), set())
