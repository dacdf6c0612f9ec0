"""Graph's resources as JSON: sites, drives, drive items, lists, list items and pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from simulator.sharepoint import ids
from simulator.sharepoint.ids import HOST, TENANT, object_id
from simulator.sharepoint.model import Item, Site, SpList
from simulator.sharepoint.pages import canvas
from simulator.sharepoint.render import media_type, quick_xor_hash, render
from simulator.sharepoint.roles import LIMITED
from simulator.sharepoint.state import SharePointState
from simulator.wire import Call

Json = dict[str, Any]
TEMPLATES = {"documentLibrary": 101, "genericList": 100, "webPageLibrary": 119}


def moment(instant: datetime) -> str:
    """A time as Graph writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def web_root(call: Call) -> str:
    """Where sites have their addresses: SharePoint's side of this server."""
    origin = call.base.removesuffix(call.api.prefix)
    return f"{origin}/sharepoint" if origin else f"https://{HOST}"


def site_id(site: Site) -> str:
    """A site's id as Graph spells it."""
    return ids.site_id(site.collection.id, site.id)


def identity(call: Call, person: str) -> Json:
    """Who did it."""
    found = call.world.directory.people.get(person)
    if found is None:
        return {"user": {"displayName": "System Account"}}
    user = {"id": object_id("person", person), "displayName": found.name, "email": found.email}
    return {"user": user}


def root_item(state: SharePointState, where: SpList) -> Item:
    """A library's root folder, which is not kept as an item."""
    author = where.author
    return Item(
        where.root,
        where.id,
        0,
        where.id,
        "",
        "folder",
        "root",
        author,
        author,
        where.created,
        where.modified,
    )


def site_url(call: Call, site: Site) -> str:
    """A site's address."""
    return web_root(call) + quote(site.path)


def list_url(call: Call, where: SpList) -> str:
    """A list's address."""
    site = SharePointState.of(call.world).sites[where.site]
    folder = "Lists/" if where.template == "genericList" else ""
    return f"{site_url(call, site)}/{folder}{quote(where.path)}"


def item_url(call: Call, item: Item) -> str:
    """Where people open an item."""
    state = SharePointState.of(call.world)
    where = state.lists[item.list_id]
    if item.id == where.root:
        return list_url(call, where)
    if item.kind == "item":
        return f"{list_url(call, where)}/DispForm.aspx?ID={item.number}"
    return "/".join([list_url(call, where), *map(quote, state.path_of(item))])


def sharepoint_ids(call: Call, site: Site, where: SpList | None = None) -> Json:
    """The ids that SharePoint REST uses."""
    found = {
        "siteId": site.collection.id,
        "webId": site.id,
        "siteUrl": site_url(call, site),
        "tenantId": TENANT,
    }
    return found | ({"listId": where.id} if where else {})


def item_ids(call: Call, item: Item) -> Json:
    """`sharepoint_ids` of an item."""
    state = SharePointState.of(call.world)
    where = state.lists[item.list_id]
    found = sharepoint_ids(call, state.sites[where.site], where)
    if item.id == where.root:
        return found
    return found | {"listItemId": str(item.number), "listItemUniqueId": item.unique}


def wanted(call: Call, name: str) -> bool:
    """Whether ``$select`` asks for something that is left out by default."""
    return name in call.arg("$select").split(",")


def site_row(call: Call, site: Site) -> Json:
    """A ``site``."""
    row: Json = {
        "id": site_id(site),
        "name": site.path.rpartition("/")[2],
        "displayName": site.title,
        "description": site.description,
        "webUrl": site_url(call, site),
        "createdDateTime": moment(site.created),
        "lastModifiedDateTime": moment(site.modified),
        "siteCollection": {"hostname": HOST},
        "isPersonalSite": site.path.startswith("/personal/"),
    }
    if not site.parent:
        row["root"] = {}
    else:
        parent = SharePointState.of(call.world).sites[site.parent]
        row["parentReference"] = {"siteId": site_id(parent)}
    if wanted(call, "sharepointIds"):
        row["sharepointIds"] = sharepoint_ids(call, site)
    return row


def drive_row(call: Call, where: SpList) -> Json:
    """A ``drive``."""
    state = SharePointState.of(call.world)
    site = state.sites[where.site]
    owner: Json = {"user": {"displayName": "System Account"}}
    if site.group:
        team = state.m365[site.group]
        owner = {"group": {"id": object_id("m365", team.id), "displayName": team.name}}
        owner["group"]["email"] = team.mail
    row: Json = {
        "id": where.drive,
        "driveType": "documentLibrary",
        "name": where.title,
        "description": "",
        "webUrl": list_url(call, where),
        "createdDateTime": moment(where.created),
        "lastModifiedDateTime": moment(where.modified),
        "createdBy": identity(call, where.author),
        "owner": owner,
        "quota": {"state": "normal", "total": 27487790694400, "used": 1048576, "deleted": 0}
        | {"remaining": 27487789645824},
    }
    if wanted(call, "sharePointIds") or wanted(call, "sharepointIds"):
        row["sharePointIds"] = sharepoint_ids(call, site, where)
    return row


def content_of(item: Item) -> bytes:
    """A file's bytes."""
    return render(item.name, item.text)


def parent_reference(call: Call, item: Item) -> Json:
    """Where a drive item is."""
    state = SharePointState.of(call.world)
    where = state.lists[item.list_id]
    found: Json = {"driveType": "documentLibrary", "driveId": where.drive}
    found["siteId"] = site_id(state.sites[where.site])
    if item.id == where.root:
        return found
    above = state.items.get(item.parent)
    path = "".join(f"/{quote(name)}" for name in (state.path_of(above) if above else ()))
    found["id"] = above.id if above else where.root
    found["name"] = above.name if above else "root"
    found["path"] = f"/drives/{where.drive}/root:{path}"
    return found


def drive_item(call: Call, item: Item, *, download: str = "") -> Json:
    """A ``driveItem``."""
    state = SharePointState.of(call.world)
    where = state.lists[item.list_id]
    stamps = {
        "createdDateTime": moment(item.created),
        "lastModifiedDateTime": moment(item.modified),
    }
    row: Json = {
        "id": item.id,
        "name": item.name,
        "eTag": f'"{{{item.unique.upper()}}},{item.version}"',
        "cTag": f'"c:{{{item.unique.upper()}}},{item.content}"',
        **stamps,
        "webUrl": item_url(call, item),
        "createdBy": identity(call, item.author),
        "lastModifiedBy": identity(call, item.editor),
        "parentReference": parent_reference(call, item),
        "fileSystemInfo": dict(stamps),
    }
    if item.kind == "folder":
        inside = state.children.get(where.id if item.id == where.root else item.id, {})
        row["folder"] = {"childCount": sum(not state.items[i].deleted for i in inside)}
        row["size"] = 0
        if item.id == where.root:
            row["root"] = {}
            del row["eTag"], row["cTag"]
    else:
        content = content_of(item)
        row["size"] = len(content)
        hashes = {"quickXorHash": quick_xor_hash(content)}
        row["file"] = {"mimeType": media_type(item.name), "hashes": hashes}
        if download:
            row["@microsoft.graph.downloadUrl"] = download
    if shared := shared_facet(state, item):
        row["shared"] = shared
    if wanted(call, "sharepointIds"):
        row["sharepointIds"] = item_ids(call, item)
    return row


def shared_facet(state: SharePointState, item: Item, *, links_only: bool = False) -> Json | None:
    """How far an item is shared, by what it has or inherits; None where it is not."""
    roles = state.roles_of(item)
    scopes = {
        state.links[principal[5:]].scope
        for principal, levels in roles.items()
        if principal[5:] in state.links and principal.startswith("link:") and levels != [LIMITED]
    }
    for scope in ("anonymous", "organization", "users"):
        if scope in scopes:
            return {"scope": scope}
    return {"scope": "users"} if item.roles is not None and not links_only else None


def list_row(call: Call, where: SpList) -> Json:
    """A ``list``."""
    state = SharePointState.of(call.world)
    site = state.sites[where.site]
    row: Json = {
        "id": where.id,
        "name": where.path,
        "displayName": where.title,
        "description": "",
        "eTag": f'"{where.id},{len(where.log)}"',
        "webUrl": list_url(call, where),
        "createdDateTime": moment(where.created),
        "lastModifiedDateTime": moment(where.modified),
        "createdBy": identity(call, where.author),
        "parentReference": {"siteId": site_id(site)},
        "list": {"contentTypesEnabled": False, "hidden": False, "template": where.template},
    }
    if wanted(call, "sharepointIds"):
        row["sharepointIds"] = sharepoint_ids(call, site, where)
    return row


def field_values(call: Call, item: Item) -> Json:
    """The columns of a list item."""
    state = SharePointState.of(call.world)
    collection = state.web_of(item).collection
    row: Json = {
        "@odata.etag": f'"{item.unique},{item.version}"',
        "id": str(item.number),
        "Title": item.title or item.fields.get("Title"),
        **{key: value for key, value in item.fields.items() if key != "Title"},
        "ContentType": {"folder": "Folder", "file": "Document", "page": "Site Page"}.get(
            item.kind, "Item"
        ),
        "Created": moment(item.created),
        "Modified": moment(item.modified),
        "AuthorLookupId": str(collection.numbers.get(f"user:{item.author}", 0)),
        "EditorLookupId": str(collection.numbers.get(f"user:{item.editor}", 0)),
        "_UIVersionString": f"{item.content}.0",
        "Attachments": bool(item.attachments),
    }
    if item.kind != "item":
        row["FileLeafRef"] = item.name
        row["LinkFilename"] = item.name
    return row


def list_item(call: Call, item: Item) -> Json:
    """A ``listItem``, without its fields."""
    state = SharePointState.of(call.world)
    site = state.web_of(item)
    kinds = {"folder": ("0x0120", "Folder"), "file": ("0x0101", "Document")}
    kinds["page"] = ("0x0101009D1CB255DA76424F860D91F20E6C4118", "Site Page")
    content_type = kinds.get(item.kind, ("0x01", "Item"))
    row: Json = {
        "@odata.etag": f'"{item.unique},{item.version}"',
        "id": str(item.number),
        "eTag": f'"{item.unique},{item.version}"',
        "createdDateTime": moment(item.created),
        "lastModifiedDateTime": moment(item.modified),
        "webUrl": item_url(call, item),
        "createdBy": identity(call, item.author),
        "lastModifiedBy": identity(call, item.editor),
        "parentReference": {"siteId": site_id(site), "id": item.parent or item.list_id},
        "contentType": {"id": content_type[0], "name": content_type[1]},
    }
    if wanted(call, "sharepointIds"):
        row["sharepointIds"] = item_ids(call, item)
    return row


def page_row(call: Call, item: Item, *, whole: bool = False) -> Json:
    """A ``sitePage``; `whole` adds its canvas."""
    state = SharePointState.of(call.world)
    site = state.web_of(item)
    version = f"{item.content}.0" if item.published else f"0.{item.content}"
    row: Json = {
        "@odata.type": "#microsoft.graph.sitePage",
        "@odata.etag": f'"{{{item.unique.upper()}}},{item.version}"',
        "id": item.unique,
        "eTag": f'"{{{item.unique.upper()}}},{item.version}"',
        "name": item.name,
        "title": item.title,
        "description": "",
        "webUrl": f"{site_url(call, site)}/SitePages/{quote(item.name)}",
        "createdDateTime": moment(item.created),
        "lastModifiedDateTime": moment(item.modified),
        "createdBy": identity(call, item.author),
        "lastModifiedBy": identity(call, item.editor),
        "parentReference": {"siteId": site_id(site)},
        "pageLayout": "article",
        "promotionKind": "page",
        "showComments": True,
        "showRecommendedPages": False,
        "publishingState": {
            "level": "published" if item.published else "draft",
            "versionId": version,
        },
        "titleArea": {
            "enableGradientEffect": True,
            "layout": "plain",
            "showAuthor": True,
            "showPublishedDate": False,
            "showTextBlockAboveTitle": False,
            "textAboveTitle": "",
            "textAlignment": "left",
        },
    }
    if whole:
        row["canvasLayout"] = canvas(item)
    return row
