"""What Google's own client reads from the simulator."""

import io
import json
from datetime import timedelta

import docx
import google_auth_httplib2
import openpyxl
import pptx
import pypdf
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.http import MediaIoBaseDownload

from simulator.clock import rfc3339
from simulator.embedded import serve
from simulator.google import formats
from simulator.google.api import API
from simulator.google.objects import FOLDER, SHEET, SLIDES
from simulator.oracle import documents, readable
from simulator.world import World
from tests.simulator.google.sdk import WIDE, client, pages, refused


def test_listing_in_pages_with_masks(running, drive):
    for n in range(23):
        drive.create(name=f"File {n:02}", owner="ann")
    files = client(running, "ann").files()
    found = pages(
        files.list, files.list_next, pageSize=10, orderBy="name",
        fields="nextPageToken,files(id,name,owners/emailAddress,capabilities(canEdit))",
    )  # fmt: skip
    assert [len(page["files"]) for page in found] == [10, 10, 3]
    names = [file["name"] for page in found for file in page["files"]]
    assert names == [f"File {n:02}" for n in range(23)]
    assert found[0]["files"][0]["owners"] == [{"emailAddress": "ann@saltmarsh.example"}]
    assert found[0]["files"][0]["capabilities"] == {"canEdit": True}
    assert set(found[0]) == {"nextPageToken", "files"}
    assert set(files.list().execute()["files"][0]) == {"kind", "id", "name", "mimeType"}
    assert refused(files.list(fields="files(id,nonsense)")) == (400, "invalidParameter")
    assert refused(files.list(pageToken="made up")) == (400, "invalid")
    full = files.get(fileId=found[0]["files"][0]["id"], fields="*").execute()
    assert full["permissions"][0]["role"] == "owner"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name = 'Alpha plan'", {"alpha"}),
        ("name contains 'plan'", {"alpha", "beta"}),
        ("mimeType = 'application/vnd.google-apps.folder'", {"folder"}),
        ("mimeType != 'application/vnd.google-apps.folder' and trashed = false", {"alpha", "beta"}),
        ("trashed = true", {"gone"}),
        ("'FOLDER' in parents", {"beta"}),
        ("'root' in parents and not trashed = true", {"alpha", "folder"}),
        ("modifiedTime > '2026-02-01T00:00:00'", {"beta"}),
        ("modifiedTime > '2026-02-01T00:00:00Z' or name = 'Alpha plan'", {"alpha", "beta"}),
        ("fullText contains 'turbidity'", {"beta"}),
        ("'me' in owners and (name contains 'al' or name contains 'be')", {"alpha", "beta"}),
        ("'ben@saltmarsh.example' in readers", {"alpha"}),
        ("'ben@saltmarsh.example' in writers", set()),
        ("sharedWithMe", set()),
        (r"name = 'it\'s'", set()),
    ],
)
def test_queries(running, drive, query, expected):
    early = "2026-01-05T08:00:00Z"
    made = {"alpha": drive.create(name="Alpha plan", owner="ann", at=early)}
    made["folder"] = drive.create(name="Folder", owner="ann", mime=FOLDER, at=early)
    made["beta"] = drive.create(
        name="Beta plan", owner="ann", parent=made["folder"], text="About turbidity.",
        at="2026-03-01T08:00:00Z",
    )  # fmt: skip
    made["gone"] = drive.create(name="Gone", owner="ann", at=early)
    drive.trash(file=made["gone"])
    drive.share(file=made["alpha"], type="user", subject="ben")
    found = client(running, "ann").files().list(q=query.replace("FOLDER", made["folder"])).execute()
    assert {f["id"] for f in found["files"]} == {made[name] for name in expected}


def test_a_query_that_does_not_parse(running):
    files = client(running, "ann").files()
    for query in ("name =", "colour = 'red'", "name = 'a' nor name = 'b'", "(trashed = true"):
        assert refused(files.list(q=query)) == (400, "invalid")


def test_exports_are_real_documents(running, drive):
    text = "# Heading\n\nA **bold** word.\n\n- point\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    doc = drive.create(name="Doc", owner="ann", text=text)
    table = "## Costs\nitem,sum\nbuoy,12.5\n## Notes\nnone\n"
    sheet = drive.create(name="Sheet", owner="ann", mime=SHEET, text=table)
    deck = "# First\n\n- one\nNotes: say it\n---\n# Second\n\n- two\n"
    slides = drive.create(name="Deck", owner="ann", mime=SLIDES, text=deck)
    files = client(running, "ann").files()

    def export(file, mime):
        return files.export(fileId=file, mimeType=mime).execute()

    assert b"<strong>bold</strong>" in export(doc, formats.HTML)
    assert b"<table>" in export(doc, formats.HTML)
    assert export(doc, formats.MARKDOWN).decode() == text
    assert "A bold word." in export(doc, formats.PLAIN).decode("utf-8-sig")
    word = docx.Document(io.BytesIO(export(doc, formats.DOCX)))
    assert word.paragraphs[0].style.name == "Heading 1"
    assert word.tables[0].cell(1, 1).text == "2"
    read = pypdf.PdfReader(io.BytesIO(export(doc, formats.PDF)))
    assert "A bold word." in read.pages[0].extract_text()
    book = openpyxl.load_workbook(io.BytesIO(export(sheet, formats.XLSX)))
    assert book.sheetnames == ["Costs", "Notes"]
    assert book["Costs"]["B2"].value == 12.5
    assert export(sheet, formats.CSV).decode().splitlines()[1] == "buoy,12.5"
    show = pptx.Presentation(io.BytesIO(export(slides, formats.PPTX)))
    assert [slide.shapes.title.text for slide in show.slides] == ["First", "Second"]
    assert show.slides[0].notes_slide.notes_text_frame.text == "say it"
    assert refused(files.export(fileId=doc, mimeType="image/png")) == (400, "badRequest")
    assert refused(files.get_media(fileId=doc)) == (403, "fileNotDownloadable")


@pytest.mark.parametrize("mime", [formats.DOCX, formats.XLSX, formats.PPTX, formats.PDF])
def test_bytes_are_stable_and_match_their_checksum(running, drive, mime):
    made = drive.create(name="report.bin", owner="ann", mime=mime, text="# One\ntwo,three\n")
    files = client(running, "ann").files()
    meta = files.get(fileId=made, fields="md5Checksum,size,headRevisionId").execute()
    out = io.BytesIO()
    download = MediaIoBaseDownload(out, files.get_media(fileId=made), chunksize=1000)
    done = False
    while not done:
        _, done = download.next_chunk()
    formats._made.clear()
    assert out.getvalue() == files.get_media(fileId=made).execute()
    assert len(out.getvalue()) == int(meta["size"])
    assert (
        files.get(fileId=made, fields="md5Checksum").execute()["md5Checksum"] == meta["md5Checksum"]
    )
    assert refused(files.export(fileId=made, mimeType="text/plain")) == (403, "fileNotExportable")


def test_shared_drive_items_need_to_be_asked_for(running, drive):
    shared = drive.create_drive(name="Team", organizer="ann")
    made = drive.create(name="Plan", owner="ann", parent=shared)
    files = client(running, "ann").files()
    assert refused(files.get(fileId=made)) == (404, "notFound")
    got = files.get(fileId=made, supportsAllDrives=True, fields="*").execute()
    assert got["driveId"] == shared
    assert "permissions" not in got
    assert got["permissionIds"]
    assert "owners" not in got
    assert files.list().execute()["files"] == []
    assert files.list(corpora="drive", driveId=shared, **WIDE).execute()["files"][0]["id"] == made
    assert refused(files.list(corpora="allDrives"))[0] == 400
    other = client(running, "ben").files()
    assert refused(other.list(corpora="drive", driveId=shared, **WIDE)) == (404, "notFound")


def test_shared_drives(running, drive):
    for n in range(12):
        drive.create_drive(name=f"Drive {n}", organizer="ann")
    drives = client(running, "ann").drives()
    found = pages(drives.list, drives.list_next)
    assert [len(page["drives"]) for page in found] == [10, 2]
    one = found[0]["drives"][0]["id"]
    assert drives.get(driveId=one, fields="*").execute()["capabilities"]["canManageMembers"]
    other = client(running, "ben").drives()
    assert other.list().execute()["drives"] == []
    assert refused(other.get(driveId=one)) == (404, "notFound")
    assert refused(other.list(useDomainAdminAccess=True))[0] == 403


def test_permissions_are_paged_and_detailed(running, world, drive):
    shared = drive.create_drive(name="Team", organizer="ann")
    folder = drive.create(name="Folder", owner="ann", parent=shared, mime=FOLDER)
    made = drive.create(name="Plan", owner="ann", parent=folder)
    for n in range(150):
        world.directory.add_person(id=f"m{n}", name=f"M {n}")
        drive.add_drive_member(drive=shared, subject=f"m{n}")
    drive.share(file=folder, type="user", subject="ben", role="writer")
    drive.share(file=made, type="user", subject="ben")
    drive.share(file=made, type="user", subject="cat", expires=rfc3339(world.now() + timedelta(1)))
    drive.share(file=made, type="domain", subject="saltmarsh.example")
    drive.share(file=made, type="user", subject="gus", view="published")
    permissions = client(running, "ann").permissions()
    asked = {"fileId": made, "supportsAllDrives": True, "fields": "nextPageToken,permissions"}
    found = pages(permissions.list, permissions.list_next, **asked)
    assert [len(page["permissions"]) for page in found] == [100, 54]
    every = {p["id"]: p for page in found for p in page["permissions"]}
    ben = next(p for p in every.values() if p.get("emailAddress") == "ben@saltmarsh.example")
    assert ben["role"] == "writer"
    assert [d["inherited"] for d in ben["permissionDetails"]] == [False, True]
    assert ben["permissionDetails"][1]["inheritedFrom"] == folder
    cat = next(p for p in every.values() if p.get("emailAddress") == "cat@saltmarsh.example")
    assert cat["expirationTime"] > rfc3339(world.now())
    anyone = next(p for p in every.values() if p["type"] == "domain")
    assert anyone["allowFileDiscovery"] is False
    assert not any("view" in p for p in every.values())
    more = pages(
        permissions.list, permissions.list_next, includePermissionsForView="published", **asked
    )
    assert sum(p.get("view") == "published" for page in more for p in page["permissions"]) == 1
    world.time.advance(seconds=2 * 86400)
    assert refused(
        permissions.get(fileId=made, permissionId=cat["id"], supportsAllDrives=True)
    ) == (404, "notFound")
    members = pages(permissions.list, permissions.list_next, fileId=shared, supportsAllDrives=True)
    assert sum(len(page["permissions"]) for page in members) == 151
    assert refused(
        client(running, "m1").permissions().list(fileId=made, supportsAllDrives=True)
    ) == (403, "insufficientFilePermissions")


def test_deleted_accounts_and_limited_folders_show(running, world, drive):
    folder = drive.create(name="Top", owner="ann", mime=FOLDER)
    limited = drive.create(name="Limited", owner="ann", mime=FOLDER, parent=folder)
    drive.share(file=folder, type="user", subject="ben")
    drive.share(file=limited, type="user", subject="cat")
    drive.limit(folder=limited)
    inner = drive.create(name="Inner", owner="ann", parent=limited)
    world.directory.delete_person(person="cat")
    ann, ben = client(running, "ann"), client(running, "ben")
    said = ann.permissions().list(fileId=limited, fields="permissions").execute()["permissions"]
    assert {(p["role"], p["deleted"]) for p in said} == {("owner", False), ("reader", True)}
    got = (
        ben.files()
        .get(fileId=limited, fields="inheritedPermissionsDisabled,capabilities")
        .execute()
    )
    assert got["inheritedPermissionsDisabled"]
    assert not got["capabilities"]["canListChildren"]
    assert refused(ben.files().get(fileId=inner)) == (404, "notFound")
    assert {f["id"] for f in ben.files().list().execute()["files"]} == {folder, limited}


def test_the_client_reaches_every_endpoint(running, world, drive):
    world.directory.create_group(id="team")
    world.directory.add_member(group="team", person="ben")
    shared = drive.create_drive(name="Team", organizer="ann")
    made, other = (drive.create(name=name, owner="ann") for name in ("Mine", "Other"))
    seen = set()
    ann = client(running, "ann", seen=seen)
    admin = client(running, "ann", name="admin", version="directory_v1", seen=seen)
    files, grants = ann.files(), ann.permissions()
    group, user = {"groupKey": "team@saltmarsh.example"}, {"userKey": "ben@saltmarsh.example"}
    member = {**group, "memberKey": "ben@saltmarsh.example"}
    asked = {"type": "domain", "role": "reader", "domain": "saltmarsh.example"}
    grant = grants.create(fileId=made, body=asked).execute()["id"]
    note = {"body": {"content": "Hm."}, "fields": "*"}
    said = ann.comments().create(fileId=made, **note).execute()["id"]
    token = ann.changes().getStartPageToken().execute()["startPageToken"]
    for call in (
        ann.about().get(fields="*"), ann.changes().list(pageToken=token), files.list(fields="*"),
        files.get(fileId=made, fields="*"), files.export(fileId=made, mimeType="text/plain"),
        files.create(body={"name": "New"}), files.update(fileId=made, body={"name": "Newer"}),
        files.generateIds(), grants.list(fileId=made), ann.drives().list(fields="*"),
        ann.drives().get(driveId=shared, fields="*"),
        grants.get(fileId=made, permissionId=grant),
        grants.update(fileId=made, permissionId=grant, body={"role": "commenter"}),
        grants.delete(fileId=made, permissionId=grant), files.delete(fileId=other),
        ann.comments().list(fileId=made, fields="*"),
        ann.comments().get(fileId=made, commentId=said, fields="*"),
        ann.replies().create(fileId=made, commentId=said, **note),
        ann.replies().list(fileId=made, commentId=said, fields="*"),
        admin.users().list(customer="my_customer"), admin.users().get(**user),
        admin.groups().list(customer="my_customer"), admin.groups().get(**group),
        admin.members().list(**group), admin.members().get(**member),
        admin.members().hasMember(**member),
    ):  # fmt: skip
        call.execute()
    plain = {"oauth.token", "batch", "discovery"}
    offered = {name for _, _, name in API.endpoints} - plain
    assert {name.partition(".")[2] for name in seen} == offered


def test_batches(running, drive):
    made = [drive.create(name=f"F{n}", owner="ann") for n in range(3)]
    # Batches go to the document's rootUrl; the discovery address here says the right one.
    http = google_auth_httplib2.AuthorizedHttp(Credentials(running.token("ann")))
    service = build(
        "drive", "v3", http=http, static_discovery=False, cache_discovery=False,
        discoveryServiceUrl=running.url + "/google/discovery/v1/apis/{api}/{apiVersion}/rest",
    )  # fmt: skip
    found = {}

    def keep(name, response, failure):
        found[name] = failure.resp.status if failure else response["name"]

    batch = service.new_batch_http_request(callback=keep)
    for n, file in enumerate([*made, "missing"]):
        batch.add(service.files().get(fileId=file), request_id=str(n))
    batch.execute()
    assert found == {"0": "F0", "1": "F1", "2": "F2", "3": 404}


def test_the_plain_client_needs_only_an_address(running, drive):
    made = drive.create(name="Mine", owner="ann")
    service = build(
        "drive", "v3", credentials=Credentials(running.token("ann")),
        client_options={"api_endpoint": running.url + "/google/drive/v3/"},
    )  # fmt: skip
    assert [f["id"] for f in service.files().list().execute()["files"]] == [made]


def test_the_company_over_the_wire():
    world = World.company()
    with serve(world) as running:
        for person in ("ada", "petra", "maeve"):
            files = client(running, person).files()
            shown = set()
            for corpora in ("allDrives", "domain"):
                found = pages(
                    files.list, files.list_next, corpora=corpora, q="trashed = false",
                    fields="*", pageSize=50, **WIDE,
                )  # fmt: skip
                shown |= {file["id"] for page in found for file in page["files"]}
            for document in documents(world, "google"):
                if readable(world, person, document):
                    assert document.id in shown
        json.dumps(world.log)
