"""Microsoft's own SDK on people and groups, and what becomes of requests that fail."""

import httpx
import pytest
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

from simulator.faults import FaultKind
from simulator.sharepoint.ids import object_id
from tests.simulator.sharepoint.sdk import App, Someone, options_for, uses

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@uses(
    "users.list",
    "users.get",
    "users.memberOf",
    "users.transitiveMemberOf",
    "groups.list",
    "groups.get",
    "groups.members",
    "groups.transitiveMembers",
    "groups.owners",
    "organization.list",
    "me.get",
)
def test_directory(there, ids):
    outer, crew = object_id("group", "outer"), object_id("m365", "crew")

    async def act(client):
        builder = client.users
        first = await builder.get(options_for(builder, top=2))
        rest = await builder.with_url(first.odata_next_link).get()
        guests = await builder.get(options_for(builder, filter="userType eq 'Guest'"))
        ana = client.users.by_user_id(object_id("person", "ana"))
        one = await ana.get(options_for(ana, select=["userType", "accountEnabled", "id"]))
        direct = await ana.member_of.get()
        deep = await ana.transitive_member_of.graph_group.get()
        builder = client.groups
        teams = await builder.get(options_for(builder, filter="groupTypes/any(c:c eq 'Unified')"))
        group = client.groups.by_group_id(outer)
        await group.get()
        members = await group.members.get()
        everyone = await group.transitive_members.get()
        people = await group.transitive_members.graph_user.get()
        team = client.groups.by_group_id(crew)
        owners = await team.owners.get()
        inside = await team.members.get()
        site = await team.sites.by_site_id("root").get()
        drive = await team.drive.get()
        await client.organization.get()
        return (
            first, rest, guests, one, direct, deep, teams, members, everyone, people, owners,
            inside, site, drive,
        )  # fmt: skip

    (
        first, rest, guests, one, direct, deep, teams, members, everyone, people, owners, inside,
        site, drive,
    ) = there.ask(act)  # fmt: skip
    assert len(first.value) == len(rest.value) == 2
    assert [u.display_name for u in guests.value] == ["Gus"]
    assert one.user_type == "Member"
    assert one.account_enabled
    assert [g.display_name for g in direct.value] == ["Inner", "Crew"]
    assert {g.display_name for g in deep.value} == {"Inner", "Outer", "Ring", "Crew"}
    assert [g.display_name for g in teams.value] == ["Crew"]
    assert teams.value[0].visibility == "HiddenMembership"
    assert [m.display_name for m in members.value] == ["Inner", "Ring"]
    assert {m.display_name for m in everyone.value} == {
        "Inner", "Ring", "Outer", "Ana", "Off", "Gus",
    }  # fmt: skip
    assert {p.display_name for p in people.value} == {"Ana", "Off", "Gus"}
    assert [o.display_name for o in owners.value] == ["Ben"]
    assert [m.display_name for m in inside.value] == ["Ana"]
    assert site.display_name == "Crew"
    assert drive.drive_type == "documentLibrary"

    async def groups_of(client):
        return await client.users.by_user_id(object_id("person", "ana")).member_of.get()

    told = there.ask(groups_of, App(there.running.url, "both")).value
    assert [g.display_name for g in told] == ["Inner"]

    async def by_group(client):
        return await client.groups.by_group_id(outer).transitive_members.get()

    limited = there.ask(by_group, App(there.running.url, "grouper")).value
    shown = {m.id: m.display_name for m in limited}
    assert shown[object_id("person", "ana")] is None
    assert shown[object_id("group", "inner")] == "Inner"

    async def myself(client):
        return await client.me.get()

    assert there.as_person("ana", myself).display_name == "Ana"

    async def look(client):
        await client.groups.by_group_id(crew).members.get()

    for who in ("ana", "ben"):
        there.as_person(who, look)
    reader = App(there.running.url, "reader")
    for credential in (reader, Someone("person-gus")):
        with pytest.raises(ODataError) as refused:
            there.ask(look, credential)
        assert refused.value.response_status_code == 403


@uses("groups.delta", "users.delta")
def test_directory_delta(there, ids):
    directory, crew, inner = there.world.directory, object_id("m365", "crew"), "inner"

    async def first(client):
        builder = client.groups.delta
        page = await builder.get(options_for(builder, select=["displayName", "members"], top=3))
        seen = {g.id: g for g in page.value}
        while page.odata_next_link:
            page = await builder.with_url(page.odata_next_link).get()
            seen |= {g.id: g for g in page.value}
        people = await client.users.delta.get()
        return seen, page.odata_delta_link, people

    seen, link, people = there.ask(first)
    assert len(seen) == 4
    members = seen[crew].additional_data["members@delta"]
    assert [str(m["id"]) for m in members] == [object_id("person", "ana")]
    assert len(people.value) == 4

    directory.add_person(id="new", name="New Hand")
    directory.add_member(group=inner, person="new")
    directory.remove_member(group=inner, person="off")
    there.sp.remove_m365_member(group="crew", person="ana")
    there.sp.add_m365_member(group="crew", person="ana")
    directory.create_group(id="brief")
    directory.delete_group(group="brief")
    directory.delete_person(person="new")

    async def then(client):
        changed = await client.groups.delta.with_url(link).get()
        arrived = await client.users.delta.with_url(people.odata_delta_link).get()
        return changed, arrived

    changed, arrived = there.ask(then)
    seen = {g.id: g.additional_data for g in changed.value}
    told = {str(m["id"]): "@removed" in m for m in seen[object_id("group", inner)]["members@delta"]}
    assert told == {object_id("person", "new"): True, object_id("person", "off"): True}
    again = seen[crew]["members@delta"]
    assert [m.get("@removed") for m in again] == [None]
    assert seen[object_id("group", "brief")]["@removed"] == {"reason": "changed"}
    assert [u.additional_data["@removed"] for u in arrived.value] == [{"reason": "changed"}]
    directory.add_member(group=inner, person="off")


@uses("batch")
def test_batch_with_a_part_that_is_throttled(there, ids):
    folder = ids["folder"]
    there.world.faults.add(
        FaultKind.RATE_LIMIT, vendor="sharepoint", endpoint="items.permissions", seconds=7
    )

    async def act(client):
        drive, content = client.drives.by_drive_id(ids["drive"]), BatchRequestContent()
        items = drive.items.by_drive_item_id(folder)
        missing = drive.items.by_drive_item_id("none")
        for number, builder in enumerate((items.permissions, items.children, missing), 1):
            request = builder.to_get_request_information()
            content.add_request(None, BatchRequestItem(request, id=str(number)))
        said = await client.batch.post(content)
        return said.get_response_status_codes(), said.get_response_by_id("1").headers

    codes, headers = there.ask(act)
    there.world.faults.clear()
    assert codes == {"1": 429, "2": 200, "3": 404}
    assert headers["Retry-After"] == "7"

    # The SDK (msgraph-core 1.5 with kiota 1.16) drops bodies that are objects, which Graph's are.
    parts = [
        {"id": "a", "method": "GET", "url": f"/drives/{ids['drive']}/items/{folder}/children"},
        {"id": "b", "method": "GET", "url": "/users/nobody"},
        {"id": "c", "method": "GET", "url": "/me", "dependsOn": ["b"]},
        {"id": "d", "method": "GET", "url": f"/drives/{ids['drive']}/items/{ids['plan']}/content"},
    ]
    said = httpx.post(
        f"{there.running.url}/graph/v1.0/$batch",
        json={"requests": parts},
        headers={"Authorization": f"Bearer {there.running.service('sharepoint')}"},
    ).json()["responses"]
    assert [part["status"] for part in said] == [200, 404, 424, 302]
    assert len(said[0]["body"]["value"]) >= 5
    assert "tempauth" in said[3]["headers"]["Location"]


def test_the_sdk_waits_when_it_is_throttled(there, ids):
    there.world.faults.add(
        FaultKind.RATE_LIMIT, vendor="sharepoint", endpoint="drives.get", seconds=1
    )

    async def act(client):
        return await client.drives.by_drive_id(ids["drive"]).get()

    assert there.ask(act).id == ids["drive"]
    assert there.world.faults.struck(FaultKind.RATE_LIMIT)
    there.world.faults.clear()


def test_errors(there, ids):
    async def missing(client):
        await client.drives.by_drive_id(ids["drive"]).items.by_drive_item_id("none").get()

    with pytest.raises(ODataError) as refused:
        there.ask(missing)
    assert refused.value.response_status_code == 404
    assert refused.value.error.code == "itemNotFound"
    assert refused.value.error.inner_error.request_id
    with pytest.raises(ODataError) as refused:
        there.ask(missing, Someone("rubbish"))
    assert refused.value.error.code == "InvalidAuthenticationToken"

    async def no_scope(client):
        await client.users.get()

    with pytest.raises(ODataError) as refused:
        there.ask(no_scope, App(there.running.url, "reader"))
    assert refused.value.response_status_code == 403

    async def everything(client):
        await client.sites.get_all_sites.get()

    with pytest.raises(ODataError) as refused:
        there.as_person("ana", everything)
    assert refused.value.response_status_code == 403


def test_tokens_end(there, ids):
    client = App(there.running.url)
    token = client.get_token().token

    async def act(client):
        await client.drives.by_drive_id(ids["drive"]).get()

    there.ask(act, Someone(token))
    there.world.do("clock.advance", seconds=3600)
    with pytest.raises(ODataError) as refused:
        there.ask(act, Someone(token))
    assert refused.value.response_status_code == 401
