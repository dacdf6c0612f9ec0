"""SharePoint, followed sync by sync: what is stored is what is there, word for word."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from access import Source
from catalog.tables import document
from simulator.faults import FaultKind
from simulator.sharepoint.model import Item
from simulator.sharepoint.render import media_type, render
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VerbError
from simulator.world import World
from tests.e2e.saltmarsh import Installation, Synced
from tests.simulator.sharepoint.worlds import cast

SHAREPOINT = Source.SHAREPOINT
Stored = tuple[str, object]


def _site() -> tuple[World, SharePointState]:
    """A site with a subsite, two libraries, a folder in a folder, pages and a list."""
    world = World(3)
    cast(world)
    state = SharePointState.of(world)
    team = state.create_site(path="/sites/team", title="Team")
    state.create_site(path="sub", title="Sub", parent=team)
    library = state.create_library(site=team, author="ana")
    state.create_library(site=team, title="Archive", author="ana")
    top = state.create_folder(parent=library, name="top", author="ana")
    low = state.create_folder(parent=top, name="low", author="ana")
    for name, parent in (("a.txt", library), ("b.docx", top), ("c.md", low)):
        state.create_file(parent=parent, name=name, author="ana", text=f"first-{name}")
    state.create_page(site=team, title="Page", author="ana", text="first-page")
    table = state.create_list(site=team, title="Wishes", columns=["Notes"], author="ana")
    state.create_item(list=table, author="ben", fields={"Title": "wish", "Notes": "first-wish"})
    return world, state


SYNCED = Synced(_site, [SHAREPOINT])


@pytest.fixture
def site(tmp_path) -> Iterator[tuple[Installation, SharePointState]]:
    """The same, synced once."""
    with SYNCED.again(tmp_path) as (ours, state):
        assert stored(ours) == there(state)
        yield ours, state


def there(state: SharePointState) -> dict[str, Stored]:
    """Title and words of everything that there is."""
    live = [i for i in state.items.values() if i.kind != "folder" and state.live(i)]
    live = [i for i in live if not i.gone and not state.lists[i.list_id].deleted]
    return {item.id: (item.title or item.name, _said(item)) for item in live}


def _said(item: Item) -> object:
    if item.kind == "file":
        return (
            None if media_type(item.name).endswith("octet-stream") else render(item.name, item.text)
        )
    if item.kind == "page":
        return {word for word in item.text.split() if "-" in word}
    words = {word for value in item.fields.values() for word in str(value).split() if "-" in word}
    return words | {a.text for a in item.attachments.values()}


def stored(ours: Installation) -> dict[str, Stored]:
    """The same, of what we have."""
    found: dict[str, Stored] = {}
    with ours.catalog.reading() as connection:
        rows = connection.execute(select(document).where(document.c.removed_at.is_(None))).all()
    for row in rows:
        body = None if row.content_hash is None else ours.content.get(row.content_hash)
        found[row.native_id] = (row.title, body if row.kind == "file" else _words(row, body or b""))
    return found


def _words(row, body: bytes) -> set[str]:
    if row.media_type == "multipart/mixed":
        whole = message_from_bytes(body, policy=policy.default)
        body = b" ".join(part.get_payload(decode=True) for part in whole.iter_parts())
    text = body.decode().replace("<", " <").replace(">", "> ")
    return {word for word in text.split() if "-" in word and "<" not in word and ">" not in word}


def _pick(chance: random.Random, found: list[str]) -> str:
    return chance.choice(found or ["none"])


def _step(chance: random.Random, state: SharePointState, number: int) -> None:
    word = f"word-{number}"
    items = [i for i in state.items.values() if not i.gone]
    of = lambda *kinds: [i.id for i in items if i.kind in kinds]  # noqa: E731
    libraries = [e.id for e in state.lists.values() if e.root and not e.deleted]
    tables = [e.id for e in state.lists.values() if e.template == "genericList" and not e.deleted]
    sites = list(state.sites)
    folders = [*of("folder"), *libraries]
    match chance.randrange(15):
        case 0 | 1:
            name = f"n{number}.{chance.choice(['txt', 'docx', 'bin'])}"
            state.create_file(parent=_pick(chance, folders), name=name, author="ana", text=word)
        case 2:
            state.create_folder(parent=_pick(chance, folders), name=f"d{number}", author="ana")
        case 3:
            state.create_page(
                site=_pick(chance, sites), title=f"p{number}", author="ana", text=word,
                published=chance.random() < 0.7,
            )  # fmt: skip
        case 4:
            fields = {"Title": f"i{number}", "Notes": word}
            state.create_item(list=_pick(chance, tables), author="ben", fields=fields)
        case 5 | 6:
            state.edit(item=_pick(chance, of("file", "page")), text=word)
        case 7:
            state.edit(item=_pick(chance, of("item")), fields={"Notes": word})
        case 8:
            state.attach(item=_pick(chance, of("item")), name=f"a{number % 3}.txt", text=word)
        case 9:
            state.rename(item=_pick(chance, of("file", "folder")), name=f"r{number}.txt")
        case 10 | 11:
            state.move(item=_pick(chance, of("file", "folder")), parent=_pick(chance, folders))
        case 12:
            state.delete(item=_pick(chance, of("file", "folder", "page", "item")))
        case 13:
            state.restore(item=_pick(chance, [i.id for i in items if i.deleted]))
        case 14:
            which = chance.randrange(4)
            if which == 0:
                state.create_library(site=_pick(chance, sites), title=f"L{number}")
            elif which == 1:
                state.create_list(site=_pick(chance, sites), title=f"T{number}", columns=["Notes"])
            elif which == 2:
                state.delete_list(list=_pick(chance, [*libraries[1:], *tables[1:]]))
            else:
                state.expire_tokens()


@pytest.mark.long
@pytest.mark.parametrize(
    ("faulty", "seed"), [(False, 1), (True, 1), (True, 2)], ids=["good days", "bad", "as bad"]
)
def test_a_long_history(site, faulty, seed) -> None:
    ours, state = site
    chance = random.Random(seed)
    for number in range(18 if faulty else 40):
        before = stored(ours)
        for more in range(chance.randint(1, 3)):
            with suppress(VerbError):
                _step(chance, state, 10 * number + more)
        if faulty:
            ours.world.faults.bad_day(rate=0.04, vendor="sharepoint", seconds=0.01)
            for fault in ours.world.faults.plan:
                if fault.kind is FaultKind.TRUNCATED_JSON:
                    # Nothing tells that an attached file, which is no JSON, was longer.
                    fault.endpoint = "*[!t]"
            ours.tolerant_sync(SHAREPOINT)
            ours.world.faults.clear()
            assert before.keys() & there(state).keys() <= stored(ours).keys()  # no false delete
            # A page of changes that ended early and called itself whole is gone for good: that
            # is what the nightly comparison is for, and a reading of everything after it.
            ours.world.time.advance(seconds=20 * 3600)  # till what failed is tried again
            ours.reconcile(SHAREPOINT)
        ours.sync(SHAREPOINT, sweep=False)
        assert stored(ours) == there(state)


@pytest.mark.slow
def test_every_listing_that_ends_early_deletes_nothing(site) -> None:
    """However often, and whatever it claims."""
    ours, state = site
    state.limit_pages(1)
    state.expire_tokens()
    for endpoint in ("items.delta", "rest.items", "lists.delta"):
        ours.world.faults.add("cut_short", vendor="sharepoint", endpoint=endpoint, times=None)
    ours.tolerant_sync(SHAREPOINT)
    ours.world.time.advance(seconds=20 * 3600)  # till what failed is tried again
    ours.reconcile(SHAREPOINT)
    assert stored(ours) == there(state)


def test_a_move_between_libraries_stores_no_second_body(site) -> None:
    ours, state = site
    (file,) = (i for i in state.items.values() if i.name == "b.docx")
    archive = next(e.id for e in state.lists.values() if e.title == "Archive")
    hashes = _hashes(ours)
    new = state.move(item=file.id, parent=archive)
    ours.sync(SHAREPOINT, sweep=False)
    assert stored(ours) == there(state)
    assert new in stored(ours)
    assert _hashes(ours) == hashes


def _hashes(ours: Installation) -> set[str]:
    with ours.catalog.reading() as connection:
        return {row.content_hash for row in connection.execute(select(document))}
