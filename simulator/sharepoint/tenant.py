"""The tenant: sites with their groups, administrators and permission levels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.clock import parse
from simulator.sharepoint.accounts import Accounts
from simulator.sharepoint.model import (
    Change,
    Collection,
    Item,
    Link,
    Securable,
    Site,
    SiteGroup,
    SpList,
)
from simulator.sharepoint.roles import BITS, BUILT_IN, Role
from simulator.verbs import VerbError, verb

if TYPE_CHECKING:
    from simulator.world import World


class Tenant(Accounts):
    """What SharePoint and Entra know, content apart."""

    def __init__(self, world: World):
        super().__init__(world)
        self.sites: dict[str, Site] = {}
        """Webs by their GUID."""
        self.paths: dict[str, str] = {}
        """A web's path in lower case → its GUID."""
        self.collections: dict[str, Collection] = {}
        self.lists: dict[str, SpList] = {}
        self.drives: dict[str, str] = {}
        """Drive id → library."""
        self.uniques: dict[str, str] = {}
        """The GUID of every item → its id."""
        self.roots: dict[str, str] = {}
        """Root folder id → library."""
        self.items: dict[str, Item] = {}
        self.children: dict[str, dict[str, None]] = {}
        """Folder or list → what is directly in it."""
        self.links: dict[str, Link] = {}
        self.unique: dict[str, dict[str, None]] = {}
        """Collection → ids of securables with role assignments of their own."""

    def new_guid(self) -> str:
        """A random GUID; only verbs may ask for one."""
        digits = self.world.new_id(32, "0123456789abcdef")
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def site(self, site: str) -> Site:
        """The web with this GUID or path.

        Raises:
            VerbError: there is none.
        """
        found = self.sites.get(site) or self.sites.get(self.paths.get(site.lower(), ""))
        if found is None:
            raise VerbError(f"no site {site}")
        return found

    def listing(self, list_id: str) -> SpList:
        """The list or library with this id, if it is not deleted.

        Raises:
            VerbError: there is none.
        """
        found = self.lists.get(list_id)
        if found is None or found.deleted:
            raise VerbError(f"no list {list_id}")
        return found

    def item(self, item_id: str) -> Item:
        """The item with this id, recycled ones included.

        Raises:
            VerbError: there is none.
        """
        found = self.items.get(item_id)
        if found is None or found.gone or self.lists[found.list_id].deleted:
            raise VerbError(f"no item {item_id}")
        return found

    def securable(self, target: str) -> Securable:
        """The site, list or item with this id.

        Raises:
            VerbError: there is none.
        """
        if target in self.sites:
            return self.sites[target]
        return self.listing(target) if target in self.lists else self.item(target)

    def above(self, securable: Securable) -> Securable | None:
        """What it inherits from; None at the top of a collection."""
        if isinstance(securable, Item):
            return self.items.get(securable.parent) or self.lists[securable.list_id]
        if isinstance(securable, SpList):
            return self.sites.get(securable.site)
        return self.sites.get(securable.parent)

    def web_of(self, securable: Securable) -> Site:
        """The web that it is in, or is."""
        if isinstance(securable, Item):
            securable = self.lists[securable.list_id]
        return self.sites[securable.site] if isinstance(securable, SpList) else securable

    def live(self, item: Item) -> bool:
        """Whether it is there: neither recycled nor in something that is."""
        if item.gone or self.lists[item.list_id].deleted:
            return False
        at: Item | None = item
        while at is not None:
            if at.deleted:
                return False
            at = self.items.get(at.parent)
        return True

    def path_of(self, item: Item) -> list[str]:
        """The names from the top of the list down to the item."""
        names: list[str] = []
        at: Item | None = item
        while at is not None:
            names.append(at.name)
            at = self.items.get(at.parent)
        return names[::-1]

    def lists_of(self, site: str, template: str = "") -> Iterator[SpList]:
        """The lists of a web that are not deleted."""
        for found in self.lists.values():
            if found.site == site and not found.deleted and template in ("", found.template):
                yield found

    def number(self, collection: Collection, principal: str) -> int:
        """The principal's number in a collection, given to it now if it has none."""
        return collection.numbers.setdefault(principal, len(collection.numbers) + 3)

    def check_principal(self, collection: Collection, principal: str) -> None:
        """Make sure that a principal could be granted something.

        Raises:
            VerbError: it could not.
        """
        kind, _, subject = principal.partition(":")
        if kind == "user":
            self.world.directory.person(subject)
        elif kind == "group":
            self.world.directory.group(subject)
        elif kind in ("m365", "owners"):
            if subject not in self.m365:
                raise VerbError(f"no Microsoft 365 group {subject}")
        elif kind == "site":
            if not subject.isdecimal() or int(subject) not in collection.groups:
                raise VerbError(f"no site group {subject}")
        elif principal not in ("eeeu", "everyone"):
            raise VerbError(f"no principal {principal}")

    def log_change(self, list_id: str, item: str, kind: str) -> None:
        """Note a change in a list's log."""
        self.lists[list_id].log.append(Change(item, kind, self.world.now()))

    @verb
    def create_site(
        self,
        path: str,
        title: str,
        parent: str = "",
        group: str = "",
        description: str = "",
        at: str = "",
    ) -> str:
        """A new site with Owners, Members and Visitors; tells the web's GUID.

        Args:
            path: ``/sites/hr``, or one segment below its parent.
            title: its name.
            parent: the web above, for a subsite, which inherits.
            group: the Microsoft 365 group whose team site this is: its members become members,
                its owners administrators.
            description: what it is for.
            at: when; now if empty.
        """
        when = parse(at) if at else self.world.now()
        above = self.site(parent) if parent else None
        full = (f"{above.path}/{path.strip('/')}" if above else path).rstrip("/")
        if full.lower() in self.paths:
            raise VerbError(f"{full} is taken")
        if group and group not in self.m365:
            raise VerbError(f"no Microsoft 365 group {group}")
        collection = above.collection if above else Collection(self.new_guid())
        site = Site(self.new_guid(), collection, full, title, when, when, description=description)
        self.sites[site.id], self.paths[full.lower()] = site, site.id
        if above is not None:
            site.parent = above.id
            return site.id
        site.group = group
        collection.roles.update(BUILT_IN)
        self.collections[collection.id] = collection
        self.unique[collection.id] = {site.id: None}
        site.roles = {}
        levels = (("Owners", "Full Control"), ("Members", "Edit"), ("Visitors", "Read"))
        for ending, level in levels:
            number = self._group(collection, f"{title} {ending}")
            site.roles[f"site:{number}"] = [level]
            if group and ending != "Visitors":
                member = f"owners:{group}" if ending == "Owners" else f"m365:{group}"
                self.number(collection, member)
                collection.groups[number].members.append(member)
        if group:
            collection.admins.append(f"owners:{group}")
        return site.id

    def _group(self, collection: Collection, title: str) -> int:
        number = len(collection.numbers) + 3
        collection.numbers[f"site:{number}"] = number
        collection.groups[number] = SiteGroup(number, title)
        return number

    @verb
    def delete_list(self, list: str) -> None:
        """A list or library is gone, with what is in it and the links to it."""
        found = self.listing(list)
        found.deleted = True
        for link in [k for k, one in self.links.items() if self._in(one, list)]:
            del self.links[link]

    def _in(self, link: Link, list_id: str) -> bool:
        return self.items[link.item].list_id == list_id

    @verb
    def rename_site(self, site: str, title: str) -> None:
        """A new title; its groups keep theirs."""
        found = self.site(site)
        found.title, found.modified = title, self.world.now()

    @verb
    def delete_site(self, site: str) -> None:
        """A web is gone for good, with its subsites."""
        found = self.site(site)
        for other in [s for s in self.sites.values() if s.parent == found.id]:
            self.delete_site(other.id)
        for one in self.lists_of(found.id):
            self.delete_list(one.id)
        del self.sites[found.id], self.paths[found.path.lower()]

    @verb
    def add_site_group(self, site: str, title: str) -> int:
        """A new SharePoint group in the site's collection; tells its number."""
        collection = self.site(site).collection
        if any(group.title == title for group in collection.groups.values()):
            raise VerbError(f"{title} is taken")
        return self._group(collection, title)

    def site_group(self, site: str, group: int | str) -> SiteGroup:
        """A collection's group, by number or title.

        Raises:
            VerbError: there is none.
        """
        for found in self.site(site).collection.groups.values():
            if group in (found.id, found.title):
                return found
        raise VerbError(f"no site group {group}")

    @verb
    def add_to_group(self, site: str, group: int | str, principal: str) -> None:
        """A person or directory group joins a site group; site groups do not nest."""
        found, collection = self.site_group(site, group), self.site(site).collection
        self.check_principal(collection, principal)
        if principal.startswith("site:"):
            raise VerbError("a site group can't be put into a site group")
        self.number(collection, principal)
        if principal not in found.members:
            found.members.append(principal)

    @verb
    def remove_from_group(self, site: str, group: int | str, principal: str) -> None:
        """Someone leaves a site group."""
        found = self.site_group(site, group)
        if principal not in found.members:
            raise VerbError(f"{principal} is not in {found.title}")
        found.members.remove(principal)

    @verb
    def add_admin(self, site: str, principal: str) -> None:
        """Someone becomes site collection administrator."""
        collection = self.site(site).collection
        self.check_principal(collection, principal)
        if principal.startswith("site:"):
            raise VerbError("a site group can't be an administrator")
        self.number(collection, principal)
        if principal not in collection.admins:
            collection.admins.append(principal)

    @verb
    def remove_admin(self, site: str, principal: str) -> None:
        """Someone is administrator no more."""
        collection = self.site(site).collection
        if principal not in collection.admins:
            raise VerbError(f"{principal} is no administrator")
        collection.admins.remove(principal)

    @verb
    def define_role(self, site: str, name: str, permissions: list[str]) -> int:
        """A permission level of the site's own; tells its id."""
        collection = self.site(site).collection
        wrong = [p for p in permissions if p not in BITS]
        if wrong or name in collection.roles:
            raise VerbError(f"{name} is taken, or unknown: {wrong}")
        made = Role(1073741831 + len(collection.roles), name, 0, tuple(permissions))
        collection.roles[name] = made
        return made.id

    @verb
    def ensure_user(self, site: str, principal: str) -> int:
        """Make a principal known to a site collection; tells its number there."""
        collection = self.site(site).collection
        self.check_principal(collection, principal)
        return self.number(collection, principal)
