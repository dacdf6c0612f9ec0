"""Graph: sites, their drives and lists, list items and pages."""

from __future__ import annotations

from typing import Any

from simulator.sharepoint.drives import item_here
from simulator.sharepoint.graph import (
    API,
    READ,
    Refused,
    collection,
    entity,
    expands,
    page_of,
    sight,
)
from simulator.sharepoint.model import Item, Site, SpList
from simulator.sharepoint.odata import matching, order
from simulator.sharepoint.pages import parts
from simulator.sharepoint.shapes import (
    drive_item,
    drive_row,
    field_values,
    list_item,
    list_row,
    page_row,
    root_item,
    site_id,
    site_row,
)
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.wire import Call, Reply

Json = dict[str, Any]


def site_here(call: Call, eyes: Sight) -> Site:
    """The site that the path names, if the caller may enter it."""
    found = eyes.state.sites.get(call.params["site"])
    if found is None:
        raise Refused(404, "itemNotFound", "Requested site could not be found")
    if not eyes.enters(found):
        raise Refused(403, "forbidden")
    return found


def _listed(call: Call, context: str, rows: list[Json], size: int = 200) -> Reply:
    rows = order(matching(rows, call.arg("$filter")), call.arg("$orderby"))
    page, following = page_of(call, rows, size)
    return collection(call, context, list(page), following)


@API.serves("GET", "/sites", "sites.list", *READ)
def search_sites(call: Call) -> Reply:
    """``sites?search=``: by title, or all with ``*``; only those that the caller may enter."""
    eyes, lag = sight(call), call.search_lag()
    words = call.arg("search", call.arg("$search")).strip('"').rstrip("*").lower()
    oldest = call.world.now() - lag
    rows = [
        site_row(call, site)
        for site in eyes.state.sites.values()
        if eyes.enters(site)
        and (words in site.title.lower() or words in site.path.lower())
        and (not lag or site.created <= oldest)
    ]
    return _listed(call, "sites", rows)


@API.serves("GET", "/sites/getAllSites", "sites.getAll", *READ)
def all_sites(call: Call) -> Reply:
    """``sites/getAllSites``: for applications only."""
    if not call.service:
        raise Refused(403, "accessDenied", "This API is for application permissions only.")
    rows = [site_row(call, site) for site in SharePointState.of(call.world).sites.values()]
    return _listed(call, "sites", rows)


@API.serves("GET", "/sites/{site}", "sites.get", *READ)
def get_site(call: Call) -> Reply:
    """One site, by id, address or ``root``."""
    return entity(call, "sites/$entity", site_row(call, site_here(call, sight(call))))


@API.serves("GET", "/sites/{site}/sites", "sites.sites", *READ)
def subsites(call: Call) -> Reply:
    """The subsites."""
    eyes = sight(call)
    site = site_here(call, eyes)
    rows = [site_row(call, one) for one in eyes.state.subsites(site) if eyes.enters(one)]
    return _listed(call, f"sites('{site_id(site)}')/sites", rows)


def _lists(call: Call, eyes: Sight, template: str = "") -> list[SpList]:
    site = site_here(call, eyes)
    return [found for found in eyes.state.lists_of(site.id, template) if eyes.enters(found)]


@API.serves("GET", "/sites/{site}/drives", "sites.drives", *READ)
def drives(call: Call) -> Reply:
    """Document libraries as drives; the page library is none."""
    rows = [drive_row(call, found) for found in _lists(call, sight(call), "documentLibrary")]
    return _listed(call, f"sites('{call.params['site']}')/drives", rows)


@API.serves("GET", "/sites/{site}/lists", "sites.lists", *READ)
def lists(call: Call) -> Reply:
    """Lists and libraries."""
    rows = [list_row(call, found) for found in _lists(call, sight(call))]
    return _listed(call, f"sites('{call.params['site']}')/lists", rows)


def list_here(call: Call, eyes: Sight) -> SpList:
    """The list that the path names by id or title, if the caller may enter it."""
    site, key = site_here(call, eyes), call.params["list"]
    for found in eyes.state.lists_of(site.id):
        if key.lower() in (found.id, found.title.lower(), found.path.lower()):
            if not eyes.enters(found):
                raise Refused(403, "forbidden")
            return found
    raise Refused(404, "itemNotFound", "The specified list was not found")


@API.serves("GET", "/sites/{site}/lists/{list}", "lists.get", *READ)
def get_list(call: Call) -> Reply:
    """One list."""
    eyes = sight(call)
    found = list_here(call, eyes)
    row = list_row(call, found)
    if expands(call, "columns"):
        row["columns"] = _columns(found)
    return entity(call, f"sites('{call.params['site']}')/lists/$entity", row)


@API.serves("GET", "/sites/{site}/lists/{list}/drive", "lists.drive", *READ)
def list_drive(call: Call) -> Reply:
    """A library as a drive."""
    found = list_here(call, sight(call))
    if not found.drive:
        raise Refused(404, "itemNotFound", "The list has no drive.")
    context = f"sites('{call.params['site']}')/lists('{found.id}')/drive/$entity"
    return entity(call, context, drive_row(call, found))


def _columns(found: SpList) -> list[Json]:
    return [
        {
            "id": f"{found.id[:-4]}{number:04x}",
            "name": name,
            "displayName": name,
            "description": "",
            "hidden": False,
            "readOnly": False,
            "required": name == "Title",
            "indexed": False,
            "enforceUniqueValues": False,
            "columnGroup": "Custom Columns",
            **(
                {"lookup": {"columnName": "Title", "allowMultipleValues": False}}
                if name in found.lookups
                else {"text": {"allowMultipleLines": name != "Title", "maxLength": 255}}
            ),
        }
        for number, name in enumerate(("Title", *found.columns))
    ]


@API.serves("GET", "/sites/{site}/lists/{list}/columns", "lists.columns", *READ)
def columns(call: Call) -> Reply:
    """The list's columns."""
    found = list_here(call, sight(call))
    context = f"sites('{call.params['site']}')/lists('{found.id}')/columns"
    return _listed(call, context, _columns(found))


def _with_fields(call: Call, item: Item, eyes: Sight) -> Json:
    row = list_item(call, item)
    if expands(call, "fields"):
        row["fields"] = fields_selected(call, item)
    if expands(call, "driveItem") and item.kind in ("file", "folder"):
        row["driveItem"] = drive_item(call, item)
    return row


def fields_selected(call: Call, item: Item) -> Json:
    """The fields, narrowed by ``$expand=fields($select=A,B)``."""
    values = field_values(call, item)
    inside = call.arg("$expand").partition("fields(")[2].partition("$select=")[2]
    names = {name.strip() for name in inside.partition(")")[0].split(",") if name.strip()}
    if not names:
        return values
    return {k: v for k, v in values.items() if k in names or k.startswith("@") or k == "id"}


@API.serves("GET", "/sites/{site}/lists/{list}/items", "lists.items", *READ)
def items(call: Call) -> Reply:
    """List items; ``$expand=fields`` brings their columns."""
    eyes = sight(call)
    found = list_here(call, eyes)
    rows = []
    for item in eyes.state.walk(found.id):
        if eyes.reads(item):
            row = _with_fields(call, item, eyes)
            if "fields/" in call.arg("$filter") + call.arg("$orderby"):
                row["fields"] = fields_selected(call, item)
            rows.append(row)
    return _listed(call, f"sites('{call.params['site']}')/lists('{found.id}')/items", rows)


def list_item_here(call: Call, eyes: Sight) -> Item:
    """The list item that the path names by number or GUID, if the caller may read it."""
    found, key = list_here(call, eyes), call.params["item"]
    state = eyes.state
    item: Item | None = None
    if key.isdecimal() and 0 < int(key) <= len(found.order):
        item = state.items[found.order[int(key) - 1]]
    else:
        item = next((state.items[i] for i in found.order if state.items[i].unique == key), None)
    if item is None or not state.live(item) or not eyes.reads(item):
        raise Refused(404, "itemNotFound", "The specified item was not found")
    return item


@API.serves("GET", "/sites/{site}/lists/{list}/items/{item}", "lists.items.get", *READ)
def get_item(call: Call) -> Reply:
    """One list item; its fields come too."""
    eyes = sight(call)
    item = list_item_here(call, eyes)
    row = _with_fields(call, item, eyes)
    row.setdefault("fields", fields_selected(call, item))
    context = f"sites('{call.params['site']}')/lists('{item.list_id}')/items/$entity"
    return entity(call, context, row)


@API.serves("GET", "/sites/{site}/lists/{list}/items/{item}/fields", "lists.fields", *READ)
def get_fields(call: Call) -> Reply:
    """A list item's fields."""
    item = list_item_here(call, sight(call))
    context = (
        f"sites('{call.params['site']}')/lists('{item.list_id}')/items('{item.number}')/fields"
    )
    return entity(call, f"{context}/$entity", field_values(call, item))


@API.serves("GET", "/sites/{site}/lists/{list}/items/{item}/driveItem", "lists.driveItem", *READ)
def get_drive_item(call: Call) -> Reply:
    """The file or folder that a library's list item is."""
    item = list_item_here(call, sight(call))
    if item.kind not in ("file", "folder"):
        raise Refused(404, "itemNotFound", "The list item is not in a drive.")
    context = f"sites('{call.params['site']}')/lists('{item.list_id}')/items('{item.number}')"
    return entity(call, f"{context}/driveItem/$entity", drive_item(call, item))


@API.serves("GET", "/sites/{site}/pages", "pages.list", *READ)
def pages(call: Call) -> Reply:
    """Pages of the site, without their canvas."""
    return _pages(call, "pages")


@API.serves("GET", "/sites/{site}/pages/microsoft.graph.sitePage", "pages.list.cast", *READ)
def site_pages(call: Call) -> Reply:
    """Pages of the site; ``$expand=canvasLayout`` brings their canvas."""
    return _pages(call, "pages/microsoft.graph.sitePage")


def _pages(call: Call, ending: str) -> Reply:
    eyes = sight(call)
    site = site_here(call, eyes)
    where = eyes.state.pages_of(site.id)
    found = [p for p in eyes.state.walk(where.id) if eyes.reads(p)] if where else []
    whole = expands(call, "canvasLayout")
    rows = [page_row(call, page, whole=whole) for page in found]
    return _listed(call, f"sites('{site_id(site)}')/{ending}", rows)


def _page_here(call: Call) -> Item:
    eyes = sight(call)
    site = site_here(call, eyes)
    page = eyes.state.items.get(call.params["page"])
    if (
        page is None
        or page.kind != "page"
        or eyes.state.lists[page.list_id].site != site.id
        or not eyes.state.live(page)
        or not eyes.reads(page)
    ):
        raise Refused(404, "itemNotFound", "The specified page was not found")
    return page


@API.serves("GET", "/sites/{site}/pages/{page}", "pages.get", *READ)
@API.serves("GET", "/sites/{site}/pages/{page}/microsoft.graph.sitePage", "pages.get.cast", *READ)
def get_page(call: Call) -> Reply:
    """One page; ``$expand=canvasLayout`` brings its canvas."""
    page = _page_here(call)
    row = page_row(call, page, whole=expands(call, "canvasLayout"))
    return entity(call, f"sites('{call.params['site']}')/pages/$entity", row)


@API.serves(
    "GET", "/sites/{site}/pages/{page}/microsoft.graph.sitePage/webParts", "pages.webParts", *READ
)
def web_parts(call: Call) -> Reply:
    """A page's web parts, flat."""
    page = _page_here(call)
    rows = [part for section in parts(page) for part in section]
    context = f"sites('{call.params['site']}')/pages('{page.unique}')/microsoft.graph.sitePage"
    return _listed(call, f"{context}/webParts", rows)


@API.serves("GET", "/drives/{drive}/list", "drives.list", *READ)
def drive_list(call: Call) -> Reply:
    """A drive as a list."""
    eyes = sight(call)
    where, _ = item_here(call, eyes, root=True)
    return entity(call, f"drives('{where.drive}')/list/$entity", list_row(call, where))


@API.serves("GET", "/drives/{drive}", "drives.get", *READ)
def get_drive(call: Call) -> Reply:
    """One drive."""
    eyes = sight(call)
    where, _ = item_here(call, eyes, root=True)
    row = drive_row(call, where)
    if expands(call, "root"):
        row["root"] = drive_item(call, root_item(eyes.state, where))
    return entity(call, "drives/$entity", row)
