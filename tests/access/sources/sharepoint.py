"""SharePoint: role assignments where inheritance was broken last, drafts and one's own items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from access import AccessControl, Grant, Principal, Source
from simulator.people import Person
from simulator.sharepoint.model import Collection, Item
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VendorState
from simulator.world import World
from tests.access.sources.plain import Found, Groups, PlainSource, directory
from tests.simulator.sharepoint.test_agreement import STEPS, step
from tests.simulator.sharepoint.worlds import GROUPS, PEOPLE, cast

_OPENING = [
    ("site", False), ("library", 0), ("list", 0, True), ("folder", 0), ("file", 0, "ana"),
    ("file", 1, "ben"), ("item", 0, "gus"), ("page", 0, "ana", False), ("grant", 0, "eeeu", "Read"),
    ("join", 0, 4, "group:inner"), ("admin", 0, "user:ben"), ("site", False), ("library", 1),
    ("file", 1, "ana"), ("grant", 1, "site:4", "Read"), ("grant", 1, "everyone", "Read"),
]  # fmt: skip


class SharePoint(PlainSource):
    source = Source.SHAREPOINT
    vendor = "sharepoint"

    def world(self) -> World:
        world = World(3)
        cast(world)
        SharePointState.of(world).create_m365_group(id="crew", name="Crew", owners=["ben"])
        for each in _OPENING:
            step(world, *each)
        return world

    def edits(self) -> st.SearchStrategy[Any]:
        return st.one_of(STEPS, STEPS, STEPS, directory(PEOPLE, GROUPS))

    def edit(self, world: World, edit: Any) -> None:
        if "." in edit[0]:
            super().edit(world, edit)
        else:
            step(world, *edit)

    def documents(self, world: World, asked: datetime) -> Iterator[Found]:
        state = SharePointState.of(world)
        for item in state.items.values():
            where = state.lists[item.list_id]
            if item.kind == "folder" or item.gone or where.deleted or _binned(state, item):
                continue
            clauses = [self.clause(self._key(state, item), self._may(world, item), asked)]
            if item.kind == "page" and not item.published:
                editors = self._may(world, item, "EditListItems")
                clauses.append(self.clause(f"draft/{item.id}", editors, asked))
            if where.own_only:
                readers = self._may(world, item, "CancelCheckout")
                readers.append(Grant(self.named(world, "user", item.author)))
                clauses.append(self.clause(f"own/{item.id}", readers, asked))
            body = f"{item.id} {item.content}"
            yield Found(item.id, where.site, body, AccessControl.all_of(*clauses))

    def _key(self, state: SharePointState, item: Item) -> str:
        """The securable's; administrators differ by collection, and so does every securable."""
        return f"roles/{state.holder(item).id}"

    def _may(self, world: World, item: Item, right: str = "ViewListItems") -> list[Grant]:
        state = SharePointState.of(world)
        collection = state.web_of(item).collection
        held = [
            principal
            for principal, levels in state.roles_of(item).items()
            if any(right in collection.roles[level].permissions for level in levels)
        ]
        return [
            grant
            for principal in (*held, *collection.admins)
            for grant in self._grants(world, collection, principal)
        ]

    def _grants(self, world: World, collection: Collection, principal: str) -> list[Grant]:
        kind, _, subject = principal.partition(":")
        if kind == "link":
            link = SharePointState.of(world).links[subject]
            return [Grant(self.named(world, "user", who), link.expires) for who in link.people]
        return [Grant(self._principal(world, collection, principal))]

    def _principal(self, world: World, collection: Collection, principal: str) -> Principal:
        kind, _, subject = principal.partition(":")
        if kind == "user":
            return self.named(world, kind, subject)
        if kind == "site":  # unique in its collection only
            return self.group(f"{collection.id}/{subject}")
        if kind == "eeeu":
            return self.tenant
        return self.group(subject if kind == "group" else principal)

    def groups(self, world: World) -> Groups:
        state, people = SharePointState.of(world), world.directory.people
        found = self.directory_groups(world)
        found[self.tenant] = frozenset(self.user(each) for each in people.values())
        covered = self.anyone if state.everyone_covers_guests else self.tenant
        found[self.group("everyone")] = frozenset([covered])
        for name, team in state.m365.items():
            for kind, who in (("m365", team.members), ("owners", team.owners)):
                members = frozenset(self.user(people[each]) for each in who)
                found[self.group(f"{kind}:{name}")] = members
        for site in state.sites.values():
            for number, group in site.collection.groups.items():
                members = frozenset(
                    self._principal(world, site.collection, each) for each in group.members
                )
                found[self.group(f"{site.collection.id}/{number}")] = members
        return found

    def put_members(self, state: Any, told: VendorState) -> None:
        assert isinstance(told, SharePointState)
        state.m365 = told.m365
        state.everyone_covers_guests = told.everyone_covers_guests
        groups = {each.collection.id: each.collection.groups for each in told.sites.values()}
        for site in state.sites.values():
            site.collection.groups = groups.get(site.collection.id, {})

    def without_members(self, state: Any, people: dict[str, Person]) -> None:
        state.m365 = {n: replace(each, members=[], owners=[]) for n, each in state.m365.items()}
        state.everyone_covers_guests = False
        for site in state.sites.values():
            site.collection.groups = {}
        for who, each in people.items():  # the tenant is a list of members too
            people[who] = replace(each, guest=True)


def _binned(state: SharePointState, item: Item) -> bool:
    at: Item | None = item
    while at is not None:
        if at.deleted:
            return True
        at = state.items.get(at.parent)
    return False
