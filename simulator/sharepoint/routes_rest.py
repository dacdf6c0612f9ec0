"""SharePoint REST: webs, lists, items with attachments and comments."""

from __future__ import annotations

from urllib.parse import quote

from simulator.sharepoint import rest
from simulator.sharepoint.drives import download
from simulator.sharepoint.graph import Refused, sight
from simulator.sharepoint.ids import guid
from simulator.sharepoint.render import media_type, render
from simulator.sharepoint.rest import API, many, one
from simulator.sharepoint.rest_rows import (
    ITEM,
    LIST,
    READ,
    attachment_rows,
    item_here,
    item_row,
    list_here,
    list_row,
    web_here,
    web_row,
)
from simulator.sharepoint.shapes import content_of, moment, site_url
from simulator.sharepoint.state import SharePointState
from simulator.wire import Call, Reply


@API.serves("GET", "/web", "rest.web", *READ)
def get_web(call: Call) -> Reply:
    """The web."""
    return one(call, web_row(call, web_here(call, sight(call))))


@API.serves("GET", "/web/webs", "rest.webs", *READ)
def webs(call: Call) -> Reply:
    """The subsites."""
    eyes = sight(call)
    below = eyes.state.subsites(web_here(call, eyes))
    return many(call, [web_row(call, found) for found in below if eyes.enters(found)])


@API.serves("GET", "/site", "rest.site", *READ)
def get_site(call: Call) -> Reply:
    """The site collection."""
    web = web_here(call, sight(call))
    row = {
        "odata.type": "SP.Site",
        "Id": web.collection.id,
        "Url": site_url(call, web),
        "ServerRelativeUrl": web.path or "/",
        "GroupId": guid("m365", web.group) if web.group else "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
    }
    return one(call, row)


@API.serves("GET", "/web/lists", "rest.lists", *READ)
def lists(call: Call) -> Reply:
    """Every list and library that the caller may enter."""
    eyes = sight(call)
    found = eyes.state.lists_of(web_here(call, eyes).id)
    return many(call, [list_row(call, each) for each in found if eyes.enters(each)])


@API.serves("GET", LIST, "rest.list", *READ)
def get_list(call: Call) -> Reply:
    """One list."""
    return one(call, list_row(call, list_here(call, sight(call))))


@API.serves("GET", f"{LIST}/items", "rest.items", *READ)
def items(call: Call) -> Reply:
    """The items of a list or library that the caller may read."""
    eyes = sight(call)
    found = eyes.state.walk(list_here(call, eyes).id)
    return many(call, [item_row(call, eyes, item) for item in found if eyes.reads(item)])


@API.serves("GET", ITEM, "rest.item", *READ)
def get_item(call: Call) -> Reply:
    """One item."""
    eyes = sight(call)
    return one(call, item_row(call, eyes, item_here(call, eyes)))


@API.serves("GET", f"{ITEM}/attachmentfiles", "rest.attachments", *READ)
def attachment_files(call: Call) -> Reply:
    """The files on a list item."""
    eyes = sight(call)
    return many(call, attachment_rows(eyes.state, item_here(call, eyes)))


@API.serves("GET", f"{ITEM}/attachmentfiles/{{name}}/$value", "rest.attachment", *READ)
def attachment(call: Call) -> Reply:
    """The bytes of a file on a list item."""
    item = item_here(call, sight(call))
    found = item.attachments.get(call.params["name"])
    if found is None:
        raise Refused(404, "not_found")
    body = render(found.name, found.text)
    return Reply(200, body, {"Content-Type": media_type(found.name)})


@API.serves("GET", f"{ITEM}/$value", "rest.file", *READ)
def file_content(call: Call) -> Reply:
    """The bytes of a file, found by its path."""
    item = item_here(call, sight(call))
    if item.kind != "file":
        raise Refused(404, "not_found")
    return Reply(200, content_of(item), {"Content-Type": media_type(item.name)})


@API.serves("GET", f"{ITEM}/comments", "rest.comments", *READ)
def comments(call: Call) -> Reply:
    """Comments on a file, page or list item."""
    eyes = sight(call)
    item = item_here(call, eyes)
    people = call.world.directory.people
    rows = [
        {
            "odata.type": "Microsoft.SharePoint.Comments.comment",
            "id": str(found.id),
            "text": found.text,
            "createdDate": moment(found.at),
            "author": {"name": people[found.author].name, "email": people[found.author].email},
            "itemId": item.number,
            "listId": item.list_id,
            "parentId": "0",
            "replyCount": 0,
        }
        for found in item.comments
    ]
    return many(call, rows)


@API.route("GET", "/_layouts/15/download.aspx", "rest.download", anonymous=True)
def download_file(call: Call) -> Reply:
    """Content by an address that is its own key."""
    item = download(call)
    if item is None or not SharePointState.of(call.world).live(item):
        return rest.error(call, 401 if item is None else 404, "unauthorized")
    headers = {
        "Content-Type": media_type(item.name),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.name)}",
        "ETag": f'"{{{item.unique.upper()}}},{item.content}"',
    }
    return Reply(200, content_of(item), headers)
