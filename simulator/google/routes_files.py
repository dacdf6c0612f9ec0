"""Drive v3: files."""

from __future__ import annotations

from simulator.clock import rfc3339
from simulator.google.api import API, error
from simulator.google.state import GoogleState
from simulator.google.view import Sight
from simulator.paging import cut
from simulator.wire import Call, Reply, reply_json


@API.get("/drive/v3/files", "files.list")
def list_files(call: Call) -> Reply:
    """files.list."""
    state = GoogleState.of(call.world)
    sight = Sight(state, call.person)
    files = [f for f in state.files.values() if sight.access(f).found >= 0]
    start = int(call.arg("pageToken") or 0)
    page = cut(call, files, start, call.number("pageSize", 100, 1000))
    rows = [
        {
            "kind": "drive#file",
            "id": f.id,
            "name": f.name,
            "mimeType": f.mime,
            "modifiedTime": rfc3339(f.modified),
        }
        for f in page.items
    ]
    said = {"kind": "drive#fileList", "incompleteSearch": False, "files": rows}
    if page.next is not None:
        said["nextPageToken"] = str(page.next)
    return reply_json(said)


@API.get("/drive/v3/files/{file_id}", "files.get")
def get_file(call: Call) -> Reply:
    """files.get."""
    state = GoogleState.of(call.world)
    file = state.files.get(call.params["file_id"])
    if file is None or Sight(state, call.person).access(file).opens < 0:
        return error(call, 404, "notFound", f"File not found: {call.params['file_id']}.")
    if call.arg("alt") == "media":
        return Reply(200, file.text.encode(), {"Content-Type": file.mime})
    return reply_json({"kind": "drive#file", "id": file.id, "name": file.name})
