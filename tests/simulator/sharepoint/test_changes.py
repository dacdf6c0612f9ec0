"""What happens over time: moves, the recycle bin, sharing, expiry, and how delta tells of it."""

import pytest

from simulator.faults import FaultKind
from simulator.oracle import documents, readable
from simulator.sharepoint.graph import API as GRAPH
from simulator.sharepoint.ids import share_token
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VerbError
from simulator.world import Token, World
from tests.simulator.sharepoint.person_view import ask, every, found_by
from tests.simulator.sharepoint.worlds import corners, office

SERVICE = "service-sharepoint"
ALL = "hierarchicalsharing, deltashowsharingchanges, deltashowremovedasdeleted"


@pytest.fixture
def here():
    world = office()
    sp = SharePointState.of(world)
    site = sp.site("/sites/crew")
    library = next(sp.lists_of(site.id, "documentLibrary"))
    return world, sp, site, library


def item_named(sp, name):
    return next(i.id for i in sp.items.values() if i.name == name and not i.gone)


def latest(world, drive, token=SERVICE):
    said = ask(world, token, f"/drives/{drive}/root/delta?token=latest")[1]
    assert said["value"] == []
    return said["@odata.deltaLink"].removeprefix("/v1.0")


def since(world, link, token=SERVICE, **headers):
    return {row["id"]: row for row in every(world, token, link, **headers)}


def test_a_move_to_another_library_is_a_new_item(here):
    world, sp, site, library = here
    other = sp.create_library(site=site.id, title="Archive")
    plan = item_named(sp, "plan.docx")
    sp.share(item=plan, scope="organization")
    link = latest(world, library.drive)
    moved = sp.move(item=plan, parent=other)
    assert moved != plan
    assert since(world, link)[plan]["deleted"] == {"state": "deleted"}
    assert sp.items[moved].roles is None
    assert sp.links == {}
    shown = ask(world, SERVICE, f"/drives/{sp.lists[other].drive}/items/{moved}")[1]
    assert shown["name"] == "plan.docx"
    assert ask(world, SERVICE, f"/drives/{library.drive}/items/{plan}")[0] == 404
    with pytest.raises(VerbError):
        sp.edit(item=plan, text="too late")


def test_a_move_within_a_library_keeps_the_id(here):
    world, sp, _, library = here
    plan = item_named(sp, "plan.docx")
    sp.share_with(item=plan, principal="user:gus")
    link = latest(world, library.drive)
    assert sp.move(item=plan, parent=library.id) == plan
    changed = since(world, link)
    assert changed[plan]["parentReference"]["path"].endswith("/root:")
    assert sp.items[plan].roles is not None
    folder = item_named(sp, "Plans & drafts")
    inside = sp.create_folder(parent=folder, name="Inside", author="ana")
    with pytest.raises(VerbError):
        sp.move(item=folder, parent=inside)


def test_the_recycle_bin_gives_back_the_same_id(here):
    world, sp, _, library = here
    folder, plan = item_named(sp, "Plans & drafts"), item_named(sp, "plan.docx")
    document = next(d for d in documents(world, "sharepoint") if d.id == plan)
    link = latest(world, library.drive)
    sp.delete(item=folder)
    changed = since(world, link)
    assert changed[folder]["deleted"] == {"state": "deleted"}
    assert plan not in changed  # what was in the folder is not told of
    assert plan not in found_by(world, "ana")
    assert not readable(world, "ana", document)
    sp.restore(item=folder)
    assert "deleted" not in since(world, link)[folder]
    assert plan in found_by(world, "ana")


def test_permission_changes_only_show_to_whoever_asks(here):
    world, sp, _, library = here
    plan, folder = item_named(sp, "plan.docx"), item_named(sp, "Plans & drafts")
    link = latest(world, library.drive)
    before = ask(world, SERVICE, f"/drives/{library.drive}/items/{plan}")[1]
    sp.share_with(item=plan, principal="user:gus")
    after = ask(world, SERVICE, f"/drives/{library.drive}/items/{plan}")[1]
    assert before["lastModifiedDateTime"] == after["lastModifiedDateTime"]
    assert before["cTag"] == after["cTag"]
    assert before["eTag"] != after["eTag"]
    assert since(world, link) == {}
    asked = since(world, link, prefer=ALL)
    assert asked[plan]["@microsoft.graph.sharedChanged"] == "True"
    assert asked[plan]["shared"] == {}
    # The folders above come along, unless that is declined.
    assert set(asked) == {plan, folder, library.root}
    assert set(since(world, link, prefer=f"{ALL}, deltaExcludeParent")) == {plan}
    weak = world.mint("weak", Token(
        service=True,
        vendor="sharepoint",
        scopes=("https://graph.microsoft.com/Sites.Read.All",),
    ))  # fmt: skip
    assert since(world, link, weak, prefer=ALL) == {}
    shared = sp.share(item=plan, scope="anonymous")
    assert since(world, link, prefer=ALL)[plan]["shared"] == {"scope": "anonymous"}
    sp.unshare(link=shared)
    assert since(world, link, prefer=ALL)[plan]["shared"] == {}


def test_a_folders_new_permissions_show_on_the_folder_alone(here):
    world, sp, _, library = here
    folder = item_named(sp, "Plans & drafts")
    link = latest(world, library.drive)
    sp.share_with(item=folder, principal="user:gus")
    asked = since(world, link, prefer=ALL)
    assert set(asked) == {folder, library.root}
    assert "@microsoft.graph.sharedChanged" not in asked[folder]
    link = latest(world, library.drive)
    sp.break_inheritance(target=library.id)
    assert set(since(world, link, prefer=ALL)) == {library.root}


def test_a_person_sees_lost_access_as_a_deletion(here):
    world, sp, _, library = here
    plan = item_named(sp, "plan.docx")
    token = world.token_of("ana")
    link = latest(world, library.drive, token)
    sp.break_inheritance(target=plan, copy=False)
    assert plan not in since(world, link, token, prefer="deltashowsharingchanges")
    assert "deleted" in since(world, link, token, prefer=ALL)[plan]


def test_a_token_may_be_a_time(here):
    world, sp, _, library = here
    sp.create_file(parent=library.id, name="before.txt", author="ana")
    world.clock.advance(60)
    then = world.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    made = sp.create_file(parent=library.id, name="after.txt", author="ana")
    found = since(world, f"/drives/{library.drive}/root/delta?token={then}")
    assert set(found) == {made, library.root}


def test_an_expired_token_leads_to_a_fresh_start(here):
    world, sp, _, library = here
    link = latest(world, library.drive)
    sp.expire_tokens()
    reply = GRAPH.call(
        world, "GET", f"/v1.0{link}", {"authorization": f"Bearer {SERVICE}"}, base="http://h/graph"
    )
    assert reply.status == 410
    again = reply.headers["Location"].removeprefix("http://h/graph/v1.0")
    assert len(since(world, again)) == 7
    assert since(world, latest(world, library.drive)) == {}
    world.faults.add(FaultKind.EXPIRED_CURSOR, vendor="sharepoint")
    assert ask(world, SERVICE, latest(world, library.drive))[0] == 410


def test_what_changes_while_a_listing_is_read_is_not_lost(here):
    world, sp, _, library = here
    sp.limit_pages(most=3)
    path, seen = f"/drives/{library.drive}/root/delta", []
    first = ask(world, SERVICE, path)[1]
    sp.delete(item=item_named(sp, "plan.docx"))
    late = sp.create_file(parent=library.id, name="late.txt", author="ana")
    link = first["@odata.nextLink"].removeprefix("/v1.0")
    seen = [row["name"] for row in first["value"]]
    while link:
        said = ask(world, SERVICE, link)[1]
        seen += [row["name"] for row in said["value"]]
        end, link = said, said.get("@odata.nextLink", "").removeprefix("/v1.0")
    assert {"deck.pptx", "costs.xlsx", "paper.pdf", "notes.md"} < set(seen)
    rest = since(world, end["@odata.deltaLink"].removeprefix("/v1.0"))
    assert late in rest
    assert any("deleted" in row for row in rest.values())


def test_listing_faults(here):
    world, sp, _, library = here
    sp.limit_pages(most=2)
    path = f"/drives/{library.drive}/items/{item_named(sp, 'Plans & drafts')}/children"
    whole = [row["id"] for row in every(world, SERVICE, path)]
    assert len(whole) == 5
    world.faults.add(FaultKind.CUT_SHORT, vendor="sharepoint")
    assert len(every(world, SERVICE, path)) == 2
    world.faults.add(FaultKind.DUPLICATE_ACROSS_PAGES, vendor="sharepoint")
    twice = [row["id"] for row in every(world, SERVICE, path)]
    assert sorted(set(twice)) == sorted(whole)
    assert len(twice) > 5
    assert len(world.faults.struck()) == 2


def test_search_lags_behind(here):
    world, sp, _, library = here
    world.faults.add(FaultKind.SEARCH_LAG, vendor="sharepoint", seconds=600)
    sp.create_file(parent=library.id, name="fresh.txt", author="ana", text="kelp")
    path = f"/drives/{library.drive}/root/search(q='kelp')"
    assert every(world, SERVICE, path) == []
    world.clock.advance(601)
    assert [row["name"] for row in every(world, SERVICE, path)] == ["fresh.txt"]


def test_a_link_is_not_found_until_it_is_opened():
    world = corners()
    sp = SharePointState.of(world)
    item = next(i for i in sp.items.values() if i.name == "org.txt")
    address = ask(world, SERVICE, f"/drives/{sp.lists[item.list_id].drive}/items/{item.id}"
                  "/permissions")[1]["value"]  # fmt: skip
    url = next(p["link"]["webUrl"] for p in address if "link" in p)
    shared = f"/shares/{share_token(url)}/driveItem"
    for person, opens in (("ben", True), ("gus", False)):
        assert item.id not in found_by(world, person)
        status, _ = ask(world, world.token_of(person), shared)
        assert (status == 200) is opens
        assert item.id not in found_by(world, person)
    ask(world, world.token_of("ben"), shared, prefer="redeemSharingLink")
    assert item.id in found_by(world, "ben")
    sp.unshare(link=item.links[0])
    assert item.id not in found_by(world, "ben")


def test_links_made_twice_and_links_that_end(here):
    world, sp, _, _ = here
    plan = item_named(sp, "plan.docx")
    assert sp.share(item=plan, scope="organization") == sp.share(item=plan, scope="organization")
    with pytest.raises(VerbError):
        sp.share(item=plan, scope="users")
    named = sp.share(item=plan, scope="users", people=["gus"], expires="2026-06-15T10:00:00Z")
    assert plan in found_by(world, "gus")
    world.clock.advance(7200)
    assert plan not in found_by(world, "gus")
    with pytest.raises(VerbError):
        sp.redeem(link=named, person="gus")
    sp.expire_link(link=named)
    assert plan in found_by(world, "gus")


def test_verbs_refuse_what_sharepoint_refuses(here):
    world, sp, site, library = here
    plan = item_named(sp, "plan.docx")
    for refused, args in (
        ("grant", {"target": plan, "principal": "user:gus"}),
        ("grant", {"target": site.id, "principal": "user:gus", "role": "Limited Access"}),
        ("grant", {"target": site.id, "principal": "user:nobody"}),
        ("reset_inheritance", {"target": site.id}),
        ("create_file", {"parent": library.id, "name": "PLANS & drafts", "author": "ana"}),
        ("create_item", {"list": library.id, "author": "ana", "fields": {}}),
        ("add_to_group", {"site": site.id, "group": "Crew Owners", "principal": "site:3"}),
        ("restore", {"item": plan}),
    ):
        with pytest.raises(VerbError):
            world.do(f"sharepoint.{refused}", **args)


def test_a_saved_world_comes_back(tmp_path):
    world = World.company()
    sp = SharePointState.of(world)
    library = next(i for i, one in sp.lists.items() if one.title == "Procedures")
    made = world.do("sharepoint.create_file", parent=library, name="New.md", author="marta")
    world.do("sharepoint.share", item=made, scope="users", people=["otto"])
    world.save(tmp_path / "world.json")
    again = World.load(tmp_path / "world.json")
    assert SharePointState.of(again).items == sp.items
    assert SharePointState.of(again).links == sp.links
    assert found_by(again, "otto") == found_by(world, "otto")


def test_permissions_come_in_pages(here):
    world, sp, _, library = here
    plan = item_named(sp, "plan.docx")
    sp.share_with(item=plan, principal="user:gus")
    sp.share(item=plan, scope="organization")
    path = f"/drives/{library.drive}/items/{plan}/permissions"
    whole = every(world, SERVICE, path)
    assert len(whole) == 5
    sp.limit_pages(most=2)
    assert "@odata.nextLink" in ask(world, SERVICE, path)[1]
    assert every(world, SERVICE, path) == whole
