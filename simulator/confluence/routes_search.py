"""v1: search by CQL."""

from __future__ import annotations

from simulator.atlassian.query import QueryError
from simulator.clock import rfc3339
from simulator.confluence.api import (
    API,
    Listing,
    cursor_list_v1,
    error,
    expands,
    most,
    refused,
    sight,
    window,
)
from simulator.confluence.cql import Hit, Search
from simulator.confluence.render import Renderer
from simulator.confluence.view import Sight
from simulator.confluence.wish import Wish
from simulator.wire import Call, Reply


def search(call: Call, eyes: Sight) -> Listing[Hit] | Reply:
    """Run the ``cql`` of a call; what the caller can't see is left out before paging."""
    world = call.world
    try:
        zone = eyes.state.zone(call.person)
        query = Search(eyes.state, call.arg("cql"), call.person, world.now(), zone)
        hits = query.run(world.now() - call.search_lag())
    except QueryError as wrong:
        return error(call, 400, f"Could not parse cql : {call.arg('cql')}", str(wrong))
    return window(call, [hit for hit in hits if eyes.sees(hit.on)], 25, most(call))


@API.get("/rest/api/content/search", "content.search")
def search_content(call: Call) -> Reply:
    """Search content by CQL."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    page = search(call, eyes)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    rows = [render.anything(hit.item, Wish(expands(call))) for hit in page]
    return cursor_list_v1(call, page, rows)


@API.get("/rest/api/search", "search")
def search_all(call: Call) -> Reply:
    """Search by CQL, with excerpts."""
    eyes = sight(call)
    if answer := refused(call, eyes):
        return answer
    page = search(call, eyes)
    if isinstance(page, Reply):
        return page
    render = Renderer(call, eyes)
    rows = []
    for hit in page:
        space = eyes.state.spaces[hit.on.space]
        content = render.anything(hit.item, Wish(expands(call)).into("content"))
        rows.append(
            {
                "content": content,
                "title": hit.title,
                "excerpt": "",
                "url": render.links(hit.on, space)["webui"],
                "resultGlobalContainer": {
                    "title": space.name,
                    "displayUrl": f"/spaces/{space.key}",
                },
                "breadcrumbs": [],
                "entityType": "content",
                "iconCssClass": f"aui-icon content-type-{hit.type}",
                "lastModified": rfc3339(hit.modified),
                "friendlyLastModified": f"{hit.modified:%b %d, %Y}",
                "score": 0.0,
            }
        )
    total = len(rows) if page.following is None else page.following + 1
    return cursor_list_v1(
        call, page, rows, totalSize=total, cqlQuery=call.arg("cql"), searchDuration=11
    )
