"""Where the oracle and the per-person API disagree about Google Drive."""

import json
from urllib.parse import urlencode

from simulator.google.api import API
from simulator.google.objects import SHORTCUT
from simulator.google.oracle import documents, readable, readable_by_link

WIDE = {"includeItemsFromAllDrives": "true", "supportsAllDrives": "true"}


def get(world, person, path, **query):
    target = path + "?" + urlencode(query) if query else path
    headers = {"authorization": f"Bearer {world.token_of(person)}"}
    reply = API.call(world, "GET", target, headers)
    content = reply.headers.get("Content-Type", "")
    return reply.status, json.loads(reply.body) if "json" in content else reply.body


def listed(world, person):
    """Ids that the person's own listings show, trash left out."""
    found = set()
    for corpora in ("allDrives", "domain"):
        token = None
        while True:
            more = {"pageToken": token} if token else {}
            status, said = get(
                world, person, "/drive/v3/files", corpora=corpora, q="trashed = false",
                pageSize=1000, fields="nextPageToken,files(id,mimeType)", **WIDE, **more,
            )  # fmt: skip
            if status == 401:
                return set()
            assert status == 200, said
            found |= {file["id"] for file in said["files"]}
            token = said.get("nextPageToken")
            if token is None:
                break
    return found


def opens(world, person, file_id):
    """Whether the person can fetch it and it is not in the trash."""
    status, said = get(
        world, person, f"/drive/v3/files/{file_id}", supportsAllDrives="true",
        fields="id,mimeType,trashed,shortcutDetails",
    )  # fmt: skip
    if status != 200 or said["trashed"]:
        return False
    if said["mimeType"] == SHORTCUT:
        return opens(world, person, said["shortcutDetails"]["targetId"])
    return True


def disagreements(world):
    found = []
    for person in world.directory.people.values():
        shown = listed(world, person.id)
        for document in documents(world):
            opened = opens(world, person.id, document.id)
            said = readable(world, person, document.id)
            if said != (document.id in shown and opened):
                found.append(("find", person.id, document, said))
            said = readable_by_link(world, person, document.id)
            if said != opened:
                found.append(("link", person.id, document, said))
    return found
