"""Nonsense gets an error of the vendor's, never a broken server."""

import json
import random

import pytest

from simulator.sharepoint.entra import API as ENTRA
from simulator.sharepoint.graph import API as GRAPH
from simulator.sharepoint.ids import HOST, TENANT
from simulator.sharepoint.rest import API as REST
from simulator.sharepoint.state import SharePointState
from tests.simulator.sharepoint.person_view import found_by
from tests.simulator.sharepoint.worlds import office

TOKENS = ("service-sharepoint", "person-ana", "person-gus", "person-off", "rubbish", "")
QUERIES = (
    "",
    "$top=0",
    "$top=x",
    "$top=2&$count=true",
    "$skip=x",
    "$skiptoken=x",
    "$skiptoken=bnVsbA",
    "$deltatoken=bnVsbA",
    "token=x",
    "token=e30",
    "token=latest",
    "token=2026-99-99T00:00",
    "$select=,,",
    "$filter=a",
    "$filter=id eq 1",
    "$expand=fields($select=",
    "$orderby=x desc, y",
    "search=",
    "$search=%22displayName:a%22",
)
BODIES = (
    None,
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"requests": [1]}',
    b'{"name": 3}',
)


def pieces(world):
    sp = SharePointState.of(world)
    site = sp.site("/sites/crew")
    library = next(sp.lists_of(site.id, "documentLibrary"))
    item = next(i for i in sp.items.values() if i.kind == "file")
    page = next(i for i in sp.items.values() if i.kind == "page")
    link = sp.share(item=item.id, scope="organization")
    return {
        "site": (f"{HOST},{site.collection.id},{site.id}", "root", "none", f"{HOST}:/sites/crew:"),
        "drive": (library.drive, "none"),
        "item": (item.id, library.root, "root", "none", "1", "root:/a/b:", "root::", item.unique),
        "list": (library.id, "Risks", "none", "Site Pages"),
        "page": (page.id, item.id, "none"),
        "id": ("none", TENANT),
        "cast": ("microsoft.graph.user", "microsoft.graph.group", "graph.user", "x"),
        "permission": (link, "none"),
        "share": ("none", sp.links[link].secret, "u!x"),
        "words": ("tide", ""),
        "web": ("sites/crew", "sites/none", ""),
        "number": ("3", "x"),
        "group": ("3", "Crew Owners", "x"),
        "name": ("evidence.txt", "x"),
        "logon": ("ana@saltmarsh.example", "x"),
        "tenant": (TENANT, "none"),
    }


def filled(template, values, rng):
    for name, options in values.items():
        template = template.replace(f"{{{name}}}", rng.choice(options))
    return template


@pytest.mark.parametrize("api", [GRAPH, REST, ENTRA], ids=["graph", "rest", "entra"])
def test_nonsense(api):
    world, rng = office(), random.Random(1)
    values, failed = pieces(world), []
    for _ in range(40):
        for method, path, _ in api.endpoints:
            target = filled(path, values, rng)
            if api is REST and not path.startswith("/_layouts"):
                site, _, rest = target[1:].partition("/web")
                target = f"/{site}/_api/web{rest}".replace("//", "/")
                if rng.random() < 0.3:
                    target = f"{target}('{rng.choice(list(values))}"
            query = rng.choice(QUERIES)
            headers = {"accept": rng.choice(("application/json", "application/json;odata=verbose"))}
            if token := rng.choice(TOKENS):
                headers["authorization"] = f"Bearer {token}"
            headers["prefer"] = rng.choice(("", "deltashowsharingchanges", "redeemSharingLink"))
            body = rng.choice(BODIES) if method in ("POST", "PATCH", "PUT") else b""
            full = f"{target}?{query}" if query else target
            try:
                reply = api.call(world, method, full, headers, body or b"")
            except Exception as broken:  # noqa: BLE001
                failed.append((method, full, body, repr(broken)))
                continue
            assert reply.status < 500
            kind = reply.headers.get("Content-Type", "")
            if reply.body and kind.startswith("application/json"):
                json.loads(reply.body)
    assert failed == [], failed


def test_a_bad_day_shows_no_one_more():
    world = office()
    whole = {person: found_by(world, person) for person in ("ana", "gus")}
    world.faults.bad_day(0.2, vendor="sharepoint")
    for _ in range(20):
        for person, theirs in whole.items():
            assert found_by(world, person) <= theirs
    assert len({line.kind for line in world.faults.log}) > 8
    world.faults.clear()
    assert {person: found_by(world, person) for person in whole} == whole
