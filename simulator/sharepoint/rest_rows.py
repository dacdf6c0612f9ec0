"""SharePoint REST: finding what a path names, and its row."""

from __future__ import annotations

from typing import Any

from simulator.sharepoint import rest
from simulator.sharepoint.entra import granted
from simulator.sharepoint.graph import Refused
from simulator.sharepoint.ids import guid, object_id
from simulator.sharepoint.model import Collection, Item, Securable, Site, SpList
from simulator.sharepoint.pages import canvas_content
from simulator.sharepoint.principals import login_of, mail_of, title_of
from simulator.sharepoint.rest import Many, expands, selects
from simulator.sharepoint.roles import LIMITED, Role
from simulator.sharepoint.shapes import TEMPLATES, moment, site_url
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.wire import Call

Json = dict[str, Any]
READ = ("Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All")
LIST = "/web/lists/{list}"
ITEM = "/web/lists/{list}/items/{item}"
_SETTINGS = ("EnableMinorVersions", "EnableModeration", "DraftVersionVisibility", "ReadSecurity")


def web_here(call: Call, eyes: Sight) -> Site:
    """The web at the address, if the caller may enter it."""
    found = eyes.state.sites.get(call.params["web"])
    if found is None:
        raise Refused(404, "not_found", "There is no web at this address.")
    if not eyes.enters(found):
        raise Refused(403, "forbidden")
    return found


def list_here(call: Call, eyes: Sight) -> SpList:
    """The list that the path names by id, title or address, if the caller may enter it."""
    web, key = web_here(call, eyes), call.params["list"]
    for found in eyes.state.lists_of(web.id):
        ending = key.lower().endswith(f"/{found.path.lower()}")
        if key.lower() in (found.id, found.title.lower()) or ending:
            if not eyes.enters(found):
                raise Refused(403, "forbidden")
            return found
    raise Refused(404, "not_found", f"List '{key}' does not exist at site with URL '{web.path}'.")


def item_here(call: Call, eyes: Sight) -> Item:
    """The item that the path names by number, if the caller may read it."""
    where, key = list_here(call, eyes), call.params["item"]
    if key.isdecimal() and 0 < int(key) <= len(where.order):
        item = eyes.state.items[where.order[int(key) - 1]]
        if eyes.state.live(item) and eyes.reads(item):
            return item
    raise Refused(
        404, "not_found", "Item does not exist. It may have been deleted by another user."
    )


def securable_here(call: Call, eyes: Sight) -> Securable:
    """Whichever of the three the path names."""
    if "item" in call.params:
        return item_here(call, eyes)
    return list_here(call, eyes) if "list" in call.params else web_here(call, eyes)


def role_row(role: Role) -> Json:
    """A role definition."""
    mask = {"High": str(role.mask >> 32), "Low": str(role.mask & 0xFFFFFFFF)}
    return {
        "odata.type": "SP.RoleDefinition",
        "BasePermissions": mask,
        "Description": "",
        "Hidden": role.name == LIMITED,
        "Id": role.id,
        "Name": role.name,
        "Order": role.id % 100,
        "RoleTypeKind": role.kind,
    }


def member_row(
    state: SharePointState, inside: Collection, principal: str, *, ids: bool = False
) -> Json:
    """A user, a claim or a site group as ``SP.Principal``; with `ids` the account's object id."""
    kind, _, subject = principal.partition(":")
    row: Json = {
        "odata.type": "SP.Group" if kind in ("site", "link") else "SP.User",
        "Id": inside.numbers[principal],
        "IsHiddenInUI": kind == "link",
        "LoginName": login_of(state, inside, principal),
        "Title": title_of(state, inside, principal),
    }
    if kind in ("site", "link"):
        return row | {
            "PrincipalType": 8,
            "AllowMembersEditMembership": False,
            "AutoAcceptRequestToJoinLeave": False,
            "Description": None,
            "OnlyAllowMembersViewMembership": kind == "link",
            "OwnerTitle": "System Account",
        }
    person = state.world.directory.people.get(subject) if kind == "user" else None
    if ids:
        issuer = {"NameIdIssuer": "urn:federation:microsoftonline"}
        kinds = {"user": "person", "group": "group", "m365": "m365"}
        known = object_id(kinds[kind], subject) if kind in kinds else None
        row["AadObjectId"] = {"NameId": known, **issuer} if known else None
    return row | {
        "PrincipalType": 1 if kind == "user" else 4,
        "Email": mail_of(state, principal),
        "IsEmailAuthenticationGuestUser": False,
        "IsShareByEmailGuestUser": False,
        "IsSiteAdmin": principal in inside.admins,
        "UserPrincipalName": row["LoginName"].rpartition("|")[2] if person else None,
        "UserId": {"NameId": guid("nameid", subject), "NameIdIssuer": "urn:federation:microsoft"}
        if person
        else None,
    }


def group_members(state: SharePointState, inside: Collection, principal: str) -> list[str]:
    """The principals in a site group, or who came by a link."""
    kind, _, subject = principal.partition(":")
    if kind == "link":
        people = state.links[subject].people if subject in state.links else ()
        return [f"user:{person}" for person in people]
    return list(inside.groups[int(subject)].members)


def web_row(call: Call, web: Site) -> Json:
    """An ``SP.Web``."""
    row: Json = {
        "odata.type": "SP.Web",
        "Id": web.id,
        "Title": web.title,
        "Description": web.description,
        "Url": site_url(call, web),
        "ServerRelativeUrl": web.path or "/",
        "Created": moment(web.created),
        "LastItemModifiedDate": moment(web.modified),
        "WebTemplate": "GROUP" if web.group else "STS",
        "Language": 1033,
    }
    if selects(call, "HasUniqueRoleAssignments"):
        row["HasUniqueRoleAssignments"] = web.roles is not None
    return row


def list_row(call: Call, found: SpList) -> Json:
    """An ``SP.List``."""
    state = SharePointState.of(call.world)
    row: Json = {
        "odata.type": "SP.List",
        "Id": found.id,
        "Title": found.title,
        "BaseTemplate": TEMPLATES[found.template],
        "BaseType": 0 if found.template == "genericList" else 1,
        "Created": moment(found.created),
        "Description": "",
        "EntityTypeName": found.path,
        "Hidden": False,
        "ItemCount": sum(1 for _ in state.walk(found.id)),
        "LastItemModifiedDate": moment(found.modified),
        "ParentWebUrl": state.sites[found.site].path or "/",
        "EnableAttachments": found.template == "genericList",
        "EnableMinorVersions": found.template == "webPageLibrary",
        "EnableModeration": found.moderated,
        "DraftVersionVisibility": 1 if found.template == "webPageLibrary" else found.drafts,
        "ListItemEntityTypeFullName": f"SP.Data.{found.path.replace(' ', '_x0020_')}ListItem",
    }
    if selects(call, "HasUniqueRoleAssignments"):
        row["HasUniqueRoleAssignments"] = found.roles is not None
    if expands(call, "RootFolder"):
        row["RootFolder"] = {
            "odata.type": "SP.Folder",
            "ServerRelativeUrl": rest.list_path(state, found),
        }
    if selects(call, "ReadSecurity") or "list" in call.params:
        row["ReadSecurity"] = 2 if found.own_only else 1
    if found.silent:
        row = {name: value for name, value in row.items() if name not in _SETTINGS}
    return row


def item_row(call: Call, eyes: Sight, item: Item) -> Json:
    """An ``SP.ListItem``."""
    state = eyes.state
    inside = state.web_of(item).collection
    path = rest.server_relative(state, item)
    row: Json = {
        "odata.type": "SP.ListItem",
        "Id": item.number,
        "ID": item.number,
        "Title": item.title or item.fields.get("Title"),
        "FileSystemObjectType": 1 if item.kind == "folder" else 0,
        "ContentTypeId": {"folder": "0x0120", "file": "0x0101", "item": "0x01"}.get(
            item.kind, "0x0101009D1CB255DA76424F860D91F20E6C4118"
        ),
        "Created": moment(item.created),
        "Modified": moment(item.modified),
        "AuthorId": inside.numbers.get(f"user:{item.author}"),
        "EditorId": inside.numbers.get(f"user:{item.editor}"),
        "Attachments": bool(item.attachments),
        "GUID": item.unique,
        "OData__UIVersionString": f"{item.content}.0" if item.published else f"0.{item.content}",
        **{key: value for key, value in item.fields.items() if key != "Title"},
    }
    extra: Json = {
        "UniqueId": item.unique,
        "FileRef": path,
        "FileLeafRef": path.rpartition("/")[2],
        "FileDirRef": path.rpartition("/")[0],
        "HasUniqueRoleAssignments": item.roles is not None,
        "CanvasContent1": canvas_content(item) if item.kind == "page" else None,
        "WikiField": None,
        "OData__ModerationStatus": item.moderation if item.published else 3,
        "FirstPublishedDate": moment(item.created) if item.published else None,
    }
    row |= {key: found for key, found in extra.items() if selects(call, key)}
    if "item" in call.params and item.kind == "page":
        row["CanvasContent1"] = extra["CanvasContent1"]
    for name, person in (("Author", item.author), ("Editor", item.editor)):
        if expands(call, name) and f"user:{person}" in inside.numbers:
            row[name] = member_row(state, inside, f"user:{person}")
    if expands(call, "AttachmentFiles"):
        row["AttachmentFiles"] = Many(attachment_rows(state, item))
    if expands(call, "RoleAssignments") or expands(call, "RoleAssignments/Member"):
        row["RoleAssignments"] = Many(inner_assignments(call, eyes, item))
    return row


def inner_assignments(call: Call, eyes: Sight, item: Item) -> list[Json]:
    """The role assignments of an item, as ``$expand`` brings them with it."""
    if not eyes.may(item, "EnumeratePermissions") or not (
        call.person or granted(call, "Sites.FullControl.All")
    ):
        raise Refused(403, "forbidden")
    inside = eyes.state.web_of(item).collection
    return [
        {
            "odata.type": "SP.RoleAssignment",
            "PrincipalId": inside.numbers[principal],
            "Member": member_row(eyes.state, inside, principal),
            "RoleDefinitionBindings": Many(role_row(inside.roles[level]) for level in levels),
        }
        for principal, levels in eyes.state.roles_of(item).items()
    ]


def attachment_rows(state: SharePointState, item: Item) -> list[Json]:
    """The ``SP.Attachment`` rows of a list item."""
    folder = f"{rest.server_relative(state, item).rpartition('/')[0]}/Attachments/{item.number}"
    return [
        {
            "odata.type": "SP.Attachment",
            "FileName": name,
            "FileNameAsPath": {"DecodedUrl": name},
            "ServerRelativePath": {"DecodedUrl": f"{folder}/{name}"},
            "ServerRelativeUrl": f"{folder}/{name}",
        }
        for name in item.attachments
    ]
