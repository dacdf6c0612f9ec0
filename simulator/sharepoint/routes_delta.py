"""Graph: ``delta`` of drives and lists, with sharing changes where they are asked for.

What Microsoft leaves open is settled against the client: a deleted folder stands for all that
was below it, a sharing change on a folder shows on the folder alone and carries no
``@microsoft.graph.sharedChanged`` (msgraph-sdk-java #2548, sources.md section 4), and changes to
a site's own permissions or to groups show in no drive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from simulator.clock import parse
from simulator.faults import FaultKind
from simulator.paging import cut
from simulator.sharepoint import odata
from simulator.sharepoint.drives import download_url, item_here
from simulator.sharepoint.entra import granted
from simulator.sharepoint.graph import API, ORIGIN, READ, Refused, expands, link_with, sight
from simulator.sharepoint.model import Item, SpList
from simulator.sharepoint.routes_sites import fields_selected, list_here
from simulator.sharepoint.shapes import (
    drive_item,
    list_item,
    parent_reference,
    root_item,
    shared_facet,
)
from simulator.sharepoint.view import Sight
from simulator.wire import Call, Reply, reply_json

Json = dict[str, Any]
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT")


class _Feed:
    """One request for changes to one list."""

    def __init__(self, call: Call, eyes: Sight, where: SpList):
        self.call, self.eyes, self.where = call, eyes, where
        said = call.headers.get("prefer", "").lower()
        self.prefer = {part.strip() for part in said.split(",")}
        full = granted(call, "Sites.FullControl.All") or call.person is not None
        self.sharing = full and bool(
            self.prefer & {"hierarchicalsharing", "deltashowsharingchanges"}
        )
        self.annotated = "deltashowsharingchanges" in self.prefer and granted(
            call, "Sites.FullControl.All"
        )

    def answer(self, row: Callable[[Item], Json], context: str) -> Reply:
        token = self.call.arg("token", "")
        token = token or self.call.arg("$deltatoken", self.call.arg("$skiptoken"))
        end = len(self.where.log)
        if token.lower() == "latest":
            return self._page([], context, None, {"from": end})
        place = self._place(token, end)
        since, to, start = place.get("from"), place["to"], place.get("start", 0)
        ids = self._everything(place) if since is None else self._changed(since, to)
        page = cut(self.call, ids, start, self._size())
        kinds = self._kinds(since or 0, to) if since is not None else {}
        rows = [self._shown(one, kinds.get(one, set()), row, since) for one in page.items]
        following = None if page.next is None else place | {"start": page.next}
        return self._page([r for r in rows if r], context, following, {"from": to})

    def _size(self) -> int:
        size = self.call.number("$top", 200, 5000)
        limit = self.eyes.state.page_limit
        return min(size, limit) if limit else size

    def _place(self, token: str, end: int) -> dict[str, Any]:
        if not token:
            return {"to": end, "total": len(self.where.order)}
        if _TIME.match(token):
            since = next((n for n, c in enumerate(self.where.log) if c.at > _time(token)), end)
            return {"from": since, "to": end}
        place = odata.place(token)
        if place.get("list") != self.where.id:
            raise Refused(400, "invalidRequest", "The token is for another resource.")
        if self.call.fault(FaultKind.EXPIRED_CURSOR) or (
            place.get("from", place.get("to", 0)) < self.where.oldest
        ):
            path = "/".join(quote(p, safe="!$'(),=:") for p in self.call.path.split("/"))
            raise Refused(
                410,
                "resyncChangesApplyDifferences",
                "Resync required. Replace any local items with the server's version.",
                Location=f"{self.call.base}{path}?token=",
            )
        place.pop("list")
        return place if "to" in place else place | {"to": end}

    def _everything(self, place: dict[str, Any]) -> list[str]:
        first = [self.where.root] if self.where.root else []
        return [*first, *self.where.order[: place["total"]]]

    def _kinds(self, since: int, to: int) -> dict[str, set[str]]:
        kinds: dict[str, set[str]] = {}
        for change in self.where.log[since:to]:
            if change.item:
                known = kinds.pop(change.item, set())
                kinds[change.item] = known | {change.kind}
        return kinds

    def _changed(self, since: int, to: int) -> list[str]:
        """Ids in order of their last change, then the folders above them."""
        state = self.eyes.state
        changed = [
            item
            for item, kinds in self._kinds(since, to).items()
            if self.sharing or kinds != {"shared"}
        ]
        excluded = "deltaexcludeparent" in self.prefer
        if not (self.where.root and changed) or (excluded and not state.names_above):
            return changed
        if excluded and state.names_above == "root":
            return [*(one for one in changed if one != self.where.root), self.where.root]
        above: dict[str, None] = {}
        for one in changed:
            at = state.items.get(one)
            while at is not None and at.parent:
                above[at.parent] = None
                at = state.items.get(at.parent)
        above[self.where.root] = None
        return [*changed, *(folder for folder in above if folder not in changed)]

    def _shown(
        self, one: str, kinds: set[str], row: Callable[[Item], Json], since: int | None
    ) -> Json | None:
        state = self.eyes.state
        if one == self.where.root:
            item, there = root_item(state, self.where), True
        else:
            item = state.items[one]
            there = state.live(item)
        if not there:
            return None if since is None else self._tombstone(item)
        if one != self.where.root and not self.eyes.reads(item):
            lost = "shared" in kinds and "deltashowremovedasdeleted" in self.prefer
            return self._tombstone(item) if lost else None
        shown = row(item)
        if "hierarchicalsharing" in self.prefer:
            shown.pop("shared", None)
            if item.roles is not None or one == self.where.root:
                shown["shared"] = shared_facet(state, item, links_only=True) or {}
        if self.annotated and "shared" in kinds and item.kind != "folder":
            shown["@microsoft.graph.sharedChanged"] = "True"
        return shown

    def _tombstone(self, item: Item) -> Json:
        if not self.where.root:
            row: Json = {"id": str(item.number), "deleted": {"state": "deleted"}}
            return row | {"parentReference": {"id": self.where.id}}
        return {
            "id": item.id,
            "deleted": {"state": "deleted"},
            "parentReference": parent_reference(self.call, item),
        }

    def _page(
        self,
        rows: list[Json],
        context: str,
        following: dict[str, Any] | None,
        after: dict[str, Any],
    ) -> Reply:
        said: Json = {"@odata.context": f"{ORIGIN}/v1.0/$metadata#{context}"}
        name, place = "@odata.deltaLink", after
        if following is not None:
            name, place = "@odata.nextLink", following
        token = odata.encode(place | {"list": self.where.id})
        link = link_with(self.call, "token", token)
        said[name] = link if self.where.root else link.replace("/delta?", "/items/delta?")
        said["value"] = [odata.select(row, self.call.arg("$select")) for row in rows]
        return reply_json(said)


def _time(token: str) -> datetime:
    try:
        return parse(token.replace(" ", "+"))
    except ValueError as wrong:
        raise odata.BadQuery("The token is malformed.") from wrong


_DRIVE = "/drives/{drive}/items/{item}/delta"
_LIST = "/sites/{site}/lists/{list}/delta"


@API.serves("GET", _DRIVE, "items.delta", *READ)
def drive_delta(call: Call) -> Reply:
    """Changes in a drive since a token, or everything in it."""
    eyes = sight(call)
    where, item = item_here(call, eyes)
    if item.id != where.root:
        raise Refused(400, "invalidRequest", "delta is for the root of a drive.")

    def row(one: Item) -> Json:
        link = download_url(call, one) if one.kind == "file" else ""
        return drive_item(call, one, download=link)

    return _Feed(call, eyes, where).answer(row, "Collection(driveItem)")


@API.serves("GET", _LIST, "lists.delta", *READ)
def list_delta(call: Call) -> Reply:
    """Changes in a list since a token, or everything in it."""
    eyes = sight(call)
    where = list_here(call, eyes)

    def row(one: Item) -> Json:
        found = list_item(call, one)
        if expands(call, "fields"):
            found["fields"] = fields_selected(call, one)
        return found

    if where.root:
        raise Refused(400, "invalidRequest", "Ask the library's drive for changes.")
    return _Feed(call, eyes, where).answer(row, "Collection(listItem)")
