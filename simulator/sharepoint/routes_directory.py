"""Graph: people and groups of the directory, and the organisation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.people import Group, Person
from simulator.sharepoint.entra import granted
from simulator.sharepoint.graph import API, Refused, collection, entity, page_of
from simulator.sharepoint.ids import TENANT, object_id, user_principal_name
from simulator.sharepoint.model import M365Group
from simulator.sharepoint.odata import matching, order
from simulator.sharepoint.shapes import moment
from simulator.sharepoint.state import SharePointState
from simulator.wire import Call, Reply

Json = dict[str, Any]
Node = Person | Group | M365Group
USERS = ("User.Read.All", "User.ReadBasic.All", "Directory.Read.All")
GROUPS = ("Group.Read.All", "GroupMember.Read.All", "Directory.Read.All")
_USER_DEFAULT = (
    "businessPhones,displayName,givenName,jobTitle,mail,mobilePhone,officeLocation,"
    "preferredLanguage,surname,userPrincipalName,id"
)


def user_row(call: Call, person: Person) -> Json:
    """A ``user``; without ``$select`` Graph gives few properties, see `chosen`."""
    given, _, family = person.name.partition(" ")
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": object_id("person", person.id),
        "displayName": person.name,
        "givenName": given,
        "surname": family,
        "mail": person.email,
        "userPrincipalName": user_principal_name(person),
        "jobTitle": person.title or None,
        "businessPhones": [],
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-IE",
        "accountEnabled": person.active,
        "userType": "Guest" if person.guest else "Member",
        "externalUserState": "Accepted" if person.guest else None,
        "otherMails": [person.email] if person.guest else [],
        "proxyAddresses": [
            f"SMTP:{person.email}",
            *(f"smtp:{alias}" for alias in person.aliases),
        ],
        "mailNickname": person.email.partition("@")[0],
        "onPremisesSyncEnabled": None,
    }


def group_row(call: Call, group: Group | M365Group) -> Json:
    """A ``group``."""
    if isinstance(group, M365Group):
        visibility = "Private" if group.private else "Public"
        row: Json = {
            "id": object_id("m365", group.id),
            "mail": group.mail,
            "mailEnabled": True,
            "securityEnabled": False,
            "groupTypes": ["Unified"],
            "visibility": "HiddenMembership" if group.hidden else visibility,
        }
    else:
        row = {
            "id": object_id("group", group.id),
            "mail": group.email,
            "mailEnabled": True,
            "securityEnabled": True,
            "groupTypes": [],
            "visibility": None,
        }
    return {
        "@odata.type": "#microsoft.graph.group",
        **row,
        "displayName": group.name,
        "description": None,
        "mailNickname": group.id,
        "createdDateTime": moment(call.world.start),
        "proxyAddresses": [f"SMTP:{row['mail']}"],
    }


def chosen(call: Call, row: Json) -> Json:
    """A user with the properties that Graph gives when none are selected."""
    if call.arg("$select"):
        return row
    kept = ("@odata.type", *_USER_DEFAULT.split(","))
    return {name: row[name] for name in kept}


def _listed(call: Call, context: str, nodes: list[Node], *, typed: bool = True) -> Reply:
    rows = [user_row(call, n) if isinstance(n, Person) else group_row(call, n) for n in nodes]
    rows = order(matching(rows, call.arg("$filter")), call.arg("$orderby"))
    if search := call.arg("$search").strip('"'):
        name, _, words = search.partition(":")
        rows = [row for row in rows if words.lower() in str(row.get(name, "")).lower()]
    page, following = page_of(call, rows, 100)
    shown = [chosen(call, r) if r["@odata.type"].endswith("user") else r for r in page]
    if call.service and not any(granted(call, permission) for permission in USERS):
        shown = [_limited(row) for row in shown]
    if not typed:
        shown = [{k: v for k, v in row.items() if k != "@odata.type"} for row in shown]
    return collection(call, context, shown, following)


def _limited(row: Json) -> Json:
    """What an application sees of people whom it may not read: that they are there.

    "Limited information returned for inaccessible member objects",
    https://learn.microsoft.com/en-us/graph/api/group-list-members
    """
    if row["@odata.type"].endswith("group"):
        return row
    return {key: value if key in ("@odata.type", "id") else None for key, value in row.items()}


def directory_open(call: Call) -> None:
    """Guests may not look around in the directory."""
    if call.person is not None and call.person.guest:
        raise Refused(403, "Authorization_RequestDenied", "Insufficient privileges.")


def all_groups(state: SharePointState) -> list[Group | M365Group]:
    """Every group of both kinds."""
    return [*state.world.directory.groups.values(), *state.m365.values()]


def _node(call: Call, key: str) -> Person | None:
    for person in call.world.directory.people.values():
        names = (object_id("person", person.id), user_principal_name(person).lower())
        if key.lower() in names and not person.deleted:
            return person
    return None


def user_here(call: Call) -> Person:
    """The person whom the path names by object id or principal name."""
    if call.person is None or key_of(call) != object_id("person", call.person.id):
        directory_open(call)
    found = _node(call, key_of(call))
    if found is None:
        said = f"Resource '{key_of(call)}' does not exist or one of its queried reference-property"
        raise Refused(404, "Request_ResourceNotFound", f"{said} objects are not present.")
    return found


def key_of(call: Call) -> str:
    """The id in the path."""
    return call.params["id"]


def group_here(call: Call) -> Group | M365Group:
    """The group that the path names by object id."""
    directory_open(call)
    for group in all_groups(SharePointState.of(call.world)):
        kind = "m365" if isinstance(group, M365Group) else "group"
        if key_of(call).lower() == object_id(kind, group.id):
            return group
    raise Refused(404, "Request_ResourceNotFound", f"Resource '{key_of(call)}' does not exist.")


@API.serves("GET", "/users", "users.list", *USERS)
def users(call: Call) -> Reply:
    """Everyone with an account, those who may not sign in included."""
    directory_open(call)
    people = [p for p in call.world.directory.people.values() if not p.deleted]
    return _listed(call, "users", [*people], typed=False)


@API.serves("GET", "/users/{id}", "users.get", *USERS)
def get_user(call: Call) -> Reply:
    """One person."""
    return entity(call, "users/$entity", chosen(call, user_row(call, user_here(call))))


@API.serves("GET", "/me", "me.get", *USERS)
def me(call: Call) -> Reply:
    """The caller."""
    if call.person is None:
        raise Refused(400, "BadRequest", "/me request is only valid with delegated access.")
    return entity(call, "users/$entity", chosen(call, user_row(call, call.person)))


@API.serves("GET", "/groups", "groups.list", *GROUPS)
def groups(call: Call) -> Reply:
    """Security groups and Microsoft 365 groups."""
    directory_open(call)
    return _listed(call, "groups", [*all_groups(SharePointState.of(call.world))], typed=False)


@API.serves("GET", "/groups/{id}", "groups.get", *GROUPS)
def get_group(call: Call) -> Reply:
    """One group."""
    return entity(call, "groups/$entity", group_row(call, group_here(call)))


def _shows_members(call: Call, group: M365Group) -> bool:
    """Whether the caller may see who is in a group whose membership may be hidden."""
    if not group.hidden:
        return True
    if call.person is None:
        return granted(call, "Member.Read.Hidden")
    return call.person.id in (*group.members, *group.owners)


def _members(call: Call, group: Group | M365Group) -> list[Node]:
    """Direct members; hidden ones only for those inside and for who may read hidden ones."""
    directory = call.world.directory
    if isinstance(group, M365Group):
        if not _shows_members(call, group):
            raise Refused(
                403, "Authorization_RequestDenied", "Reading hidden members needs a permission."
            )
        return [directory.people[p] for p in group.members]
    nested = [directory.groups[g] for g in group.groups if g in directory.groups]
    return [*(directory.people[p] for p in group.members), *nested]


def _transitive(call: Call, group: Group | M365Group) -> list[Node]:
    """Members at any depth, each once; a group in a cycle is a member of itself."""
    found: dict[str, Node] = {}
    waiting: list[Group | M365Group] = [group]
    while waiting:
        for node in _members(call, waiting.pop(0)):
            key = f"{type(node).__name__}/{node.id}"
            if key not in found:
                found[key] = node
                if isinstance(node, Group):
                    waiting.append(node)
    return list(found.values())


_KINDS: dict[str, tuple[type, ...]] = {
    "microsoft.graph.user": (Person,),
    "microsoft.graph.group": (Group, M365Group),
}


def _related(call: Call, name: str, nodes: list[Node]) -> Reply:
    cast = call.params.get("cast", "")
    owner = f"groups('{key_of(call)}')" if "/groups/" in call.path else f"users('{key_of(call)}')"
    if not cast:
        return _listed(call, f"{owner}/{name}", nodes)
    kept = [node for node in nodes if isinstance(node, _KINDS.get(cast, ()))]
    return _listed(call, f"{owner}/{name}/{cast}", kept)


@API.serves("GET", "/groups/{id}/members", "groups.members", *GROUPS)
@API.serves("GET", "/groups/{id}/members/{cast}", "groups.members", *GROUPS)
def members(call: Call) -> Reply:
    """Direct members, people and groups."""
    return _related(call, "members", _members(call, group_here(call)))


@API.serves("GET", "/groups/{id}/transitiveMembers", "groups.transitiveMembers", *GROUPS)
@API.serves("GET", "/groups/{id}/transitiveMembers/{cast}", "groups.transitiveMembers", *GROUPS)
def transitive_members(call: Call) -> Reply:
    """Members at any depth."""
    return _related(call, "transitiveMembers", _transitive(call, group_here(call)))


@API.serves("GET", "/groups/{id}/owners", "groups.owners", *GROUPS)
@API.serves("GET", "/groups/{id}/owners/{cast}", "groups.owners", *GROUPS)
def owners(call: Call) -> Reply:
    """Owners, who are members only if they are listed there too."""
    group, people = group_here(call), call.world.directory.people
    if isinstance(group, M365Group):
        return _related(call, "owners", [people[p] for p in group.owners])
    owning = [people[p] for p, role in group.members.items() if role == "OWNER"]
    return _related(call, "owners", [*owning])


def _holding(call: Call, person: Person, *, deep: bool) -> Iterator[Node]:
    for group in all_groups(SharePointState.of(call.world)):
        if isinstance(group, M365Group):
            if person.id in group.members and _shows_members(call, group):
                yield group
        elif person.id in group.members or (
            deep and any(node is person for node in _transitive(call, group))
        ):
            yield group


@API.serves("GET", "/users/{id}/memberOf", "users.memberOf", *GROUPS)
@API.serves("GET", "/users/{id}/memberOf/{cast}", "users.memberOf", *GROUPS)
def member_of(call: Call) -> Reply:
    """Groups that hold a person directly."""
    return _related(call, "memberOf", list(_holding(call, user_here(call), deep=False)))


@API.serves("GET", "/users/{id}/transitiveMemberOf", "users.transitiveMemberOf", *GROUPS)
@API.serves("GET", "/users/{id}/transitiveMemberOf/{cast}", "users.transitiveMemberOf", *GROUPS)
def transitive_member_of(call: Call) -> Reply:
    """Groups that hold a person at any depth."""
    found = list(_holding(call, user_here(call), deep=True))
    return _related(call, "transitiveMemberOf", found)


@API.serves("GET", "/organization", "organization.list", "Organization.Read.All", *USERS)
def organization(call: Call) -> Reply:
    """The tenant and its domains."""
    domain = {"name": call.world.directory.domain, "isDefault": True, "isInitial": False}
    row = {
        "id": TENANT,
        "displayName": "Saltmarsh Instruments",
        "verifiedDomains": [domain | {"type": "Managed", "capabilities": "Email"}],
    }
    return collection(call, "organization", [row])
