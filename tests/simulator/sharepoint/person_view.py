"""What a person finds through the API: every document that some listing shows them."""

import json

from simulator.sharepoint.graph import API as GRAPH


def ask(world, token, path, method="GET", body=b"", **headers):
    """One request to Graph, in process; tells status and JSON."""
    sent = {"authorization": f"Bearer {token}"} if token else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    reply = GRAPH.call(world, method, f"/v1.0{path}", sent, body)
    return reply.status, (json.loads(reply.body) if reply.body else None)


def every(world, token, path, **headers):
    """The rows of all pages; none where the caller is refused."""
    rows = []
    while path:
        status, said = ask(world, token, path, **headers)
        if status != 200:
            return []
        rows += said["value"]
        path = said.get("@odata.nextLink", "").removeprefix("/v1.0")
    return rows


def found_by(world, person):
    """Ids of the documents that a person's token finds by walking everything listed."""
    token, found = world.token_of(person), set()
    for site in every(world, token, "/sites?search=*"):
        home = f"/sites/{site['id']}"
        for drive in every(world, token, f"{home}/drives"):
            items = every(world, token, f"/drives/{drive['id']}/root/delta")
            found |= {item["id"] for item in items if "file" in item}
        for one in every(world, token, f"{home}/lists"):
            if one["list"]["template"] == "genericList":
                path = f"{home}/lists/{one['id']}/items?$select=id,sharepointIds"
                items = every(world, token, path)
                found |= {item["sharepointIds"]["listItemUniqueId"] for item in items}
        found |= {page["id"] for page in every(world, token, f"{home}/pages")}
    return found
