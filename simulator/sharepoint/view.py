"""What a token sees in SharePoint: enforcement, written apart from the oracle.

The caller's *claims* (themself, every group and role that they carry) are worked out once, as
SharePoint does at sign-in; then masks of permission bits flow down from site to item.
"""

from __future__ import annotations

from simulator.people import Person
from simulator.sharepoint.model import Collection, Item, Link, Roles, Securable, Site, SpList
from simulator.sharepoint.roles import BITS
from simulator.sharepoint.state import SharePointState

ALL = (1 << 63) - 1
_VIEW, _OPEN, _EDIT = BITS["ViewListItems"], BITS["Open"], BITS["EditListItems"]
_OVERRIDE, _APPROVE = BITS["CancelCheckout"], BITS["ApproveItems"]


class Sight:
    """One caller's view at one instant."""

    def __init__(self, state: SharePointState, person: Person | None):
        """Look through the eyes of `person`; None is an application, which sees all."""
        self.state, self.person = state, person
        self._masks: dict[str, int] = {}
        self._local: dict[str, frozenset[str]] = {}
        self.claims = self._signed_in(person) if person is not None else frozenset[str]()

    def _signed_in(self, person: Person) -> frozenset[str]:
        """The claims in the caller's token, good in every site."""
        state = self.state
        claims = {f"user:{person.id}"}
        if not person.guest:
            claims |= {"eeeu", "everyone"}
        elif state.everyone_covers_guests:
            claims.add("everyone")
        groups = state.world.directory.groups
        waiting = [g.id for g in groups.values() if person.id in g.members]
        parents: dict[str, list[str]] = {}
        for group in groups.values():
            for child in group.groups:
                parents.setdefault(child, []).append(group.id)
        while waiting:
            claim = f"group:{(group_id := waiting.pop())}"
            if claim not in claims:
                claims.add(claim)
                waiting += parents.get(group_id, ())
        for team in state.m365.values():
            if person.id in team.members:
                claims.add(f"m365:{team.id}")
            if person.id in team.owners:
                claims.add(f"owners:{team.id}")
        now = state.world.now()
        for link in state.links.values():
            over = link.expires is not None and link.expires <= now
            if person.id in link.people and not over:
                claims.add(f"link:{link.id}")
        return frozenset(claims)

    def claims_in(self, collection: Collection) -> frozenset[str]:
        """The claims with the collection's own groups added."""
        known = self._local.get(collection.id)
        if known is None:
            groups = collection.groups.values()
            local = {f"site:{g.id}" for g in groups if not self.claims.isdisjoint(g.members)}
            known = self._local[collection.id] = self.claims | local
        return known

    def administers(self, collection: Collection) -> bool:
        """Whether the caller is above permissions there."""
        return self.person is None or not self.claims.isdisjoint(collection.admins)

    def _mask_of(self, roles: Roles, collection: Collection) -> int:
        mask, claims = 0, self.claims_in(collection)
        for principal, levels in roles.items():
            if principal in claims:
                for level in levels:
                    mask |= collection.roles[level].mask
        return mask

    def mask(self, securable: Securable) -> int:
        """The caller's permission bits on a site, list or item."""
        known = self._masks.get(securable.id)
        if known is not None:
            return known
        collection = self.state.web_of(securable).collection
        if self.administers(collection):
            found = ALL
        elif securable.roles is not None:
            found = self._mask_of(securable.roles, collection)
        else:
            above = self.state.above(securable)
            found = 0 if above is None else self.mask(above)
        self._masks[securable.id] = found
        return found

    def may(self, securable: Securable, permission: str) -> bool:
        """Whether the caller holds one permission there."""
        return bool(self.mask(securable) & BITS[permission])

    def enters(self, place: Site | SpList) -> bool:
        """Whether a site or list is there for the caller, be it only to pass through."""
        return bool(self.mask(place) & _OPEN)

    def reads(self, item: Item) -> bool:
        """Whether the caller can open an item that is live."""
        mask = self.mask(item)
        if not mask & _VIEW:
            return False
        if item.kind == "page" and not item.published:
            return bool(mask & _EDIT)
        where = self.state.lists[item.list_id]
        mine = self.person is not None and item.author == self.person.id
        waits = where.moderated and where.drafts and item.moderation and not mine
        if waits and not mask & (_EDIT if where.drafts == 1 else _APPROVE):
            return False
        return mine or not where.own_only or bool(mask & _OVERRIDE)

    def opens_by(self, link: Link) -> bool:
        """Whether the caller could open what a link leads to, with the link in hand."""
        if self.person is None:
            return True
        if link.expires is not None and link.expires <= self.state.world.now():
            return False
        if link.scope == "anonymous" or self.person.id in link.people:
            return True
        return link.scope == "organization" and not self.person.guest

    def reads_by(self, item: Item, link: Link) -> bool:
        """Whether the link opens this item for the caller."""
        if not self.opens_by(link) or not self.state.live(item):
            return False
        if item.kind == "page" and not item.published and link.kind != "edit":
            return False
        levels = self.state.web_of(item).collection.roles
        given = self.state.roles_of(item).get(f"link:{link.id}", ())
        return any(levels[level].mask & _VIEW for level in given)

    def covered(self, principal: str, collection: Collection) -> bool:
        """Whether a permission of this principal applies to the caller."""
        return principal in self.claims_in(collection)
