"""Graph: drive items, their content, sharing and changes to them."""

from __future__ import annotations

from typing import Any

from simulator.sharepoint.drives import download_url, item_here
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
from simulator.sharepoint.ids import share_token
from simulator.sharepoint.model import Item, Link
from simulator.sharepoint.odata import matching, order
from simulator.sharepoint.principals import (
    link_permission,
    link_url,
    permissions_of,
    principal_of,
)
from simulator.sharepoint.shapes import (
    drive_item,
    field_values,
    identity,
    item_url,
    list_item,
)
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.wire import Call, Reply

Json = dict[str, Any]
_ITEM = "/drives/{drive}/items/{item}"
WRITE = ("Sites.ReadWrite.All", "Sites.FullControl.All", "Files.ReadWrite.All")
_LEVELS = {"read": "Read", "write": "Contribute", "owner": "Full Control"}


def _row(call: Call, item: Item) -> Json:
    link = download_url(call, item) if item.kind == "file" else ""
    return drive_item(call, item, download=link)


def _inside(eyes: Sight, item: Item, list_id: str) -> list[Item]:
    key = list_id if item.id == eyes.state.lists[list_id].root else item.id
    children = (eyes.state.items[i] for i in eyes.state.children.get(key, ()))
    return [child for child in children if not child.deleted and eyes.reads(child)]


@API.serves("GET", _ITEM, "items.get", *READ)
def get_item(call: Call) -> Reply:
    """One item, by id or path."""
    eyes = sight(call)
    where, item = item_here(call, eyes)
    row = _row(call, item)
    if expands(call, "children"):
        row["children"] = [_row(call, child) for child in _inside(eyes, item, where.id)]
    if expands(call, "listItem") and item.id != where.root:
        row["listItem"] = list_item(call, item) | {"fields": field_values(call, item)}
    return entity(call, f"drives('{where.drive}')/items/$entity", row)


@API.serves("GET", f"{_ITEM}/children", "items.children", *READ)
def children(call: Call) -> Reply:
    """What is directly in a folder."""
    eyes = sight(call)
    where, item = item_here(call, eyes)
    rows = [_row(call, child) for child in _inside(eyes, item, where.id)]
    rows = order(matching(rows, call.arg("$filter")), call.arg("$orderby", "name"))
    page, following = page_of(call, rows, 200)
    context = f"drives('{where.drive}')/items('{item.id}')/children"
    return collection(call, context, list(page), following)


@API.serves("GET", f"{_ITEM}/content", "items.content", *READ)
def content(call: Call) -> Reply:
    """Leads to where the content is, as Graph does."""
    _, item = item_here(call, sight(call))
    if item.kind != "file":
        raise Refused(400, "invalidRequest", "Only files have content.")
    return Reply(302, b"", {"Location": download_url(call, item)})


@API.serves("GET", f"{_ITEM}/listItem", "items.listItem", *READ)
def item_as_list_item(call: Call) -> Reply:
    """The list item that a file or folder is."""
    where, item = item_here(call, sight(call))
    if item.id == where.root:
        raise Refused(404, "itemNotFound", "The root has no list item.")
    row = list_item(call, item)
    if expands(call, "fields"):
        row["fields"] = field_values(call, item)
    return entity(call, f"drives('{where.drive}')/items('{item.id}')/listItem/$entity", row)


@API.serves("GET", f"{_ITEM}/search(q='{{words}}')", "items.search", *READ)
def search(call: Call) -> Reply:
    """Items below whose name or text holds the words."""
    eyes, lag = sight(call), call.search_lag()
    where, item = item_here(call, eyes)
    words, oldest = call.params["words"].lower(), call.world.now() - lag
    under = "" if item.id == where.root else item.id
    rows = [
        _row(call, found)
        for found in eyes.state.walk(where.id, under)
        if eyes.reads(found)
        and (words in found.name.lower() or words in found.text.lower())
        and (not lag or found.modified <= oldest)
    ]
    page, following = page_of(call, rows, 200)
    return collection(call, "Collection(driveItem)", list(page), following)


@API.serves("GET", f"{_ITEM}/permissions", "items.permissions", *READ)
def permissions(call: Call) -> Reply:
    """Effective permissions; someone who does not manage them sees only their own."""
    eyes = sight(call)
    where, item = item_here(call, eyes)
    page, following = page_of(call, _seen(call, eyes, item), 20)
    context = f"drives('{where.drive}')/items('{item.id}')/permissions"
    return collection(call, context, list(page), following)


def _seen(call: Call, eyes: Sight, item: Item) -> list[Json]:
    manages = eyes.may(item, "ManagePermissions")
    inside = eyes.state.web_of(item).collection
    return [
        row
        for principal, row in permissions_of(call, item, manages=manages)
        if manages or eyes.covered(principal, inside)
    ]


@API.serves("GET", f"{_ITEM}/permissions/{{permission}}", "items.permissions.get", *READ)
def get_permission(call: Call) -> Reply:
    """One of them."""
    eyes = sight(call)
    where, item = item_here(call, eyes)
    for row in _seen(call, eyes, item):
        if row["id"] == call.params["permission"]:
            context = f"drives('{where.drive}')/items('{item.id}')/permissions/$entity"
            return entity(call, context, row)
    raise Refused(404, "itemNotFound", "The permission could not be found.")


def _writable(call: Call, permission: str) -> tuple[Sight, Item]:
    """The item that the path names, if the caller holds a permission on it."""
    eyes = sight(call)
    _, item = item_here(call, eyes)
    if not eyes.may(item, permission):
        raise Refused(403, "forbidden")
    return eyes, item


def _by(call: Call) -> str:
    return call.person.id if call.person else ""


@API.serves("PATCH", _ITEM, "items.update", *WRITE)
def update(call: Call) -> Reply:
    """Rename, or move to a folder of the same or another drive."""
    eyes, item = _writable(call, "EditListItems")
    given, state = call.json() or {}, eyes.state
    parent = given.get("parentReference", {})
    if name := given.get("name"):
        state.rename(item=item.id, name=name, by=_by(call))
    if "id" in parent:
        target = state.roots.get(parent["id"], parent["id"])
        if not eyes.may(state.securable(target), "AddListItems"):
            raise Refused(403, "forbidden")
        moved = state.move(item=item.id, parent=parent["id"], by=_by(call))
        item = state.items[moved]
    drive = state.lists[item.list_id].drive
    return entity(call, f"drives('{drive}')/items/$entity", _row(call, item))


@API.serves("DELETE", _ITEM, "items.delete", *WRITE)
def delete(call: Call) -> Reply:
    """Into the recycle bin."""
    eyes, item = _writable(call, "DeleteListItems")
    eyes.state.delete(item=item.id, by=_by(call))
    return Reply(204)


@API.serves("POST", f"{_ITEM}/children", "items.create", *WRITE)
def create_folder(call: Call) -> Reply:
    """A new folder."""
    eyes, item = _writable(call, "AddListItems")
    given = call.json() or {}
    if "folder" not in given or not given.get("name"):
        raise Refused(400, "invalidRequest", "A name and the folder facet are needed.")
    author = _by(call) or next(iter(call.world.directory.people))
    made = eyes.state.create_folder(parent=item.id, name=given["name"], author=author)
    row = _row(call, eyes.state.items[made])
    return entity(call, f"drives('{call.params['drive']}')/items/$entity", row, 201)


@API.serves("PUT", f"{_ITEM}/content", "items.upload", *WRITE)
def replace_content(call: Call) -> Reply:
    """New content for a file of text."""
    eyes, item = _writable(call, "EditListItems")
    eyes.state.edit(item=item.id, by=_by(call), text=call.body.decode("utf-8", "replace"))
    return entity(call, f"drives('{call.params['drive']}')/items/$entity", _row(call, item))


@API.serves("POST", f"{_ITEM}/createLink", "items.createLink", *WRITE)
def create_link(call: Call) -> Reply:
    """A sharing link; 200 if there is one like it."""
    eyes, item = _writable(call, "ManagePermissions")
    given, known = call.json() or {}, set(eyes.state.links)
    link = eyes.state.share(
        item=item.id,
        scope=given.get("scope", "organization"),
        kind=given.get("type", "view"),
        by=_by(call),
        people=_people(eyes.state, given.get("recipients", [])),
        expires=given.get("expirationDateTime") or "",
    )
    row = link_permission(call, eyes.state.links[link], secrets=True)
    return entity(call, "permission", row, 200 if link in known else 201)


def _people(state: SharePointState, recipients: list[Json]) -> list[str]:
    found = [principal_of(state, r.get("email") or r.get("objectId", "")) for r in recipients]
    if not all(principal.startswith("user:") for principal in found):
        raise Refused(400, "invalidRequest", "A recipient is unknown.")
    return [principal.partition(":")[2] for principal in found]


@API.serves("POST", f"{_ITEM}/invite", "items.invite", *WRITE)
def invite(call: Call) -> Reply:
    """Direct access for people and groups."""
    eyes, item = _writable(call, "ManagePermissions")
    given, state = call.json() or {}, eyes.state
    level = _LEVELS.get((given.get("roles") or ["read"])[0], "Read")
    invited = []
    for recipient in given.get("recipients", []):
        principal = principal_of(state, recipient.get("email") or recipient.get("objectId", ""))
        if not principal:
            raise Refused(400, "invalidRequest", "A recipient is unknown.")
        state.share_with(item=item.id, principal=principal, role=level)
        invited.append(principal)
    rows = [r for p, r in permissions_of(call, item, manages=True) if p in invited]
    return collection(call, "Collection(permission)", rows)


@API.serves("DELETE", f"{_ITEM}/permissions/{{permission}}", "items.permissions.delete", *WRITE)
def delete_permission(call: Call) -> Reply:
    """Take a permission away; an inherited one can't be."""
    eyes, item = _writable(call, "ManagePermissions")
    wanted, state = call.params["permission"], eyes.state
    for principal, row in permissions_of(call, item, manages=True):
        if row["id"] != wanted:
            continue
        if item.roles is None:
            raise Refused(400, "invalidRequest", "The permission is inherited.")
        if principal.startswith("link:"):
            state.unshare(link=wanted)
        else:
            state.revoke(target=item.id, principal=principal)
        return Reply(204)
    raise Refused(404, "itemNotFound", "The permission could not be found.")


def _link_here(call: Call, eyes: Sight) -> Link:
    token = call.params["share"]
    for link in eyes.state.links.values():
        if token in (share_token(link_url(call, link)), link.secret):
            if not eyes.opens_by(link) or not eyes.reads_by(eyes.state.items[link.item], link):
                raise Refused(403, "forbidden", "The sharing link can't be used.")
            return link
    raise Refused(404, "itemNotFound", "The sharing link no longer exists.")


@API.serves("GET", "/shares/{share}", "shares.get", *READ)
def get_share(call: Call) -> Reply:
    """What a sharing link leads to."""
    eyes = sight(call)
    link = _link_here(call, eyes)
    item = eyes.state.items[link.item]
    row = {
        "id": call.params["share"],
        "name": item.name,
        "webUrl": item_url(call, item),
        "owner": identity(call, link.author),
    }
    return entity(call, "shares/$entity", row)


@API.serves("GET", "/shares/{share}/driveItem", "shares.driveItem", *READ)
def shared_item(call: Call) -> Reply:
    """The item behind a link; ``Prefer: redeemSharingLink`` makes it one that the caller finds."""
    eyes = sight(call)
    link = _link_here(call, eyes)
    item = eyes.state.items[link.item]
    if call.person and "redeemsharinglink" in call.headers.get("prefer", "").lower():
        eyes.state.redeem(link=link.id, person=call.person.id)
    return entity(call, f"shares('{call.params['share']}')/driveItem/$entity", _row(call, item))


@API.serves("GET", "/shares/{share}/permission", "shares.permission", *READ)
def shared_permission(call: Call) -> Reply:
    """The link itself."""
    link = _link_here(call, sight(call))
    row = link_permission(call, link, secrets=call.service)
    return entity(call, f"shares('{call.params['share']}')/permission/$entity", row)
