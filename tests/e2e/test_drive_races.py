"""What is read ahead of its turn never undoes what was told meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from access import Source
from connectors.interface import KnownVersions
from corpus import Container, Cursor, Page
from simulator.google.state import GoogleState
from simulator.world import World
from sync.discovery import discover
from sync.documents import sync_documents
from sync.permissions import sync_permissions
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
