"""Who may read what in SharePoint, from Microsoft's documentation.

*Reading* is by what SharePoint lists or searches for a person. A link for the organisation or
for anyone that a person has not opened yet works only with its address: `readable_by_link`.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.oracle import Document, Rules, groups_holding
from simulator.people import Person
from simulator.sharepoint.ids import site_id
from simulator.sharepoint.model import Item, Link, Securable, Site
from simulator.sharepoint.state import SharePointState
from simulator.world import World

_LEARN = "https://learn.microsoft.com/en-us"
_LEVELS = f"{_LEARN}/sharepoint/understanding-permission-levels"
_BITS = f"{_LEARN}/previous-versions/office/sharepoint-server/ms412690(v=office.15)"
_INHERITANCE = f"{_LEARN}/sharepoint/what-is-permissions-inheritance"
_LINKS = f"{_LEARN}/sharepoint/shareable-links-anyone-specific-people-organization"
_GROUPS = f"{_LEARN}/sharepoint/default-sharepoint-groups"
_TEAM_SITE = f"{_LEARN}/sharepoint/dev/transform/modernize-connect-to-office365-group-permissions"
_EVERYONE = (
    "https://docs.microsoft.com/en-us/office365/troubleshoot/access-management/"
    "grant-everyone-claim-to-external-users"
)
_ADMINS = f"{_LEARN}/sharepoint/manage-site-collection-administrators"
_DRAFTS = (
    "Specify who can view drafts, "
    "https://howtomicrosoftofficetutorials.blogspot.com/2018/10/specify-who-can-view-drafts.html"
)
_APPROVAL = (
    f"{_LEARN}/openspecs/sharepoint_protocols/ms-wssfo3/4342322d-6fab-4dc5-8ccd-b808a5e25acf"
    f" (status); {_LEARN}/sharepoint/dev/schema/draftvisibilitytype-simple-type-deploymentmanifest"
)
_ITEM_LEVEL = (
    '"Users with the Cancel Checkout permission can read and edit all items", '
    "https://natechamberlain.com/2018/09/02/sharepoint-cancel-checkout-permissions/"
)
_RECYCLE = f"{_LEARN}/graph/api/driveitem-delete"
_SIGN_IN = f"{_LEARN}/entra/identity/users/users-revoke-access"
_FACTS = "sources.md section 4"

COVERS = Rules("sharepoint: a principal speaks of this person")
LEVELS = Rules("sharepoint: the permission level lets its holder read", every=True)
LINK_FORCE = Rules("sharepoint: the link is in force", every=True)
ROUTES = Rules("sharepoint: role assignments there hold here")
ADMINS = Rules("sharepoint: a site collection administrator")
READING = Rules("sharepoint: the item is there to be read", every=True)
OPENS = Rules("sharepoint: whoever has the link may open it")
BOOKS = (COVERS, LEVELS, LINK_FORCE, ROUTES, ADMINS, READING, OPENS)


@COVERS.rule(_LEVELS)
def named_person(world: World, person: Person, site: Site, principal: str) -> bool:
    """A role assignment to one account."""
    return principal == f"user:{person.id}"


@COVERS.rule(f"{_FACTS}: Entra groups nest")
def in_entra_group(world: World, person: Person, site: Site, principal: str) -> bool:
    """A role assignment to a security group speaks of members at any depth."""
    kind, _, group = principal.partition(":")
    return kind == "group" and group in groups_holding(world, person.id)


@COVERS.rule(f"{_TEAM_SITE}; {_FACTS}: owners were taken for members (#13114)")
def member_of_m365_group(world: World, person: Person, site: Site, principal: str) -> bool:
    """The members' claim speaks of members, not of owners who are none."""
    kind, _, group = principal.partition(":")
    return kind == "m365" and person.id in SharePointState.of(world).m365[group].members


@COVERS.rule(_TEAM_SITE)
def owner_of_m365_group(world: World, person: Person, site: Site, principal: str) -> bool:
    """The owners' claim speaks of owners."""
    kind, _, group = principal.partition(":")
    return kind == "owners" and person.id in SharePointState.of(world).m365[group].owners


@COVERS.rule(f"{_FACTS}: EEEU = tenant members minus guests")
def everyone_but_external(world: World, person: Person, site: Site, principal: str) -> bool:
    """The claim speaks of the tenant's members, not of guests."""
    return principal == "eeeu" and not person.guest


@COVERS.rule(_EVERYONE)
def everyone(world: World, person: Person, site: Site, principal: str) -> bool:
    """The claim speaks of members; of guests only where the tenant was set so."""
    covers_guests = SharePointState.of(world).everyone_covers_guests
    return principal == "everyone" and (covers_guests or not person.guest)


@COVERS.rule(_GROUPS)
def in_site_group(world: World, person: Person, site: Site, principal: str) -> bool:
    """A SharePoint group speaks of its members, in its own site collection."""
    kind, _, number = principal.partition(":")
    if kind != "site":
        return False
    group = site.collection.groups.get(int(number))
    return group is not None and any(covers(world, person, site, m) for m in group.members)


@COVERS.rule(_LINKS)
def holder_of_link(world: World, person: Person, site: Site, principal: str) -> bool:
    """A link's group holds the people it was made for, and those who have opened it."""
    kind, _, number = principal.partition(":")
    if kind != "link":
        return False
    link = SharePointState.of(world).links[number]
    return person.id in link.people and LINK_FORCE.hold(world, link)


@LINK_FORCE.rule(f"{_LEARN}/graph/api/resources/permission (expirationDateTime)")
def link_not_expired(world: World, link: Link) -> bool:
    """A link ends at its expirationDateTime."""
    return link.expires is None or world.now() < link.expires


@LEVELS.rule(f"{_BITS} (ViewListItems); {_LEVELS} (Limited Access)")
def lets_view_items(site: Site, level: str) -> bool:
    """Only a level with View Items opens anything: Limited Access is for passing through."""
    return "ViewListItems" in site.collection.roles[level].permissions


@ROUTES.rule(_INHERITANCE)
def of_its_own(state: SharePointState, item: Item, holder: Securable) -> bool:
    """Unique role assignments of the item, and no others, hold for it."""
    return item.roles is not None and holder is item


@ROUTES.rule(_INHERITANCE)
def of_a_folder(state: SharePointState, item: Item, holder: Securable) -> bool:
    """An item that inherits takes those of the nearest folder that does not."""
    at = item
    while at.roles is None and at.parent:
        at = state.items[at.parent]
        if at is holder:
            return at.roles is not None
    return False


def _free_up_to_list(state: SharePointState, item: Item) -> bool:
    at = item
    while at.roles is None:
        if not at.parent:
            return True
        at = state.items[at.parent]
    return False


@ROUTES.rule(_INHERITANCE)
def of_the_list(state: SharePointState, item: Item, holder: Securable) -> bool:
    """Where no folder broke inheritance, those of the list or library."""
    where = state.lists[item.list_id]
    return holder is where and where.roles is not None and _free_up_to_list(state, item)


@ROUTES.rule(_INHERITANCE)
def of_the_site(state: SharePointState, item: Item, holder: Securable) -> bool:
    """Where the list inherits too, those of its site."""
    where = state.lists[item.list_id]
    site = state.sites[where.site]
    inherits = where.roles is None and _free_up_to_list(state, item)
    return holder is site and site.roles is not None and inherits


@ROUTES.rule(_INHERITANCE)
def of_a_site_above(state: SharePointState, item: Item, holder: Securable) -> bool:
    """Where a subsite inherits, those of the nearest site above that does not."""
    where = state.lists[item.list_id]
    site = state.sites[where.site]
    if where.roles is not None or not _free_up_to_list(state, item):
        return False
    while site.roles is None:
        site = state.sites[site.parent]
        if site is holder:
            return site.roles is not None
    return False


@ADMINS.rule(f"{_ADMINS}; {_TEAM_SITE}")
def site_collection_administrator(world: World, person: Person, site: Site) -> bool:
    """Administrators read everything in the collection, whatever its permissions say."""
    return any(covers(world, person, site, admin) for admin in site.collection.admins)


@READING.rule(_SIGN_IN)
def account_can_sign_in(world: World, person: Person, item: Item) -> bool:
    """Blocked and deleted accounts read nothing."""
    return person.active and not person.deleted


@READING.rule(_RECYCLE)
def not_in_recycle_bin(world: World, person: Person, item: Item) -> bool:
    """What is in the recycle bin, itself or with its folder, is no document any more."""
    state, at = SharePointState.of(world), item
    while not at.deleted and at.parent:
        at = state.items[at.parent]
    return not at.deleted


@READING.rule(_DRAFTS)
def published_or_editor(world: World, person: Person, item: Item) -> bool:
    """A page without a published version is for those who may edit it."""
    if item.kind != "page" or item.published:
        return True
    return _administers(world, person, item) or _can(world, person, item, "EditListItems")


@READING.rule(_APPROVAL)
def approved_or_entitled(world: World, person: Person, item: Item) -> bool:
    """What waits for approval is for its author and for those whom the list admits to drafts."""
    where = SharePointState.of(world).lists[item.list_id]
    if not (where.moderated and item.moderation and where.drafts) or item.author == person.id:
        return True
    needed = "EditListItems" if where.drafts == 1 else "ApproveItems"
    return _administers(world, person, item) or _can(world, person, item, needed)


@READING.rule(_ITEM_LEVEL)
def own_items_only(world: World, person: Person, item: Item) -> bool:
    """A list may show people only what they created; Override List Behaviors lifts that."""
    if not SharePointState.of(world).lists[item.list_id].own_only or item.author == person.id:
        return True
    return _administers(world, person, item) or _can(world, person, item, "CancelCheckout")


@OPENS.rule(_LINKS)
def organisation_link(world: World, person: Person, link: Link) -> bool:
    """A link for the organisation works for its members, not for guests."""
    return link.scope == "organization" and not person.guest


@OPENS.rule(_LINKS)
def anyone_link(world: World, person: Person, link: Link) -> bool:
    """A link for anyone works for anyone."""
    return link.scope == "anonymous"


def covers(world: World, person: Person, site: Site, principal: str) -> bool:
    """Whether a principal speaks of `person` within the site's collection."""
    return COVERS.hold(world, person, site, principal)


def _assignments(world: World, item: Item) -> Iterator[tuple[Site, str, str]]:
    """(site, principal, level) of every role assignment that holds for the item."""
    state = SharePointState.of(world)
    where = state.lists[item.list_id]
    site = state.sites[where.site]
    places: list[Securable] = [item, where, site]
    folder, above = item, site
    while folder.parent:
        folder = state.items[folder.parent]
        places.append(folder)
    while above.parent:
        above = state.sites[above.parent]
        places.append(above)
    for place in places:
        if ROUTES.hold(state, item, place):
            for principal, levels in (place.roles or {}).items():
                for level in levels:
                    yield site, principal, level


def _can(world: World, person: Person, item: Item, permission: str) -> bool:
    return any(
        permission in site.collection.roles[level].permissions
        and covers(world, person, site, principal)
        for site, principal, level in _assignments(world, item)
    )


def _administers(world: World, person: Person, item: Item) -> bool:
    state = SharePointState.of(world)
    return ADMINS.hold(world, person, state.sites[state.lists[item.list_id].site])


def _there(world: World, document: str) -> Item | None:
    state = SharePointState.of(world)
    item = state.items.get(document)
    gone = item is None or item.gone or item.kind == "folder" or state.lists[item.list_id].deleted
    return None if gone else item


def readable(world: World, person: Person, document: str) -> bool:
    """Whether `person` may read the document, as something that they could find."""
    item = _there(world, document)
    if item is None or not READING.hold(world, person, item):
        return False
    return _administers(world, person, item) or any(
        LEVELS.hold(site, level) and covers(world, person, site, principal)
        for site, principal, level in _assignments(world, item)
    )


def readable_by_link(world: World, person: Person, document: str) -> bool:
    """Whether `person` may open the document given the address of a link that leads to it."""
    item = _there(world, document)
    if item is None or not READING.hold(world, person, item):
        return False
    links = SharePointState.of(world).links
    held = {
        principal[5:]
        for site, principal, level in _assignments(world, item)
        if principal.startswith("link:") and LEVELS.hold(site, level)
    }
    return readable(world, person, document) or any(
        LINK_FORCE.hold(world, links[link]) and OPENS.hold(world, person, links[link])
        for link in held
    )


def documents(world: World) -> Iterator[Document]:
    """Every file (by drive item id), page and list item (by GUID), recycled ones included.

    What is attached to a list item, and comments on anything, are read with it.
    """
    state = SharePointState.of(world)
    for item in state.items.values():
        if item.kind != "folder" and not item.gone and not state.lists[item.list_id].deleted:
            site = state.sites[state.lists[item.list_id].site]
            container = site_id(site.collection.id, site.id)
            yield Document("sharepoint", item.id, item.title or item.name, container)
