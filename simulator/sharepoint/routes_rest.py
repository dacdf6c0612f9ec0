"""SharePoint REST: webs, lists, items with attachments, groups and role assignments."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from simulator.sharepoint import rest
from simulator.sharepoint.drives import download
from simulator.sharepoint.entra import granted
from simulator.sharepoint.graph import Refused, sight
from simulator.sharepoint.ids import guid
from simulator.sharepoint.model import Collection, Item, Securable, Site, SpList
from simulator.sharepoint.pages import canvas_content
from simulator.sharepoint.principals import (
    login_of,
    mail_of,
    principal_of,
    title_of,
)
from simulator.sharepoint.render import media_type, render
from simulator.sharepoint.rest import API, Many, expands, many, one, selects, value
from simulator.sharepoint.roles import LIMITED, Role
from simulator.sharepoint.shapes import TEMPLATES, content_of, moment, site_url
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.wire import Call, Reply

Json = dict[str, Any]
READ = ("Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All")
FULL = ("Sites.FullControl.All",)
_LIST = "/web/lists/{list}"
_ITEM = "/web/lists/{list}/items/{item}"


def _web(call: Call, eyes: Sight) -> Site:
    found = eyes.state.sites.get(call.params["web"])
    if found is None:
        raise Refused(404, "not_found", "There is no web at this address.")
    if not eyes.enters(found):
        raise Refused(403, "forbidden")
    return found


def _list(call: Call, eyes: Sight) -> SpList:
    web, key = _web(call, eyes), call.params["list"]
    for found in eyes.state.lists_of(web.id):
        ending = key.lower().endswith(f"/{found.path.lower()}")
        if key.lower() in (found.id, found.title.lower()) or ending:
            if not eyes.enters(found):
                raise Refused(403, "forbidden")
            return found
    raise Refused(404, "not_found", f"List '{key}' does not exist at site with URL '{web.path}'.")


def _item(call: Call, eyes: Sight) -> Item:
    where, key = _list(call, eyes), call.params["item"]
    if key.isdecimal() and 0 < int(key) <= len(where.order):
        item = eyes.state.items[where.order[int(key) - 1]]
        if eyes.state.live(item) and eyes.reads(item):
            return item
    raise Refused(
        404, "not_found", "Item does not exist. It may have been deleted by another user."
    )


def _securable(call: Call, eyes: Sight) -> Securable:
    if "item" in call.params:
        return _item(call, eyes)
    return _list(call, eyes) if "list" in call.params else _web(call, eyes)


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


def member_row(state: SharePointState, inside: Collection, principal: str) -> Json:
    """A user, a claim or a site group as ``SP.Principal``."""
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


def _group_members(state: SharePointState, inside: Collection, principal: str) -> list[str]:
    kind, _, subject = principal.partition(":")
    if kind == "link":
        return [f"user:{person}" for person in state.links[subject].people]
    return list(inside.groups[int(subject)].members)


def _assignment(call: Call, inside: Collection, principal: str, levels: list[str]) -> Json:
    state = SharePointState.of(call.world)
    row: Json = {
        "odata.type": "SP.RoleAssignment",
        "PrincipalId": inside.numbers[principal],
    }
    if expands(call, "Member") or expands(call, "Member/Users"):
        row["Member"] = member_row(state, inside, principal)
        if expands(call, "Member/Users") and row["Member"]["PrincipalType"] == 8:
            members = _group_members(state, inside, principal)
            row["Member"]["Users"] = Many(member_row(state, inside, m) for m in members)
    if expands(call, "RoleDefinitionBindings"):
        row["RoleDefinitionBindings"] = Many(role_row(inside.roles[level]) for level in levels)
    return row


def _assignments(call: Call, eyes: Sight, securable: Securable) -> list[Json]:
    if not eyes.may(securable, "EnumeratePermissions"):
        raise Refused(403, "forbidden")
    inside = eyes.state.web_of(securable).collection
    roles = eyes.state.roles_of(securable)
    return [_assignment(call, inside, principal, levels) for principal, levels in roles.items()]


for _prefix, _name in (("/web", "web"), (_LIST, "list"), (_ITEM, "item")):

    @API.serves("GET", f"{_prefix}/hasuniqueroleassignments", f"rest.{_name}.unique", *READ)
    def has_unique(call: Call) -> Reply:
        """Whether it has role assignments of its own."""
        found = _securable(call, sight(call))
        return value(call, "HasUniqueRoleAssignments", found.roles is not None)

    @API.serves("GET", f"{_prefix}/roleassignments", f"rest.{_name}.roles", *FULL)
    def role_assignments(call: Call) -> Reply:
        """Who holds which roles there, inherited or not."""
        eyes = sight(call)
        return many(call, _assignments(call, eyes, _securable(call, eyes)))

    @API.serves("GET", f"{_prefix}/roleassignments/{{number}}", f"rest.{_name}.role", *FULL)
    def role_assignment(call: Call) -> Reply:
        """Which roles one principal holds."""
        eyes = sight(call)
        for row in _assignments(call, eyes, _securable(call, eyes)):
            if str(row["PrincipalId"]) == call.params["number"]:
                return one(call, row)
        raise Refused(404, "not_found", "Can not find the principal with this id.")

    @API.serves("GET", f"{_prefix}/roleassignments/{{number}}/member", "rest.member", *FULL)
    def role_member(call: Call) -> Reply:
        """The principal of a role assignment."""
        return _of_assignment(call, "member")

    @API.serves(
        "GET",
        f"{_prefix}/roleassignments/{{number}}/roledefinitionbindings",
        "rest.bindings",
        *FULL,
    )
    def role_bindings(call: Call) -> Reply:
        """The roles of a role assignment."""
        return _of_assignment(call, "bindings")

    @API.serves("GET", f"{_prefix}/effectivebasepermissions", f"rest.{_name}.mask", *READ)
    def effective(call: Call) -> Reply:
        """The caller's own permission bits."""
        eyes = sight(call)
        mask = eyes.mask(_securable(call, eyes))
        bits = {"High": str(mask >> 32), "Low": str(mask & 0xFFFFFFFF)}
        return value(call, "EffectiveBasePermissions", bits)


def _of_assignment(call: Call, what: str) -> Reply:
    eyes = sight(call)
    securable = _securable(call, eyes)
    if not eyes.may(securable, "EnumeratePermissions"):
        raise Refused(403, "forbidden")
    inside = eyes.state.web_of(securable).collection
    for principal, levels in eyes.state.roles_of(securable).items():
        if str(inside.numbers[principal]) == call.params["number"]:
            if what == "member":
                return one(call, member_row(eyes.state, inside, principal))
            return many(call, [role_row(inside.roles[level]) for level in levels])
    raise Refused(404, "not_found", "Can not find the principal with this id.")


@API.serves("GET", "/web", "rest.web", *READ)
def get_web(call: Call) -> Reply:
    """The web."""
    return one(call, _web_row(call, _web(call, sight(call))))


def _web_row(call: Call, web: Site) -> Json:
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


@API.serves("GET", "/web/webs", "rest.webs", *READ)
def webs(call: Call) -> Reply:
    """The subsites."""
    eyes = sight(call)
    below = eyes.state.subsites(_web(call, eyes))
    return many(call, [_web_row(call, found) for found in below if eyes.enters(found)])


@API.serves("GET", "/site", "rest.site", *READ)
def get_site(call: Call) -> Reply:
    """The site collection."""
    web = _web(call, sight(call))
    row = {
        "odata.type": "SP.Site",
        "Id": web.collection.id,
        "Url": site_url(call, web),
        "ServerRelativeUrl": web.path or "/",
        "GroupId": guid("m365", web.group) if web.group else "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
    }
    return one(call, row)


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
        "DraftVersionVisibility": 1 if found.template == "webPageLibrary" else 0,
        "ListItemEntityTypeFullName": f"SP.Data.{found.path.replace(' ', '_x0020_')}ListItem",
    }
    if selects(call, "HasUniqueRoleAssignments"):
        row["HasUniqueRoleAssignments"] = found.roles is not None
    if selects(call, "ReadSecurity") or "list" in call.params:
        row["ReadSecurity"] = 2 if found.own_only else 1
    return row


@API.serves("GET", "/web/lists", "rest.lists", *READ)
def lists(call: Call) -> Reply:
    """Every list and library that the caller may enter."""
    eyes = sight(call)
    found = eyes.state.lists_of(_web(call, eyes).id)
    return many(call, [list_row(call, each) for each in found if eyes.enters(each)])


@API.serves("GET", _LIST, "rest.list", *READ)
def get_list(call: Call) -> Reply:
    """One list."""
    return one(call, list_row(call, _list(call, sight(call))))


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
        "OData__ModerationStatus": 0 if item.published else 3,
        "FirstPublishedDate": moment(item.created) if item.published else None,
    }
    row |= {key: found for key, found in extra.items() if selects(call, key)}
    if "item" in call.params and item.kind == "page":
        row["CanvasContent1"] = extra["CanvasContent1"]
    for name, person in (("Author", item.author), ("Editor", item.editor)):
        if expands(call, name) and f"user:{person}" in inside.numbers:
            row[name] = member_row(state, inside, f"user:{person}")
    if expands(call, "AttachmentFiles"):
        row["AttachmentFiles"] = Many(_attachments(state, item))
    if expands(call, "RoleAssignments") or expands(call, "RoleAssignments/Member"):
        row["RoleAssignments"] = Many(_inner_assignments(call, eyes, item))
    return row


def _inner_assignments(call: Call, eyes: Sight, item: Item) -> list[Json]:
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


@API.serves("GET", f"{_LIST}/items", "rest.items", *READ)
def items(call: Call) -> Reply:
    """The items of a list or library that the caller may read."""
    eyes = sight(call)
    found = eyes.state.walk(_list(call, eyes).id)
    return many(call, [item_row(call, eyes, item) for item in found if eyes.reads(item)])


@API.serves("GET", _ITEM, "rest.item", *READ)
def get_item(call: Call) -> Reply:
    """One item."""
    eyes = sight(call)
    return one(call, item_row(call, eyes, _item(call, eyes)))


def _attachments(state: SharePointState, item: Item) -> list[Json]:
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


@API.serves("GET", f"{_ITEM}/attachmentfiles", "rest.attachments", *READ)
def attachment_files(call: Call) -> Reply:
    """The files on a list item."""
    eyes = sight(call)
    return many(call, _attachments(eyes.state, _item(call, eyes)))


@API.serves("GET", f"{_ITEM}/attachmentfiles/{{name}}/$value", "rest.attachment", *READ)
def attachment(call: Call) -> Reply:
    """The bytes of a file on a list item."""
    item = _item(call, sight(call))
    found = item.attachments.get(call.params["name"])
    if found is None:
        raise Refused(404, "not_found")
    body = render(found.name, found.text)
    return Reply(200, body, {"Content-Type": media_type(found.name)})


@API.serves("GET", f"{_ITEM}/$value", "rest.file", *READ)
def file_content(call: Call) -> Reply:
    """The bytes of a file, found by its path."""
    item = _item(call, sight(call))
    if item.kind != "file":
        raise Refused(404, "not_found")
    return Reply(200, content_of(item), {"Content-Type": media_type(item.name)})


@API.serves("GET", f"{_ITEM}/comments", "rest.comments", *READ)
def comments(call: Call) -> Reply:
    """Comments on a file, page or list item."""
    eyes = sight(call)
    item = _item(call, eyes)
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


def _site_groups(state: SharePointState, inside: Collection) -> list[str]:
    return [p for p in inside.numbers if p.startswith("site:") or p[5:] in state.links]


def _group_here(call: Call, eyes: Sight) -> tuple[Collection, str]:
    inside, key = _web(call, eyes).collection, call.params["group"]
    for principal in _site_groups(eyes.state, inside):
        if key in (str(inside.numbers[principal]), title_of(eyes.state, inside, principal)):
            return inside, principal
    raise Refused(404, "not_found", "Group cannot be found.")


@API.serves("GET", "/web/sitegroups", "rest.groups", *READ)
def site_groups(call: Call) -> Reply:
    """The collection's groups, those of sharing links with them."""
    eyes = sight(call)
    inside = _web(call, eyes).collection
    rows = []
    for principal in _site_groups(eyes.state, inside):
        row = member_row(eyes.state, inside, principal)
        if expands(call, "Users"):
            members = _group_members(eyes.state, inside, principal)
            row["Users"] = Many(member_row(eyes.state, inside, m) for m in members)
        rows.append(row)
    return many(call, rows)


@API.serves("GET", "/web/sitegroups/{group}", "rest.group", *READ)
def site_group(call: Call) -> Reply:
    """One group."""
    eyes = sight(call)
    inside, principal = _group_here(call, eyes)
    return one(call, member_row(eyes.state, inside, principal))


@API.serves("GET", "/web/sitegroups/{group}/users", "rest.group.users", *READ)
def group_users(call: Call) -> Reply:
    """A group's members; for someone who may look at permissions, or is one of them."""
    eyes = sight(call)
    inside, principal = _group_here(call, eyes)
    allowed = eyes.may(_web(call, eyes), "EnumeratePermissions")
    if not allowed and not eyes.covered(principal, inside):
        raise Refused(403, "forbidden")
    members = _group_members(eyes.state, inside, principal)
    return many(call, [member_row(eyes.state, inside, m) for m in members])


@API.serves("GET", "/web/siteusers", "rest.users", *READ)
def site_users(call: Call) -> Reply:
    """Every person and claim that the collection knows."""
    eyes = sight(call)
    inside = _web(call, eyes).collection
    known = [p for p in inside.numbers if not p.startswith(("site:", "link:"))]
    return many(call, [member_row(eyes.state, inside, p) for p in known])


@API.serves("GET", "/web/siteusers/{number}", "rest.user", *READ)
def site_user(call: Call) -> Reply:
    """One of them."""
    eyes = sight(call)
    inside = _web(call, eyes).collection
    for principal, number in inside.numbers.items():
        if str(number) == call.params["number"] and not principal.startswith(("site:", "link:")):
            return one(call, member_row(eyes.state, inside, principal))
    raise Refused(404, "not_found", "User cannot be found.")


@API.serves("GET", "/web/currentuser", "rest.currentuser", *READ)
def current_user(call: Call) -> Reply:
    """The caller."""
    eyes = sight(call)
    inside = _web(call, eyes).collection
    if call.person is None or f"user:{call.person.id}" not in inside.numbers:
        raise Refused(404, "not_found", "User cannot be found.")
    return one(call, member_row(eyes.state, inside, f"user:{call.person.id}"))


@API.serves("GET", "/web/roledefinitions", "rest.roledefinitions", *READ)
def role_definitions(call: Call) -> Reply:
    """The collection's permission levels."""
    inside = _web(call, sight(call)).collection
    return many(call, [role_row(role) for role in inside.roles.values()])


@API.serves("POST", "/web/ensureuser", "rest.ensureuser", *READ)
@API.serves("POST", "/web/ensureuser/{logon}", "rest.ensureuser", *READ)
def ensure_user(call: Call) -> Reply:
    """Make a person or claim known by its login name, and tell its id."""
    eyes = sight(call)
    web = _web(call, eyes)
    given = call.json() or {}
    logon = call.params.get("logon") or str(given.get("logonName", ""))
    principal = principal_of(eyes.state, logon)
    if not principal:
        raise Refused(400, "bad", f"The specified user {logon} could not be found.")
    eyes.state.ensure_user(site=web.id, principal=principal)
    return one(call, member_row(eyes.state, web.collection, principal))


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
