"""Google's own client follows what changes, writes, and loses what it may no longer see."""

import io

from googleapiclient.http import MediaIoBaseUpload

from simulator.google.objects import DOC, FOLDER
from tests.simulator.google.sdk import WIDE, client, pages, refused


def test_changes_of_a_person_and_of_a_drive(running, drive):
    ann, ben = client(running, "ann").changes(), client(running, "ben").changes()
    shared = drive.create_drive(name="Team", organizer="ann")
    mine = drive.create(name="Mine", owner="ann")
    team = drive.create(name="Team's", owner="ann", parent=shared)
    start = ben.getStartPageToken().execute()["startPageToken"]
    drive.share(file=mine, type="user", subject="ben")
    said = ben.list(pageToken=start).execute()
    assert [(c["fileId"], c["removed"]) for c in said["changes"]] == [(mine, False)]
    after = said["newStartPageToken"]
    # Two edits and a loss of access are one line, and it says removed.
    drive.unshare(
        file=mine,
        permission=next(k for k, p in drive.files[mine].permissions.items() if p.subject == "ben"),
    )
    drive.edit(file=mine, text="more")
    said = ben.list(pageToken=after).execute()
    assert [(c["fileId"], c["removed"]) for c in said["changes"]] == [(mine, True)]
    assert "file" not in said["changes"][0]
    assert ben.list(pageToken=after, includeRemoved=False).execute()["changes"] == []
    # A drive has a log of its own.
    token = ann.getStartPageToken(driveId=shared, supportsAllDrives=True).execute()[
        "startPageToken"
    ]
    drive.rename(file=team, name="Ours")
    drive.trash(file=mine)
    said = ann.list(pageToken=token, driveId=shared, fields="*", **WIDE).execute()
    assert [(c["fileId"], c["file"]["name"]) for c in said["changes"]] == [(team, "Ours")]
    said = ann.list(pageToken=token, fields="changes(fileId,removed,file(trashed))").execute()
    assert said["changes"] == [{"fileId": mine, "removed": False, "file": {"trashed": True}}]
    drive.delete(file=team)
    said = ann.list(pageToken=token, driveId=shared, **WIDE).execute()
    assert [(c["fileId"], c["removed"]) for c in said["changes"]] == [(team, True)]
    assert refused(ben.list(pageToken=token, driveId=shared, **WIDE)) == (404, "notFound")
    drive.expire_tokens()
    assert refused(ann.list(pageToken=token))[0] == 410
    assert ann.list(pageToken=ann.getStartPageToken().execute()["startPageToken"]).execute()


def test_changes_in_pages_lose_no_removal(running, drive):
    made = [drive.create(name=f"F{n}", owner="ann") for n in range(9)]
    grants = {file: drive.share(file=file, type="user", subject="ben") for file in made}
    changes = client(running, "ben").changes()
    start = changes.getStartPageToken().execute()["startPageToken"]
    for file, permission in grants.items():
        drive.unshare(file=file, permission=permission)
    for file in made:
        drive.edit(file=file, text="later")
    found = pages(changes.list, changes.list_next, pageToken=start, pageSize=4)
    assert [(c["fileId"], c["removed"]) for page in found for c in page["changes"]] == [
        (file, True) for file in made
    ]
    assert "newStartPageToken" in found[-1]


def test_losing_a_shared_drive(running, drive):
    shared = drive.create_drive(name="Team", organizer="ann")
    permission = drive.add_drive_member(drive=shared, subject="ben")
    changes = client(running, "ben").changes()
    start = changes.getStartPageToken().execute()["startPageToken"]
    drive.rename_drive(drive=shared, name="Crew")
    said = changes.list(pageToken=start, **WIDE).execute()["changes"]
    assert [(c["driveId"], c["changeType"], c["removed"]) for c in said] == [
        (shared, "drive", False)
    ]
    drive.remove_drive_member(drive=shared, permission=permission)
    said = changes.list(pageToken=start, **WIDE).execute()["changes"]
    assert [(c["driveId"], c["removed"]) for c in said] == [(shared, True)]


def test_writes(running, world, drive):
    ann, ben = client(running, "ann"), client(running, "ben")
    reserved = ann.files().generateIds(count=2).execute()["ids"]
    body = {"id": reserved[0], "name": "Note", "mimeType": DOC}
    assert ann.files().create(body=body).execute()["id"] == reserved[0]
    assert refused(ann.files().create(body=body)) == (409, "fileIdInUse")
    media = MediaIoBaseUpload(io.BytesIO(b"# Hello\n"), "text/markdown")
    made = (
        ann.files().create(body={"name": "hello.md"}, media_body=media, fields="id,size").execute()
    )
    assert made["size"] == "8"
    assert ann.files().get_media(fileId=made["id"]).execute() == b"# Hello\n"
    media = MediaIoBaseUpload(io.BytesIO(b"# Again\n\nmore\n"), "text/markdown")
    ann.files().update(fileId=made["id"], media_body=media).execute()
    assert drive.files[made["id"]].text.startswith("# Again")
    asked = {"type": "user", "role": "reader", "emailAddress": "ben@saltmarsh.example"}
    grant = ann.permissions().create(fileId=made["id"], body=asked, fields="*").execute()
    assert ben.files().get(fileId=made["id"]).execute()["name"] == "hello.md"
    assert refused(ben.files().update(fileId=made["id"], body={"name": "x"}))[0] == 403
    assert refused(
        ben.comments().create(fileId=made["id"], body={"content": "Why?"}, fields="*")
    ) == (403, "insufficientFilePermissions")
    ann.permissions().update(
        fileId=made["id"], permissionId=grant["id"], body={"role": "commenter"}
    ).execute()
    said = ben.comments().create(fileId=made["id"], body={"content": "Why?"}, fields="*").execute()
    ann.replies().create(
        fileId=made["id"], commentId=said["id"], body={"content": "Because."}, fields="*"
    ).execute()
    got = ben.comments().list(fileId=made["id"], fields="*").execute()["comments"]
    assert [(c["content"], c["replies"][0]["content"]) for c in got] == [("Why?", "Because.")]
    assert ben.comments().get(fileId=made["id"], commentId=said["id"], fields="*").execute()
    assert ben.replies().list(fileId=made["id"], commentId=said["id"], fields="*").execute()
    assert refused(ben.comments().list(fileId=made["id"])) == (400, "required")
    ann.permissions().delete(fileId=made["id"], permissionId=grant["id"]).execute()
    assert refused(ben.files().get(fileId=made["id"])) == (404, "notFound")
    folder = ann.files().create(body={"name": "F", "mimeType": FOLDER}).execute()["id"]
    ann.files().update(fileId=made["id"], addParents=folder, body={"name": "moved.md"}).execute()
    assert drive.files[made["id"]].parent == folder
    ann.files().update(fileId=made["id"], body={"trashed": True}).execute()
    assert ann.files().get(fileId=made["id"], fields="trashed").execute() == {"trashed": True}
    ann.files().delete(fileId=made["id"]).execute()
    assert made["id"] not in drive.files
    # What was written over the API is in the log, and comes back from it.
    assert "google.comment" in [entry["verb"] for entry in world.log]
