"""Microsoft's own SDK on every Graph endpoint, with a base URL and credentials changed."""

from importlib import import_module

import pytest
from msgraph.generated.drives.item.items.item.create_link.create_link_post_request_body import (
    CreateLinkPostRequestBody,
)
from msgraph.generated.drives.item.items.item.invite.invite_post_request_body import (
    InvitePostRequestBody,
)
from msgraph.generated.models.drive_item import DriveItem
from msgraph.generated.models.drive_recipient import DriveRecipient
from msgraph.generated.models.folder import Folder
from msgraph.generated.models.item_reference import ItemReference
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.permission_collection_response import PermissionCollectionResponse
from msgraph.generated.models.site_page import SitePage
from msgraph.generated.models.standard_web_part import StandardWebPart
from msgraph.generated.models.text_web_part import TextWebPart
from msgraph_core.tasks.page_iterator import PageIterator

from simulator.sharepoint.graph import API as GRAPH
from simulator.sharepoint.ids import HOST
from simulator.sharepoint.render import render
from tests.simulator.sharepoint.sdk import USED, options_for, prefer, uses

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@uses("sites.list", "sites.getAll", "sites.get", "sites.sites")
def test_sites(there, ids):
    async def act(client):
        builder = client.sites
        found = await builder.get(options_for(builder, search="*"))
        everything = await client.sites.get_all_sites.get()
        one = await client.sites.by_site_id(ids["site"]).get()
        by_path = await client.sites.by_site_id(f"{HOST}:/sites/crew").get()
        below = await client.sites.by_site_id(ids["site"]).sites.get()
        root = await client.sites.by_site_id("root").get()
        return found, everything, one, by_path, below, root

    found, everything, one, by_path, below, root = there.ask(act)
    assert {s.display_name for s in found.value} == {"Crew", "Home", "Lab"}
    assert len(everything.value) == 3
    assert one.id == by_path.id == ids["site"]
    assert one.site_collection.hostname == HOST
    assert [s.display_name for s in below.value] == ["Lab"]
    assert root.display_name == "Home"


@uses(
    "sites.drives",
    "drives.get",
    "drives.list",
    "items.get",
    "items.children",
    "items.content",
    "items.listItem",
    "items.search",
)
def test_drives_and_items(there, ids):
    async def act(client):
        drives = await client.sites.by_site_id(ids["site"]).drives.get()
        default = await client.sites.by_site_id(ids["site"]).drive.get()
        drive = client.drives.by_drive_id(ids["drive"])
        await drive.get()
        await drive.list_.get()
        root = await drive.root.get()
        top = await drive.items.by_drive_item_id(root.id).children.get()
        folder = drive.items.by_drive_item_id(ids["folder"])
        builder = folder.children
        first = await builder.get(options_for(builder, top=2, select=["id", "name", "size"]))
        rest = await builder.with_url(first.odata_next_link).get()
        by_path = await drive.items.by_drive_item_id("root:/Plans & drafts/plan.docx:").get()
        plan = drive.items.by_drive_item_id(ids["plan"])
        body = await plan.content.get()
        item = await plan.list_item.get()
        hits = await drive.items.by_drive_item_id("root").search_with_q("tide").get()
        whole = await drive.search_with_q("plan").get()
        return drives, default, root, top, first, rest, by_path, body, item, hits, whole

    drives, default, root, top, first, rest, by_path, body, item, hits, whole = there.ask(act)
    assert [d.id for d in drives.value] == [ids["drive"]] == [default.id]
    assert root.root is not None
    assert [i.name for i in top.value] == ["Plans & drafts"]
    assert len(first.value) == 2
    assert first.value[0].created_by is None
    assert len(rest.value) == 2
    assert by_path.id == ids["plan"]
    assert by_path.file.hashes.quick_xor_hash
    assert body == render("plan.docx", "# plan.docx\n\nTide tables.")
    assert by_path.size == len(body)
    assert item.id == str(there.sp.items[ids["plan"]].number)
    assert len(hits.value) == 5
    assert [i.name for i in whole.value] == ["Plans & drafts", "plan.docx"]


def test_pages_of_results_by_the_sdks_own_iterator(there, ids):
    async def act(client):
        builder = client.drives.by_drive_id(ids["drive"]).items.by_drive_item_id(ids["folder"])
        first = await builder.children.get(options_for(builder.children, top=2))
        seen = []
        await PageIterator(first, client.request_adapter).iterate(
            lambda item: seen.append(item.name) or True
        )
        return seen

    assert len(there.ask(act)) == 5


@uses("items.delta")
def test_delta(there, ids):
    drive_id, sp = ids["drive"], there.sp

    async def first(client):
        root = client.drives.by_drive_id(drive_id).items.by_drive_item_id("root")
        page = await root.delta.get(options_for(root.delta, top=3))
        seen = [i.name for i in page.value]
        while page.odata_next_link:
            page = await root.delta.with_url(page.odata_next_link).get()
            seen += [i.name for i in page.value]
        latest = await root.delta_with_token("latest").get()
        return seen, page.odata_delta_link, latest

    seen, link, latest = there.ask(first)
    assert "plan.docx" in seen
    assert latest.value == []

    made = sp.create_file(parent=ids["folder"], name="new.txt", author="ana", text="one")
    sp.share_with(item=ids["plan"], principal="user:gus")
    sp.share_with(item=ids["folder"], principal="user:gus")
    gone = sp.create_file(parent=ids["folder"], name="gone.txt", author="ana", text="two")
    sp.delete(item=gone)

    def since(*words):
        async def act(client):
            root = client.drives.by_drive_id(drive_id).items.by_drive_item_id("root")
            return await root.delta.with_url(link).get(prefer(*words))

        return there.ask(act)

    plain = {i.id: i for i in since().value}
    assert made in plain
    assert plain[gone].deleted.state == "deleted"
    assert ids["plan"] not in plain
    asked = since("deltashowsharingchanges", "hierarchicalsharing", "deltashowremovedasdeleted")
    shared = {i.id: i.additional_data for i in asked.value}
    note = "@microsoft.graph.sharedChanged"
    assert shared[ids["plan"]].get(note) == "True"
    assert note not in shared[ids["folder"]]
    assert note not in shared[made]

    sp.expire_tokens()
    with pytest.raises(ODataError) as refused:
        since()
    assert refused.value.response_status_code == 410
    assert refused.value.error.code.startswith("resync")
    location = {k.lower(): v for k, v in refused.value.response_headers.items()}["location"]
    assert "delta" in str(location)


@uses(
    "items.createLink",
    "items.invite",
    "items.permissions",
    "items.permissions.get",
    "items.permissions.delete",
    "shares.get",
    "shares.driveItem",
    "shares.permission",
)
def test_permissions_and_links(there, ids):
    sp = there.sp
    made = sp.create_file(parent=ids["folder"], name="shared.txt", author="ana", text="x")

    async def act(client):
        item = client.drives.by_drive_id(ids["drive"]).items.by_drive_item_id(made)
        body = CreateLinkPostRequestBody(type="view", scope="organization")
        link = await item.create_link.post(body)
        again = await item.create_link.post(body)
        who = DriveRecipient(email="gus@brightwell.example")
        invited = await item.invite.post(InvitePostRequestBody(recipients=[who], roles=["write"]))
        listed = await item.permissions.get()
        one = await item.permissions.by_permission_id(link.id).get()
        share = client.shares.by_shared_drive_item_id(link.share_id)
        await share.get()
        behind = await share.drive_item.get()
        as_permission = await share.permission.get()
        return link, again, invited, listed, one, behind, as_permission

    link, again, invited, listed, one, behind, as_permission = there.ask(act)
    assert link.id == again.id == one.id == as_permission.id
    assert link.link.scope == "organization"
    assert isinstance(invited, PermissionCollectionResponse) or invited.value
    by_id = {p.id: p for p in listed.value}
    assert by_id[link.id].roles == ["read"]
    assert all(p.inherited_from is None for p in listed.value)
    users = [p.granted_to_v2.site_user for p in listed.value if p.granted_to_v2]
    guest = "i:0#.f|membership|gus_brightwell.example#ext#@saltmarsh.onmicrosoft.com"
    assert guest in [u.login_name for u in users if u]
    groups = [p.granted_to_v2.site_group for p in listed.value if p.granted_to_v2]
    assert {"Crew Owners", "Crew Members", "Crew Visitors"} == {g.display_name for g in groups if g}
    assert behind.id == made

    async def mine(client):
        item = client.drives.by_drive_id(ids["drive"]).items.by_drive_item_id(made)
        return await item.permissions.get()

    own = there.as_person("gus", mine)
    assert [p.granted_to_v2.site_user.login_name for p in own.value] == [guest]

    async def take_away(client):
        item = client.drives.by_drive_id(ids["drive"]).items.by_drive_item_id(made)
        await item.permissions.by_permission_id(link.id).delete()
        return await item.permissions.get()

    assert link.id not in {p.id for p in there.ask(take_away).value}


@uses(
    "sites.lists",
    "lists.get",
    "lists.columns",
    "lists.items",
    "lists.items.get",
    "lists.fields",
    "lists.delta",
    "lists.drive",
    "lists.driveItem",
)
def test_lists(there, ids):
    async def act(client):
        site = client.sites.by_site_id(ids["site"])
        lists = await site.lists.get()
        one = site.lists.by_list_id(ids["list"])
        await one.get()
        columns = await one.columns.get()
        builder = one.items
        first = await builder.get(options_for(builder, expand=["fields"], top=2))
        rest = await builder.with_url(first.odata_next_link).get()
        picked = await builder.get(
            options_for(
                builder,
                expand=["fields($select=Title)"],
                filter="fields/Title eq 'Risk 3'",
            )
        )
        item = await one.items.by_list_item_id("1").get()
        fields = await one.items.by_list_item_id("1").fields.get()
        changes = await one.items.delta.get()
        none = await one.items.delta_with_token("latest").get()
        library = site.lists.by_list_id(ids["library"])
        as_drive = await library.drive.get()
        number = str(there.sp.items[ids["plan"]].number)
        file = await library.items.by_list_item_id(number).drive_item.get()
        return lists, columns, first, rest, picked, item, fields, changes, none, as_drive, file

    lists, columns, first, rest, picked, item, fields, changes, none, as_drive, file = there.ask(
        act
    )
    assert {x.list_.template for x in lists.value} == {
        "documentLibrary",
        "genericList",
        "webPageLibrary",
    }
    assert [c.name for c in columns.value] == ["Title", "Severity", "Notes"]
    assert first.value[0].fields.additional_data["Severity"] == "High"
    assert len(rest.value) == 2
    assert [i.fields.additional_data["Title"] for i in picked.value] == ["Risk 3"]
    assert "Severity" not in picked.value[0].fields.additional_data
    assert item.fields.additional_data["Title"] == "Risk 0"
    assert fields.additional_data["Notes"] == "Watch it."
    assert len(changes.value) == 5
    assert none.value == []
    assert as_drive.id == ids["drive"]
    assert file.id == ids["plan"]


@uses("pages.list", "pages.list.cast", "pages.get", "pages.get.cast", "pages.webParts")
def test_pages(there, ids):
    async def act(client):
        pages = client.sites.by_site_id(ids["site"]).pages
        plain = await pages.get()
        builder = pages.graph_site_page
        whole = await builder.get(options_for(builder, expand=["canvasLayout"]))
        one = pages.by_base_site_page_id(ids["page"])
        await one.get()
        cast = one.graph_site_page
        page = await cast.get(options_for(cast, expand=["canvasLayout"]))
        parts = await cast.web_parts.get()
        return plain, whole, page, parts

    plain, whole, page, parts = there.ask(act)
    assert {p.title for p in plain.value} == {"Welcome", "Soon"}
    assert all(isinstance(p, SitePage) for p in plain.value)
    assert whole.value[0].canvas_layout.horizontal_sections
    sections = page.canvas_layout.horizontal_sections
    assert len(sections) == 2
    first, links = sections[0].columns[0].webparts
    assert isinstance(first, TextWebPart)
    assert first.inner_html == "<h2>Welcome</h2><p>Read this.</p>"
    assert isinstance(links, StandardWebPart)
    assert links.data.server_processed_content.links[0].value.endswith("/plans")
    assert len(parts.value) == 3
    assert page.publishing_state.level == "published"

    async def drafts(client):
        return await client.sites.by_site_id(ids["site"]).pages.get()

    there.sp.add_to_group(site=ids["web"], group="Crew Visitors", principal="user:gus")
    assert [p.title for p in there.as_person("gus", drafts).value] == ["Welcome"]


@uses("items.create", "items.update", "items.upload", "items.delete")
def test_writes(there, ids):
    async def act(client):
        drive = client.drives.by_drive_id(ids["drive"])
        body = DriveItem(name="Archive", folder=Folder())
        root = drive.items.by_drive_item_id("root")
        archive = await root.children.post(body)
        note = drive.items.by_drive_item_id(
            there.sp.create_file(parent=ids["folder"], name="note.txt", author="ana", text="a")
        )
        renamed = await note.patch(DriveItem(name="renamed.txt"))
        moved = await note.patch(DriveItem(parent_reference=ItemReference(id=archive.id)))
        await note.content.put(b"new words")
        body = await note.content.get()
        await note.delete()
        return archive, renamed, moved, body

    archive, renamed, moved, body = there.ask(act)
    assert renamed.name == "renamed.txt"
    assert moved.id == renamed.id
    assert moved.parent_reference.id == archive.id
    assert body == b"new words"
    assert there.sp.items[moved.id].deleted


def test_the_sdk_is_used_on_every_endpoint():
    import_module("tests.simulator.sharepoint.test_sdk_directory")  # says what its tests use
    assert {name for _, _, name in GRAPH.endpoints} == USED
