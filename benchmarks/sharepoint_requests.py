"""What SharePoint is asked: one site, spoken to by the real connector over HTTP.

Requests are counted where they arrive, so that Graph, SharePoint's REST and the token server are
all in, and so is whatever a library sends by itself. The parts of a ``$batch``, which Graph
throttles one by one, are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.request_cases import Cases, Found, Meter
from benchmarks.sharepoint_site import site_of
from connectors.sharepoint.connector import SharePointConnector
from simulator.embedded import serve
from simulator.wire import Api, Reply
from simulator.world import World
from tests.connectors.sharepoint.there import ALL, settings


@contextmanager
def metered() -> Iterator[Meter]:
    """Counts what the simulator is asked and answers, by its endpoints, until the block ends."""
    meter, call, part = Meter(), Api.call, Api.part

    def called(self: Api, world: World, *args: Any, **kwargs: Any) -> Reply:
        with world.lock:  # so that the last line of its log is this request's
            reply = call(self, world, *args, **kwargs)
            meter.note(world.requests[-1].endpoint, reply.body)
        return reply

    def parted(self: Api, batch: Any, *args: Any, **kwargs: Any) -> Reply:
        reply = part(self, batch, *args, **kwargs)
        meter.inner[batch.world.requests[-1].endpoint] += 1
        return reply

    Api.call, Api.part = called, parted  # type: ignore[method-assign]
    try:
        yield meter
    finally:
        Api.call, Api.part = call, part  # type: ignore[method-assign]


def measured(files: int) -> Found:
    """Every case, by name: its requests, bytes, seconds and documents."""
    world = World(7)
    made = site_of(world, files)
    state = made.state
    state.register_app(client_id="sync", secret="s3cret", permissions=ALL)
    with serve(world) as running:
        connector = SharePointConnector(settings(running.url, timeout=300), now=world.now)
        (container,) = connector.containers()
        cases = Cases(connector, container, metered)
        cases.run("sites found", connector.containers())
        cases.listed()
        cases.synced("first crawl")
        cases.synced("nothing changed")

        def synced(name: str) -> None:
            # A file that was edited less than five minutes ago is looked at twice.
            world.time.advance(seconds=600)
            cases.synced(name)

        state.edit(made.file, text="changed")
        synced("one file changed")
        # Graph may name a library's root with whatever changed below it.
        state.name_above(which="root")
        state.edit(made.file, text="changed again")
        synced("one file, root named first")
        state.edit(made.file, text="changed a third time")
        synced("one file, root named again")
        state.name_above(which="")
        state.edit(made.item, fields={"Title": "Another risk"})
        synced("one list item changed")
        beneath = {
            "files beneath the folder": made.files_beneath,
            "of them with permissions": made.unique_beneath,
            "of those with links": made.links_beneath,
        }
        state.share_with(item=made.folder, principal="user:w5")
        synced("a folder was shared")
        state.add_to_group(site=made.site, group="Archive Visitors", principal="user:w6")
        cases.run("a member joined a site group", connector.memberships())
        cases.swept("permission sweep")
    return {
        "files": files,
        **cases.found,
        **beneath,
        "items with permissions": made.unique,
        "folders above the file": made.folders_above,
    }
