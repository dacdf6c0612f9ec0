"""Role assignments, sharing links and groups: each reader is as the simulator's oracle says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import AccessControl, Principal, PrincipalKind, Source
from connectors.interface import ConnectorError, MissingScope, SourceUnavailable
from connectors.patience import Patience
from connectors.retry import Retry
from connectors.sharepoint.accounts import Accounts
from connectors.sharepoint.bearers import Bearer, Guard
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.groups import memberships
from connectors.sharepoint.permissions import Permissions
from connectors.sharepoint.principals import (
    Principals,
    administrators,
    group,
    owners,
    site_group,
    user,
)
from connectors.sharepoint.rights import ALL, Right, rights
from connectors.sharepoint.settings import SharePointSettings
from connectors.sharepoint.sites import Site
from connectors.sharepoint.tenant import Tenant
from simulator.embedded import serve
from simulator.people import Person
from simulator.sharepoint.ids import TENANT, object_id, person_login, site_id
from simulator.sharepoint.model import Item, SpList
from simulator.sharepoint.oracle import documents, readable
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VerbError
from simulator.world import World
from tests.simulator.sharepoint.test_agreement import STEPS, step
from tests.simulator.sharepoint.worlds import cast, corners

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

APP = "indexer"
SCOPES = ["Sites.FullControl.All", "User.Read.All", "GroupMember.Read.All", "Member.Read.Hidden"]
DAY = timedelta(days=1)
Members = dict[Principal, frozenset[Principal] | None]


@dataclass
class Reader:
    """The connector's permission half, pointed at a world."""

    world: World
    url: str
    client: SharePointClient
    tenant: Tenant

    @property
    def state(self) -> SharePointState:
        return SharePointState.of(self.world)

    def site(self, web: str) -> Site:
        found = self.state.sites[web]
        return Site(site_id(found.collection.id, found.id), f"{self.url}/sharepoint{found.path}")

    def sites(self) -> list[Site]:
        return [self.site(web) for web in self.state.sites]

    def permissions(self, web: str) -> Permissions:
        site = self.site(web)
        return Permissions(self.client, self.tenant, site, Patience(), self.world.now)

    def guard(self, item: Item) -> Guard:
        """What guards an item, by the world itself."""
        where = self.state.lists[item.list_id]
        author = person_login(self.world.directory.people[item.author])
        return Guard(
            self.bearer(item),
            draft=int(item.kind == "page" and not item.published),
            author=author if where.own_only else None,
        )

    def bearer(self, item: Item) -> Bearer:
        where = self.state.lists[item.list_id]
        site = self.site(where.site)
        holder = self.state.holder(item)
        if isinstance(holder, Item):
            drive = (where.drive, holder.id) if where.drive else ("", "")
            return Bearer(site, where.id, holder.number, *drive)
        return Bearer(site, where.id) if isinstance(holder, SpList) else Bearer(site)

    def members(self) -> Members:
        found: Members = {}
        for page in memberships(self.client, self.tenant, self.sites()):
            found.update(page.groups)
        return found

    def access(self, document: str) -> AccessControl:
        item = self.state.items[document]
        web = self.state.lists[item.list_id].site
        return self.permissions(web).access(self.guard(item))

    def admits(self, access: AccessControl, who: Person, members: Members) -> bool:
        held = held_by(who, members)
        return who.works and access.admits(held, self.world.now(), DAY)


def held_by(who: Person, members: Members) -> set[Principal]:
    """Everything that a person is, as the catalog works it out."""
    held = {user(object_id("person", who.id))}
    while True:
        more = {
            name
            for name, listed in members.items()
            if name not in held
            and held & (listed or frozenset())
            and not (who.guest and name.kind is not PrincipalKind.GROUP)
            and not name.id.startswith("link:")
        }
        if not more:
            return held
        held |= more


@contextmanager
def reading(
    world: World, scopes: list[str] | None = None, *, everyone_includes_guests: bool = False
) -> Iterator[Reader]:
    SharePointState.of(world).register_app(
        client_id=APP, secret="simulated", permissions=SCOPES if scopes is None else scopes
    )
    with serve(world) as running:
        settings = SharePointSettings(
            _env_file=None,
            tenant="saltmarsh.example",
            client_id=APP,
            client_secret="simulated",
            authority=f"{running.url}/entra",
            graph_root=f"{running.url}/graph",
            graph_audience="https://graph.microsoft.com",
        )
        retry = Retry(Source.SHAREPOINT, 3, 60.0, lambda _: None)
        client = SharePointClient(settings, retry)
        tenant = Tenant(client, everyone_includes_guests=everyone_includes_guests)
        yield Reader(world, running.url, client, tenant)


def wrong(reader: Reader) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Leaks, and what is missing, of every person and live document."""
    members = reader.members()
    leaks, missing = set(), set()
    made: dict[str, Permissions] = {}
    for document in documents(reader.world):
        item = reader.state.items[document.id]
        if not reader.state.live(item):
            continue
        web = reader.state.lists[item.list_id].site
        permissions = made.setdefault(web, reader.permissions(web))
        access = permissions.access(reader.guard(item))
        for who in reader.world.directory.people.values():
            ours = reader.admits(access, who, members)
            theirs = readable(reader.world, who, document.id)
            if ours != theirs:
                (leaks if ours else missing).add((who.id, document.title))
    return leaks, missing


def test_every_corner() -> None:
    with reading(corners()) as reader:
        assert wrong(reader) == (set(), set())


def test_pages_cut_short_everywhere() -> None:
    world = corners()
    SharePointState.of(world).limit_pages(most=1)
    with reading(world) as reader:
        assert wrong(reader) == (set(), set())


def test_the_company() -> None:
    with reading(World.company()) as reader:
        assert wrong(reader) == (set(), set())


def test_limited_access_and_a_level_without_view_open_nothing() -> None:
    world = corners()
    with reading(world) as reader:
        below = next(i for i in reader.state.items.values() if i.name == "deep.txt")
        folder = reader.state.items[reader.state.items[below.parent].parent]
        home = reader.permissions(reader.state.lists[below.list_id].site)
        gus = user(object_id("person", "gus"))
        assert gus in _granted(home.access(reader.guard(below)))
        assert gus not in _granted(home.access(reader.guard(folder)))
        assert user(object_id("person", "ben")) not in _granted(home.access(reader.guard(folder)))


def _granted(access: AccessControl) -> set[Principal]:
    (clause,) = access.clauses
    assert clause.grants is not None
    return {grant.principal for grant in clause.grants}


def test_what_may_not_be_read_is_unknown_and_the_rest_goes_on() -> None:
    world = corners()
    with reading(world) as reader:
        files = {i.name: i for i in reader.state.items.values() if i.kind == "file"}
        world.faults.add("forbidden", endpoint="rest.item.roles", match=_asked(files["user.txt"]))
        web = reader.state.lists[files["user.txt"].list_id].site
        permissions = reader.permissions(web)
        (shut,) = permissions.access(reader.guard(files["user.txt"])).clauses
        assert shut.grants is None
        assert "403" in shut.reason
        assert "Sites.FullControl.All" in shut.reason
        assert permissions.access(reader.guard(files["everyone.txt"])).known


def _asked(item: Item) -> str:
    """What a request for the role assignments of an item has in its path."""
    return f"items/{item.number}/roleassignments"


@pytest.mark.parametrize("name", ["wishes", "draft"])
def test_every_clause_of_an_unreadable_bearer_is_unknown(name: str) -> None:
    world = corners()
    with reading(world) as reader:
        world.faults.add("forbidden", endpoint="rest.web.roles", times=None)
        title = {"wishes": "Read by ana and by gus", "draft": "Draft.aspx"}[name]
        item = next(i for i in reader.state.items.values() if title == i.name)
        access = reader.access(item.id)
        assert len(access.clauses) == 2
        assert [clause.grants for clause in access.clauses] == [None, None]


def test_drafts_for_approvers_are_not_for_editors() -> None:
    world = corners()
    state = SharePointState.of(world)
    draft = next(i for i in state.items.values() if i.name == "Draft.aspx")
    web = state.sites[state.web_of(draft).parent].id
    state.grant(target=web, principal="user:ana", role="Design")
    with reading(world) as reader:
        members = reader.members()
        admitted = {}
        for level in (0, 1, 2, 3):
            guard = replace(reader.guard(draft), draft=level)
            access = reader.permissions(state.web_of(draft).id).access(guard)
            people = world.directory.people.values()
            admitted[level] = {who.id for who in people if reader.admits(access, who, members)}
        # Gus administers the collection; Ana designs it, Ben edits it.
        assert admitted == {
            0: {"ana", "ben", "gus"},
            1: {"ana", "ben", "gus"},
            2: {"ana", "gus"},
            3: {"ana", "gus"},
        }


def test_a_link_without_terms_grants_nobody() -> None:
    """Graph tells no end of a link on a page, so nobody may rely on it."""
    world = corners()
    state = SharePointState.of(world)
    page = next(i for i in state.items.values() if i.kind == "page" and i.published)
    state.share(item=page.id, scope="users", people=["gus"], expires="2026-06-15T09:01:30Z")
    with reading(world) as reader:
        access = reader.access(page.id)
        assert access.known
        assert not any("link" in each.id for each in _granted(access))
        gus = world.directory.people["gus"]
        administered = reader.state.web_of(page).collection.admins
        assert administered == ["user:gus"]
        state.remove_admin(site=reader.state.web_of(page).id, principal="user:gus")
        state.revoke(target=page.id, principal="group:outer")
        assert not reader.admits(reader.access(page.id), gus, reader.members())


def test_links_end_and_open_for_others_by_address_alone() -> None:
    world = corners()
    state = SharePointState.of(world)
    files = {i.name: i for i in state.items.values() if i.kind == "file"}
    state.expire_link(link=files["named.txt"].links[0], at="2026-09-01T00:00:00Z")
    with reading(world) as reader:
        (clause,) = reader.access(files["named.txt"].id).clauses
        assert clause.grants is not None
        ends = {g.expires_at for g in clause.grants if g.expires_at is not None}
        assert [end.isoformat() for end in ends] == ["2026-09-01T00:00:00+00:00"]
        kinds = {
            name: {
                (each.kind, each.id)
                for each in _granted(reader.access(files[name].id))
                if each.kind not in (PrincipalKind.GROUP, PrincipalKind.USER)
            }
            for name in ("named.txt", "org.txt", "anyone.txt")
        }
        assert kinds == {
            "named.txt": set(),
            "org.txt": {(PrincipalKind.TENANT, f"link:{TENANT}")},
            "anyone.txt": {(PrincipalKind.ANYONE, "link")},
        }


@pytest.mark.parametrize("covers", [False, True])
def test_everyone_is_the_guests_too_only_where_the_tenant_was_set_so(covers: bool) -> None:
    world = corners()
    SharePointState.of(world).let_everyone_cover_guests(covers=covers)
    with reading(world, everyone_includes_guests=covers) as reader:
        assert wrong(reader) == (set(), set())


def test_a_guest_is_in_no_tenant() -> None:
    with reading(corners()) as reader:
        members = reader.members()
        tenant = Principal(Source.SHAREPOINT, PrincipalKind.TENANT, TENANT)
        everybody = members[tenant] or frozenset()
        assert user(object_id("person", "ana")) in everybody
        assert user(object_id("person", "gus")) not in everybody


def test_groups_of_two_site_collections_are_two() -> None:
    world = corners()
    state = SharePointState.of(world)
    homes = [web.id for web in state.sites.values() if not web.parent]
    assert state.sites[homes[0]].collection.groups.keys() & (
        state.sites[homes[1]].collection.groups.keys()
    )
    state.add_to_group(site=homes[0], group=4, principal="user:ben")
    with reading(world) as reader:
        members = reader.members()
        first, second = (site_group(state.sites[web].collection.id, 4) for web in homes)
        assert members[first] == {user(object_id("person", "ben"))}
        assert members[second] == frozenset()
        assert wrong(reader) == (set(), set())


def test_hidden_members_are_unknown_and_owners_are_no_members() -> None:
    world = corners()
    state = SharePointState.of(world)
    state.create_m365_group(id="veil", name="Veil", owners=["ben"], hidden=True)
    state.add_m365_member(group="veil", person="ana")
    veil = object_id("m365", "veil")
    with reading(world, SCOPES[:3]) as reader:
        members = reader.members()
        assert members[group(veil)] is None
        assert members[owners(veil)] == {user(object_id("person", "ben"))}
        crew = object_id("m365", "crew")
        assert members[group(crew)] == {user(object_id("person", "ana"))}
    with reading(world) as reader:
        assert reader.members()[group(veil)] == {user(object_id("person", "ana"))}


@pytest.mark.parametrize(
    ("scopes", "named"),
    [
        (["Sites.FullControl.All", "GroupMember.Read.All"], "User.Read.All"),
        (["Sites.FullControl.All", "User.Read.All"], "GroupMember.Read.All"),
    ],
)
def test_a_missing_scope_is_named(scopes: list[str], named: str) -> None:
    with reading(corners(), scopes) as reader, pytest.raises(MissingScope, match=named):
        reader.members()


def test_without_full_control_nothing_is_known() -> None:
    """REST answers as if access were lost, so what is behind it is hidden and the reason said."""
    with reading(corners(), ["Sites.Read.All", *SCOPES[1:]]) as reader:
        for document in documents(reader.world):
            if reader.state.live(reader.state.items[document.id]):
                access = reader.access(document.id)
                assert not access.known
                assert all("Sites.FullControl.All" in c.reason for c in access.clauses)


def test_a_collection_that_may_not_be_read_has_groups_that_nobody_is_in() -> None:
    world = corners()
    with reading(world) as reader:
        world.faults.add("forbidden", endpoint="rest.groups", times=1)
        world.faults.add("forbidden", endpoint="rest.users", times=1)
        members = reader.members()
        told = {web: administrators(reader.state.sites[web].collection.id) for web in _tops(reader)}
        assert sorted(members[name] is None for name in told.values()) == [False, True]
        assert sum("/" in name.id for name in members if name.id.endswith("/3")) == 1


def _tops(reader: Reader) -> list[str]:
    return [web.id for web in reader.state.sites.values() if not web.parent]


@pytest.mark.parametrize("left", [{}, {"Users": [], "Users@odata.nextLink": "https://..."}])
def test_members_that_do_not_come_with_their_group_are_asked_for(left: dict[str, Any]) -> None:
    world = corners()
    with reading(world) as reader:
        whole = reader.members()
        pages = reader.client.rest_pages

        def without(host: str, url: str) -> Iterator[list[dict[str, Any]]]:
            for rows in pages(host, url):
                yield [{k: v for k, v in row.items() if k != "Users"} | left for row in rows]

        reader.client.rest_pages = without  # type: ignore[method-assign]
        assert reader.members() == whole


def test_a_repeated_page_is_an_error_and_no_loop() -> None:
    world = corners()
    SharePointState.of(world).limit_pages(most=1)
    with reading(world) as reader:
        item = next(i for i in reader.state.items.values() if i.name == "top.txt")
        for endpoint in ("rest.web.roles", "users.list"):
            world.faults.add("repeated_page_token", endpoint=endpoint, times=None)
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            reader.access(item.id)
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            reader.members()


@pytest.mark.parametrize("as_date", [False, True])
def test_throttled_parts_of_a_batch_are_waited_for(as_date: bool) -> None:
    world = corners()
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        world.time.advance(seconds=seconds)

    with reading(world) as reader:
        whole = reader.members()
        settings = reader.client._settings
        reader.client = SharePointClient(settings, Retry(Source.SHAREPOINT, 3, 60.0, sleep))
        world.faults.add(
            "rate_limit", endpoint="groups.members", seconds=7, as_date=as_date, times=2
        )
        assert reader.members() == whole
        assert len(waits) == 1
        assert 5 <= waits[0] <= 9


def test_one_group_that_always_fails_is_unknown_and_the_others_are_read() -> None:
    world = corners()
    with reading(world) as reader:
        whole = reader.members()
        ring = object_id("group", "ring")
        world.faults.add("server_error", endpoint="groups.members", match=ring, times=None)
        assert reader.members() == {**whole, group(ring): None}


def test_who_is_deleted_is_nobody_and_stays_in_the_clause() -> None:
    world = corners()
    item = next(i for i in SharePointState.of(world).items.values() if i.name == "user.txt")
    login = person_login(world.directory.people["ana"])
    world.directory.delete_person(person="ana")
    with reading(world) as reader:
        access = reader.access(item.id)
        assert Principal(Source.SHAREPOINT, PrincipalKind.USER, f"login/{login}") in _granted(
            access
        )
        assert wrong(reader) == (set(), set())


@pytest.mark.parametrize("member", ["i:0#.f|membership|a@x.y", "c:0u.c|tenant|1", "NT AUTHORITY"])
def test_a_login_name_that_nobody_is_stays_apart(member: str) -> None:
    with reading(corners()) as reader:
        principals = Principals(reader.sites()[0], Accounts(reader.client, {}), reader.tenant)
        (found,) = principals.of([{"PrincipalType": 1, "LoginName": member, "Id": 9}])
        assert found == Principal(Source.SHAREPOINT, PrincipalKind.USER, f"login/{member.lower()}")


def test_an_account_is_known_by_its_object_id_where_sharepoint_tells_it() -> None:
    """A name may by now be somebody else's."""
    with reading(corners()) as reader:
        listed = {"a@x.y": "the-new-a"}
        principals = Principals(reader.sites()[0], Accounts(reader.client, listed), reader.tenant)
        row = {"PrincipalType": 1, "LoginName": "i:0#.f|membership|a@x.y", "Id": 9}
        told = {"NameId": "The-Old-A", "NameIdIssuer": "urn:federation:microsoftonline"}
        assert principals.of([row]) == [user("the-new-a")]
        assert principals.of([row | {"AadObjectId": told}]) == [user("the-old-a")]


@pytest.mark.parametrize(
    "row", [{}, {"PrincipalType": 8}, {"PrincipalType": 1}, {"LoginName": "x", "PrincipalType": 8}]
)
def test_a_member_that_can_not_be_read_is_an_error(row: dict[str, object]) -> None:
    with reading(corners()) as reader:
        principals = Principals(reader.sites()[0], Accounts(reader.client, {}), reader.tenant)
        with pytest.raises(ValueError, match="can't be read"):
            principals.of([row])


@pytest.mark.parametrize(
    "bindings",
    [None, {}, [{}], [{"BasePermissions": {"High": "1"}}], [{"BasePermissions": {"Low": "many"}}]],
)
def test_role_definitions_that_say_nothing_are_an_error(bindings: object) -> None:
    with pytest.raises(ValueError):
        rights(bindings)


@pytest.mark.parametrize(
    ("low", "found"),
    [
        ("0", Right(0)),
        ("134287360", Right(0)),  # Limited Access
        ("138612833", Right.VIEW),  # Read
        ("4294967295", ALL),  # Full Control
    ],
)
def test_masks(low: str, found: Right) -> None:
    assert rights([{"BasePermissions": {"High": "48", "Low": low}}]) == found


def test_names_with_quotes_are_looked_up() -> None:
    world = World(5)
    world.directory.add_person(id="oneil", name="O", email="o'neil@saltmarsh.example")
    with reading(world) as reader:
        found = Accounts(reader.client).ids(["O'Neil@saltmarsh.example", "nobody@x.y"])
        assert found == {"o'neil@saltmarsh.example": object_id("person", "oneil")}


def test_accounts_are_asked_for_once() -> None:
    world = corners()
    with reading(world) as reader:
        accounts = Accounts(reader.client)
        names = [p.email for p in world.directory.people.values() if not p.guest]
        names += [f"n{number}@x.y" for number in range(20)]
        for _ in range(3):
            accounts.ids(names)
        assert [r.endpoint for r in world.requests].count("users.list") == 2


def test_a_bearer_is_read_once_whatever_lies_beneath() -> None:
    world = corners()
    state = SharePointState.of(world)
    home = state.sites[state.paths["/sites/home"]].id
    library = next(i.id for i in state.lists_of(home, "documentLibrary"))
    for number in range(30):
        state.create_file(parent=library, name=f"{number}.txt", author="ana")
    with reading(world) as reader:
        permissions = reader.permissions(home)
        items = [i for i in reader.state.items.values() if i.list_id == library]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda item: permissions.access(reader.guard(item)), items))
        asked = [r.path for r in world.requests if r.endpoint.endswith(".roles")]
        assert len(asked) == len(set(asked)) == len({reader.bearer(item).key for item in items})


@pytest.mark.parametrize("seed", range(4))
def test_on_a_bad_day_nobody_gets_in_who_may_not(seed: int) -> None:
    world = corners()
    state = SharePointState.of(world)
    state.limit_pages(most=2)
    with reading(world) as reader:
        world.faults._rng.seed(seed)
        world.faults.bad_day(rate=0.06, vendor="sharepoint", seconds=0.01)
        members: Members = {}
        known = 0
        for _ in range(6):
            try:
                members = reader.members()
                break
            except ConnectorError:
                continue
        for document in documents(world):
            if not state.live(state.items[document.id]):
                continue
            try:
                access = reader.access(document.id)
            except ConnectorError:
                continue
            known += access.known
            for who in world.directory.people.values():
                if reader.admits(access, who, members):
                    assert readable(world, who, document.id), (who.id, document.title)
        assert known
        assert world.faults.log
        world.faults.clear()
        assert wrong(reader) == (set(), set())


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(st.lists(STEPS, min_size=10, max_size=40))
def test_random_worlds(steps: list[tuple[Any, ...]]) -> None:
    world = World(3)
    cast(world)
    state = SharePointState.of(world)
    state.create_m365_group(id="crew", name="Crew", owners=["ben"])
    for one in (("site", False), ("library", 0), ("list", 0, False), ("folder", 0), *steps):
        if one[0] != "guests" and not (one[0] == "share" and _without_drive(state)):
            with suppress(VerbError):
                step(world, *one)
    world.directory.deactivate(person="off")
    with reading(world) as reader:
        assert wrong(reader) == (set(), set())


def _without_drive(state: SharePointState) -> bool:
    """Whether links could be made on what Graph tells no links of."""
    return any(item.kind in ("page", "item") for item in state.items.values())
