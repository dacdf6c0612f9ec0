"""Groups and accounts: who is whom, and who is in what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from access import Principal, PrincipalKind, Source
from connectors.interface import MissingScope, SourceUnavailable
from connectors.retry import Retry
from connectors.sharepoint.accounts import Accounts
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.principals import (
    Principals,
    administrators,
    group,
    owners,
    site_group,
    user,
)
from simulator.sharepoint.ids import TENANT, object_id, person_login
from simulator.sharepoint.state import SharePointState
from simulator.world import World
from tests.fixtures.sharepoint import SCOPES, Reader, granted, reading, wrong
from tests.simulator.sharepoint.worlds import cast, corners

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_a_guest_is_in_no_tenant() -> None:
    with reading(corners()) as reader:
        members = reader.members()
        tenant = Principal(Source.SHAREPOINT, PrincipalKind.TENANT, TENANT)
        everybody = members[tenant] or frozenset()
        assert user(object_id("person", "ana")) in everybody
        assert user(object_id("person", "gus")) not in everybody


def test_accounts_and_groups_are_called_as_people_see_them() -> None:
    world = corners()
    state = SharePointState.of(world)
    state.create_m365_group(id="veil", name="Veil", owners=["ben"])
    with reading(world) as reader:
        everybody = {one for group, members in reader.members().items() for one in members or ()}
        names = {each.id: each.name for each in {*reader.members(), *everybody} if each.name}
    assert names[object_id("person", "ana")] == world.directory.people["ana"].email
    assert names[object_id("m365", "veil")] == "Veil"
    assert names[f"{object_id('m365', 'veil')}/owners"] == "Veil"
    web = next(iter(state.sites.values()))
    assert names[f"{web.collection.id}/4"] == web.collection.groups[4].title


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


def test_a_collection_that_may_not_be_read_has_groups_that_nobody_is_in() -> None:
    world = corners()
    with reading(world) as reader:
        world.faults.add("forbidden", endpoint="rest.groups", times=1)
        world.faults.add("forbidden", endpoint="rest.users", times=1)
        members = reader.members()
        told = {web: administrators(reader.state.sites[web].collection.id) for web in _tops(reader)}
        assert sorted(members[name] is None for name in told.values()) == [False, True]
        assert sum("/" in name.id for name in members if name.id.endswith("/3")) == 1


@pytest.mark.parametrize("endpoint", ["rest.groups", "rest.users"])
def test_a_collection_that_is_down_does_not_stop_the_others(endpoint: str) -> None:
    world = corners()
    with reading(world) as reader:
        whole = reader.members()
        down = reader.state.sites[_tops(reader)[0]]
        world.faults.add("server_error", endpoint=endpoint, match=down.id, times=None)
        members = reader.members()
        mine = f"{down.collection.id}/"
        kept = {name: held for name, held in members.items() if not name.id.startswith(mine)}
        assert kept == {k: v for k, v in whole.items() if not k.id.startswith(mine)}
        if endpoint == "rest.users":
            assert members[administrators(down.collection.id)] is None
        else:
            assert [name.id for name in members.keys() - kept.keys()] == [f"{mine}administrators"]
        # Down everywhere is no matter of one collection.
        world.faults.clear()
        world.faults.add("server_error", endpoint="rest.*", times=None)
        for number in range(6):
            reader.state.create_site(path=f"/sites/more{number}", title="More")
        with pytest.raises(SourceUnavailable):
            reader.members()


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
        for endpoint in ("rest.list.roles", "users.list"):
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


@pytest.mark.parametrize("told", [True, False])
def test_who_is_deleted_is_nobody_and_stays_in_the_clause(told: bool) -> None:
    world = corners()
    if not told:
        SharePointState.of(world).refuse_object_ids()
    item = next(i for i in SharePointState.of(world).items.values() if i.name == "user.txt")
    login = person_login(world.directory.people["ana"])
    world.directory.delete_person(person="ana")
    with reading(world) as reader:
        access = reader.access(item.id)
        nobody = object_id("person", "ana") if told else f"login/{login}"
        assert Principal(Source.SHAREPOINT, PrincipalKind.USER, nobody) in granted(access)
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


def _renamed() -> World:
    """Somebody was deleted, and who came later has their address; each is granted something."""
    world = World(7)
    cast(world)
    state = SharePointState.of(world)
    site = state.create_site(path="/sites/home", title="Home")
    library = state.create_library(site=site)
    group = state.add_site_group(site=site, title="Readers")
    grants = {"own.txt": "user:ana", "grouped.txt": f"site:{group}", "link.txt": ""}
    for name, principal in grants.items():
        made = state.create_file(parent=library, name=name, author="ben", text=name)
        state.break_inheritance(target=made, copy=False)
        if principal:
            state.grant(target=made, principal=principal)
        else:
            state.share(item=made, scope="users", people=["ana"])
    state.add_to_group(site=site, group=group, principal="user:ana")
    state.add_admin(site=site, principal="user:ana")
    world.directory.delete_person(person="ana")
    world.directory.add_person(id="ann", name="Ann", email=world.directory.people["ana"].email)
    return world


def test_a_name_that_was_given_to_somebody_else_opens_nothing() -> None:
    """By a grant, in a group, by a link, as an administrator; before and after Ann is granted."""
    world = _renamed()
    with reading(world) as reader:
        assert wrong(reader) == (set(), set())
        assert not [each for each in world.requests if each.status == 400]
        (item,) = [each for each in reader.state.items.values() if each.name == "own.txt"]
        reader.state.grant(target=item.id, principal="user:ann")
        assert wrong(reader) == (set(), set())


def test_a_site_that_refuses_the_field_is_asked_once_and_read_by_names() -> None:
    world = _renamed()
    with reading(world) as reader:
        reader.state.refuse_object_ids()
        leaks, missing = wrong(reader)
        assert not missing
        assert {who for who, _ in leaks} == {"ann"}  # a name is all that there is to go by
        refused = [each for each in world.requests if each.status == 400]
        assert len(refused) == 1


def test_a_question_that_is_refused_without_the_field_too_says_nothing_of_it() -> None:
    world = _renamed()
    with reading(world) as reader:
        site = reader.sites()[0]
        asked = reader.tenant.object_ids
        with pytest.raises(SharePointRefused):
            list(asked.pages(site, "web/siteusers", "", "$filter=Id%20between%201"))
        (rows,) = asked.pages(site, "web/siteusers", "", "$top=500")
        assert any(row.get("AadObjectId") for row in rows)


@pytest.mark.parametrize(
    "row", [{}, {"PrincipalType": 8}, {"PrincipalType": 1}, {"LoginName": "x", "PrincipalType": 8}]
)
def test_a_member_that_can_not_be_read_is_an_error(row: dict[str, object]) -> None:
    with reading(corners()) as reader:
        principals = Principals(reader.sites()[0], Accounts(reader.client, {}), reader.tenant)
        with pytest.raises(ValueError, match="can't be read"):
            principals.of([row])


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
