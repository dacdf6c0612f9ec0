"""The official client against Confluence: only its address and credentials differ."""

import pytest
import requests

from simulator.atlassian.accounts import account_id, group_id
from simulator.confluence.state import ConfluenceState
from simulator.oracle import documents, readable
from tests.simulator.atlassian_client import status_of
from tests.simulator.atlassian_schema import UNPUBLISHED

EXPAND = (
    "body.storage,ancestors,version,history.lastUpdated,space.permissions,metadata.labels,"
    "restrictions.read.restrictions.user,restrictions.read.restrictions.group,"
    "restrictions.update.restrictions.user,restrictions.update.restrictions.group,"
    "children.page,children.comment.body.storage,children.attachment.version"
)


def pages_of(client, path, **params):
    """Every result of a v1 listing, by its next links below ``/wiki``."""
    found, page = [], client.get(path, params=params)
    while True:
        found += page["results"]
        following = page["_links"].get("next")
        if following is None:
            return found
        page = client.get(page["_links"]["base"] + following, absolute=True)


def test_search_pages_with_expansions(client, running):
    service = client()
    cql = "type in (page, blogpost) order by lastmodified desc"
    found = pages_of(service, "rest/api/content/search", cql=cql, expand=EXPAND, limit=20)
    state = ConfluenceState.of(running.world)
    current = {one.id for one in state.contents.values() if one.status == "current"}
    assert [row["id"] for row in found] == list(dict.fromkeys(row["id"] for row in found))
    assert {row["id"] for row in found} == current
    times = [row["version"]["when"] for row in found]
    assert times == sorted(times, reverse=True)
    travel = next(row for row in found if row["title"] == "Travel policy 2026")
    assert travel["body"]["storage"]["value"].startswith("<ac:structured-macro")
    assert [row["title"] for row in travel["ancestors"]] == ["People home"]
    assert {row["name"] for row in travel["metadata"]["labels"]["results"]} == {
        "policy",
        "canonical",
    }
    assert travel["children"]["attachment"]["results"][0]["title"] == "travel-rates-2026.csv"


@pytest.mark.parametrize(
    ("cql", "titles"),
    [
        ('space = "BOARD" and type = page', {"Board pack, May 2026", "Minutes, 24 February 2026"}),
        ("label = heron and title ~ power", {"Heron power budget"}),
        ('space in (OPS) and text ~ "break-glass"', {"Access to production"}),
        (
            'space = OPS and type = page and lastmodified >= "2026-05-18 00:00"',
            {"Incident 2026-05-17: readings an hour late"},
        ),
        ('type = blogpost and created > "2026/05/01"', {"Firmware 4.12 is at sea"}),
    ],
)
def test_cql(client, cql, titles):
    found = client().get("rest/api/search", params={"cql": cql})
    homes = {row["title"] for row in found["results"] if row["title"].endswith(" home")}
    assert {row["title"] for row in found["results"]} - homes == titles
    assert status_of(lambda: client().get("rest/api/search", params={"cql": "colour = red"})) == 400


def test_cql_dates_are_read_in_the_callers_zone(client, running):
    """On-call handbook was edited at 11:20 UTC, 12:20 in Dublin."""
    state = ConfluenceState.of(running.world)

    def found(text):
        cql = f'space = OPS and title ~ "handbook" and lastmodified > "{text}"'
        return len(client().get("rest/api/content/search", params={"cql": cql})["results"])

    assert (found("2026-04-15 12:19"), found("2026-04-15 12:21")) == (1, 0)
    state.set_time_zone(zone="UTC")
    try:
        assert (found("2026-04-15 11:19"), found("2026-04-15 12:19")) == (1, 0)
    finally:
        state.set_time_zone(zone="Europe/Dublin")


def test_content_endpoints(client, ids, published, running):
    service, page = client(), ids["Incident 2026-05-17: readings an hour late"]
    got = service.get(f"rest/api/content/{page}", params={"expand": EXPAND})
    assert got["space"]["key"] == "OPS"
    said = service.get(f"rest/api/content/{page}/child/comment", params={"expand": "body.storage"})
    assert "Tern-Eider-4471" in str(said)
    deep = service.get(
        f"rest/api/content/{ids['People home']}/descendant/page", params={"limit": 3}
    )
    assert deep["size"] == 3
    assert "next" in deep["_links"]
    older = service.get(
        f"rest/api/content/{ids['Calibrating an SM-4']}",
        params={"status": "any", "version": 1, "expand": "body.storage,version"},
    )
    assert "the last time hot" not in older["body"]["storage"]["value"]
    for path in (
        "content",
        f"content/{page}/history",
        f"content/{page}/version",
        f"content/{page}/label",
        f"content/{ids['Closing the year 2024']}/property",
        f"content/{ids['Closing the year 2024']}/property/reviewed",
        f"content/{ids['Travel policy 2026']}/child/attachment",
        f"content/{ids['People home']}/child/page",
        "space",
        "space/ENG/content/page",
        "settings/systemInfo",
    ):
        assert service.get(f"rest/api/{path}")
    files = service.get(f"rest/api/content/{ids['Travel policy 2026']}/child/attachment")
    address = files["_links"]["base"] + files["results"][0]["_links"]["download"]
    held = service.get(address, absolute=True, not_json_response=True)
    assert held.startswith(b"city,per_diem_eur")
    assert len(published.checked) >= 13


def test_only_direct_restrictions_are_told_and_in_pages(client, running, ids):
    service, state = client(), ConfluenceState.of(running.world)
    below = service.get(f"rest/api/content/{ids['Heron power budget']}/restriction")
    assert below["results"] == []
    quotes = ids["Heron supplier quotes"]
    whole = service.get(f"rest/api/content/{quotes}/restriction/byOperation/read")
    people = whole["restrictions"]["user"]["results"]
    assert [one["accountId"] for one in people] == [
        account_id(one) for one in ("gael", "emil", "ingrid", "tomas")
    ]
    path = f"rest/api/content/{quotes}/restriction/byOperation/read"
    second = service.get(path, params={"start": 3, "limit": 2})["restrictions"]
    assert [one["accountId"] for one in second["user"]["results"]] == [account_id("tomas")]
    brief = service.get(
        f"rest/api/content/{ids['SM-5 Heron: design brief']}/restriction/byOperation"
    )
    groups = brief["read"]["restrictions"]["group"]["results"]
    assert [one["id"] for one in groups] == [
        group_id(g) for g in ("firmware", "product", "leadership")
    ]
    update = service.get(f"rest/api/content/{ids['Access to production']}/restriction")
    assert [row["operation"] for row in update["results"]] == ["update"]
    made = state.create_page(space="ENG", title="Many readers", author="ada")
    for number in range(230):
        running.world.directory.add_person(id=f"reader{number}", name=f"Reader {number}")
        state.restrict(content=made, type="user", subject=f"reader{number}")
    expanded = service.get(
        f"rest/api/content/{made}", params={"expand": "restrictions.read.restrictions.user"}
    )
    assert expanded["restrictions"]["read"]["restrictions"]["user"]["size"] == 200
    path = f"rest/api/content/{made}/restriction/byOperation/read"
    rest = service.get(path, params={"start": 200, "limit": 200})
    assert rest["restrictions"]["user"]["size"] == 30


def test_restrictions_are_changed_and_audited(client, running, ids):
    page, tomas = ids["Coding conventions"], client("person-tomas")
    path = f"rest/api/content/{page}/restriction"
    line = {
        "operation": "read",
        "restrictions": {
            "user": [{"type": "known", "accountId": account_id("bruno")}],
            "group": [{"type": "group", "name": "platform"}],
        },
    }
    tomas.post(path, data=[line])
    assert status_of(lambda: client("person-hana").get(f"rest/api/content/{page}")) == 404
    assert client("person-dagny").get(f"rest/api/content/{page}")["id"] == page
    # Who restricted it without naming himself has shut himself out.
    assert status_of(lambda: tomas.get(path)) == 404
    client().delete(f"{path}/byOperation/read/byGroupId/{group_id('platform')}")
    assert status_of(lambda: client("person-dagny").get(f"rest/api/content/{page}")) == 404
    user = f"{path}/byOperation/read/user"
    client().put(user, params={"accountId": account_id("hana")})
    assert client("person-hana").get(f"rest/api/content/{page}")["id"] == page
    client().delete(path)
    assert tomas.get(path)["results"] == []
    records = client().get("rest/api/audit", params={"searchString": "Coding conventions"})
    assert [row["summary"] for row in records["results"]][-1] == "Content restriction added"
    assert {row["category"] for row in records["results"]} == {"Permissions"}
    first = records["results"][-1]
    assert first["author"]["accountId"] == account_id("tomas")
    assert first["affectedObject"] == {"name": "Coding conventions", "objectType": "Page"}
    since = first["creationDate"] + 1
    later = client().get("rest/api/audit", params={"startDate": since})
    assert len(later["results"]) < len(client().get("rest/api/audit")["results"])
    assert status_of(lambda: client("person-ada").get("rest/api/audit")) == 403


def test_space_permissions_in_both_versions(client, running):
    service = client()
    space = service.get("rest/api/space/HELP", params={"expand": "permissions,homepage,history"})
    anonymous = [one for one in space["permissions"] if one["anonymousAccess"]]
    assert [one["operation"] for one in anonymous] == [{"operation": "read", "targetType": "space"}]
    newer = client(version=2)
    listed = list(newer._get_paged(f"api/v2/spaces/{space['id']}/permissions", {"limit": 5}))
    assert [str(one["id"]) for one in space["permissions"]] == [one["id"] for one in listed]
    groups = {
        one["principal"]["id"]
        for one in listed
        if one["principal"]["type"] == "group" and one["operation"]["key"] == "create"
    }
    assert groups == {group_id("product"), group_id("support")}
    made = service.post(
        "rest/api/space/FIN/permission",
        data={
            "subject": {"type": "group", "identifier": group_id("board")},
            "operation": {"key": "read", "target": "space"},
        },
    )
    assert client("person-helga").get("rest/api/space/FIN")["key"] == "FIN"
    service.delete(f"rest/api/space/FIN/permission/{made['id']}")
    assert status_of(lambda: client("person-helga").get("rest/api/space/FIN")) == 404
    assert newer.get("api/v2/space-permissions")["results"]


def test_asking_what_someone_may_do(client, running, ids):
    """The service's check for a person says what the person would get."""

    def may(who, page, operation="read", kind="user", asker="service-confluence"):
        name = account_id(who) if kind == "user" else group_id(who)
        body = {"subject": {"type": kind, "identifier": name}, "operation": operation}
        path = f"rest/api/content/{page}/permission/check"
        return client(asker).post(path, data=body)["hasPermission"]

    for title in ("Heron power budget", "Access to production", "Exporting readings"):
        for who in ("freya", "dagny", "sven", "otto", "kurt", "nora"):
            document = next(
                one for one in documents(running.world, "confluence") if one.title == title
            )
            assert may(who, document.id) == readable(running.world, who, document)
    policy = ids["Access to production"]
    assert may("dagny", policy)
    assert not may("dagny", policy, "update")
    assert may("dagny", ids["On-call handbook"], "update", asker="person-dagny")
    assert may("everyone", ids["Boat safety"], kind="group")
    # Groups are flat: platform by itself has no access to the product.
    assert not may("platform", policy, kind="group")
    assert status_of(lambda: may("wanda", policy, asker="person-dagny")) == 403
    assert status_of(lambda: may("dagny", ids["Budget 2026"], asker="person-dagny")) == 404


def test_groups_are_flat_and_emails_may_be_hidden(client, running):
    service = client()
    groups = pages_of(service, "rest/api/group", limit=7)
    assert len(groups) == len(running.world.directory.groups)
    everyone = next(one["id"] for one in groups if one["name"] == "engineering")
    members = pages_of(service, f"rest/api/group/{everyone}/membersByGroupId", limit=4)
    names = {one["displayName"] for one in members}
    assert {"Tomás Iglesias", "Ada Byrne", "Nils Aas"} <= names
    assert len(members) == len(names)
    by_name = {one["displayName"]: one for one in members}
    assert by_name["Ivo Marković"]["email"] == ""
    assert by_name["Ada Byrne"]["email"] == "ada@saltmarsh.example"
    # A cycle of groups ends.
    field = service.get("rest/api/group/by-name", params={"name": "field-ops"})
    crew = service.get(f"rest/api/group/{field['id']}/membersByGroupId")
    assert {one["displayName"] for one in crew["results"]} >= {"Viktor Holm", "Xavi Pons"}
    assert service.get("rest/api/group/by-id", params={"id": field["id"]}) == field
    assert service.get("rest/api/group/member", params={"name": "legal"})["size"] == 1
    me = client("person-ivo").get("rest/api/user/current")
    assert me["email"] == "ivo@saltmarsh.example"
    one = service.get("rest/api/user", params={"accountId": account_id("nora")})
    assert one["displayName"] == "Former user"
    many = [account_id(one) for one in ("ada", "ivo")]
    assert service.get("rest/api/user/bulk", params={"accountId": many})["size"] == 2
    mine = service.get("rest/api/user/memberof", params={"accountId": account_id("dagny")})
    assert {"everyone", "engineering", "cloud"} <= {one["name"] for one in mine["results"]}
    assert service.get("rest/api/user/anonymous")["type"] == "anonymous"


def test_second_version_with_cursors(client, running, ids, published):
    service = client(version=2)
    state = ConfluenceState.of(running.world)
    found = list(service._get_paged("api/v2/pages", {"limit": 9, "body-format": "storage"}))
    shown = {c.id for c in state.contents.values() if c.kind == "page" and c.status in _SHOWN}
    assert {row["id"] for row in found} == shown
    page = ids["Architecture of Tideline"]
    got = service.get_page_by_id(page, body_format="atlas_doc_format")
    assert got["body"]["atlas_doc_format"]["value"].startswith('{"version": 1')
    space = service.get_space(got["spaceId"])
    assert space["key"] == "ENG"
    answer = service.get("api/v2/pages", params={"limit": 2}, advanced_mode=True)
    assert 'rel="next"' in answer.headers["Link"]
    assert answer.json()["_links"]["next"].startswith("/wiki/api/v2/pages?")
    children = service.get_child_pages(page)
    assert "Gateway migration plan" in {row["title"] for row in children}
    for path in (
        "ancestors",
        "children",
        "labels",
        "versions",
        "properties",
        "attachments",
        "footer-comments",
        "inline-comments",
    ):
        assert "results" in service.get(f"api/v2/pages/{page}/{path}", params={"limit": 1})
    inline = service.get(f"api/v2/pages/{page}/inline-comments")["results"]
    assert inline[0]["properties"]["inlineOriginalSelection"] == "ten minutes"
    above = service.get(f"api/v2/pages/{page}/ancestors")["results"]
    assert [one["id"] for one in above] == [ids["Engineering home"]]
    blog = ids["The year ahead"]
    for path in (
        "blogposts",
        f"blogposts/{blog}",
        f"blogposts/{blog}/labels",
        "footer-comments",
        "inline-comments",
        f"footer-comments/{next(iter(state.comments))}",
        f"footer-comments/{next(iter(state.comments))}/children",
        "attachments",
        f"attachments/{next(iter(state.attachments))}",
        f"spaces/{got['spaceId']}/pages",
        f"spaces/{got['spaceId']}/blogposts",
    ):
        assert service.get(f"api/v2/{path}")
    assert service.get("api/v2/spaces", params={"keys": "ENG,HR"})["_links"]["base"].endswith(
        "/wiki"
    )
    assert status_of(lambda: service.get("api/v2/pages?cursor=rubbish")) == 400
    told = {path for _, path in published.unknown}
    assert all("/direct-children" in path for path in told)
    assert UNPUBLISHED


_SHOWN = ("current", "archived")


def test_an_ordinary_person_gets_what_is_theirs(client, ids):
    petra = client("person-petra")
    found = pages_of(petra, "rest/api/content/search", cql="type = page", limit=5)
    assert {row["title"] for row in found} == {
        "Brightwell home",
        "Brightwell: new dashboard, scope",
        "Brightwell: review of the first designs",
        "Help centre home",
        "Reading a turbidity chart",
        "Why are my readings late?",
        "Exporting readings",
    }
    hidden = ids["Brightwell: what we think of the invoice"]
    assert status_of(lambda: petra.get(f"rest/api/content/{hidden}")) == 404
    assert status_of(lambda: client("person-otto").get("rest/api/space")) == 403
    assert status_of(lambda: client("person-kurt").get("rest/api/space")) == 401
    mine = client("person-pilar").get(
        f"api/v2/pages/{ids['Hiring plan, second half']}?get-draft=true"
    )
    assert mine["status"] == "draft"


def test_people_without_an_account(running, published):
    with requests.Session() as session:
        session.hooks["response"].append(published.check)
        spaces = session.get(f"{running.url}/wiki/rest/api/space").json()
        assert [one["key"] for one in spaces["results"]] == ["HELP"]
        found = session.get(f"{running.url}/wiki/rest/api/content/search?cql=type=page").json()
        assert {row["title"] for row in found["results"]} >= {"Exporting readings"}
        state = ConfluenceState.of(running.world)
        state.allow_anonymous(allowed=False)
        try:
            assert session.get(f"{running.url}/wiki/rest/api/space").status_code == 401
        finally:
            state.allow_anonymous(allowed=True)
