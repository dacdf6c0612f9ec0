"""Finding a drive item, and the addresses that its content is downloaded from."""

from __future__ import annotations

from datetime import timedelta

from simulator.clock import parse, rfc3339
from simulator.sharepoint.graph import Refused
from simulator.sharepoint.ids import guid
from simulator.sharepoint.model import Item, SpList
from simulator.sharepoint.shapes import root_item, web_root
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.wire import Call
from simulator.world import World


def library_here(call: Call, eyes: Sight) -> SpList:
    """The library of the drive that the path names, if the caller may enter it."""
    where = eyes.state.lists.get(eyes.state.drives.get(call.params["drive"], ""))
    if where is None or where.deleted:
        raise Refused(404, "itemNotFound", "The drive could not be found.")
    if not eyes.enters(where):
        raise Refused(403, "forbidden")
    return where


def item_here(call: Call, eyes: Sight, *, root: bool = False) -> tuple[SpList, Item]:
    """The library and the item that the path names; what may not be read is not there."""
    where, state = library_here(call, eyes), eyes.state
    if root or call.params.get("item") == where.root:
        return where, root_item(state, where)
    item = state.items.get(call.params["item"])
    if item is None or item.list_id != where.id or not state.live(item) or not eyes.reads(item):
        raise Refused(404, "itemNotFound", "The resource could not be found.")
    return where, item


def _signature(world: World, item: Item, until: str) -> str:
    return guid("tempauth", str(world.seed), item.unique, until).replace("-", "")


def download_url(call: Call, item: Item) -> str:
    """An address that serves the content without a token for an hour."""
    until = rfc3339(call.world.now() + timedelta(hours=1))
    return (
        f"{web_root(call)}/_layouts/15/download.aspx?UniqueId={item.unique}"
        f"&until={until}&tempauth={_signature(call.world, item, until)}"
    )


def download(call: Call) -> Item | None:
    """The item whose content a download address serves; None where it is no good any more."""
    state, until = SharePointState.of(call.world), call.arg("until")
    item = state.items.get(state.uniques.get(call.arg("UniqueId"), ""))
    if item is None or call.arg("tempauth") != _signature(call.world, item, until):
        return None
    return item if call.world.now() < parse(until) else None
