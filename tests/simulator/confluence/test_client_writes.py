"""The official client writes to Confluence, and meets a bad day."""

import json

import pytest
import requests

from simulator.confluence.state import ConfluenceState
from tests.simulator.atlassian_client import status_of


def test_writing_a_draft_publishing_and_a_conflict(client, ids, running):
    bruno, chidi = client("person-bruno", 2), client("person-chidi", 2)
    space = next(s.id for s in ConfluenceState.of(running.world).spaces.values() if s.key == "ENG")
    made = bruno.create_page(space_id=space, title="Draft of mine", body="<p>a</p>", status="draft")
    page = made["id"]
    assert made["status"] == "draft"
    assert status_of(lambda: chidi.get(f"api/v2/pages/{page}?get-draft=true")) == 404
    body = {
        "id": page,
        "status": "current",
        "title": "Draft of mine",
        "body": {"representation": "storage", "value": "<p>a</p>"},
        "version": {"number": 1},
    }
    assert bruno.put(f"api/v2/pages/{page}", data=body)["status"] == "current"
    assert chidi.get(f"api/v2/pages/{page}")["version"]["number"] == 1
    newer = body | {"version": {"number": 2, "message": "more"}, "title": "Mine"}
    assert bruno.put(f"api/v2/pages/{page}", data=newer)["version"]["number"] == 2
    assert status_of(lambda: chidi.put(f"api/v2/pages/{page}", data=newer)) == 409
    old = client("person-chidi")
    older = {"type": "page", "title": "Mine", "version": {"number": 2}}
    older |= {"body": {"storage": {"value": "<p>b</p>", "representation": "storage"}}}
    assert status_of(lambda: old.put(f"rest/api/content/{page}", data=older)) == 409
    done = old.put(f"rest/api/content/{page}", data=older | {"version": {"number": 3}})
    assert done["version"]["number"] == 3
    double = {"type": "page", "title": "Mine", "space": {"key": "ENG"}}
    assert status_of(lambda: old.post("rest/api/content", data=double)) == 400
    child = old.post(
        "rest/api/content",
        data={
            "type": "page",
            "title": "Child",
            "space": {"key": "ENG"},
            "ancestors": [{"id": page}],
        },
    )
    assert [one["id"] for one in child["ancestors"]][-1] == page
    note = {"type": "comment", "container": {"id": page, "type": "page"}}
    note |= {"body": {"storage": {"value": "<p>n</p>", "representation": "storage"}}}
    assert old.post("rest/api/content", data=note)["type"] == "comment"
    footer = {"pageId": page, "body": {"representation": "storage", "value": "<p>f</p>"}}
    assert chidi.post("api/v2/footer-comments", data=footer)["pageId"] == page
    old.post(f"rest/api/content/{page}/label", data=[{"prefix": "global", "name": "mine"}])
    assert old.get(f"rest/api/content/{page}/label")["results"][0]["name"] == "mine"
    old.delete(f"rest/api/content/{page}/label/mine")
    old.put(f"rest/api/content/{page}/property/k", data={"key": "k", "value": {"a": 1}})
    assert old.get(f"rest/api/content/{page}/property/k")["value"] == {"a": 1}
    sent = old.request(
        "POST",
        f"rest/api/content/{page}/child/attachment",
        headers={"X-Atlassian-Token": "no-check"},
        files={"file": ("n.txt", b"bytes\r\nof it", "text/plain"), "comment": (None, "why")},
    ).json()
    assert sent["results"][0]["extensions"]["fileSize"] == 12
    # Sales people read nothing here, and people from product may not write.
    assert status_of(lambda: client("person-sven").get(f"rest/api/content/{page}")) == 404
    liam = client("person-liam")
    refused = status_of(
        lambda: liam.put(f"rest/api/content/{page}", data=older | {"version": {"number": 4}})
    )
    assert refused == 403
    old.delete(f"rest/api/content/{page}")
    assert status_of(lambda: old.get(f"rest/api/content/{page}")) == 404
    assert old.get(f"rest/api/content/{page}", params={"status": "trashed"})["status"] == "trashed"
    assert old.get(f"rest/api/content/{child['id']}")["ancestors"][-1]["id"] != page


def test_searches_lag_behind_writes(client, running):
    service, state = client(), ConfluenceState.of(running.world)

    def found(title):
        rows = service.get("rest/api/content/search", params={"cql": f'title = "{title}"'})
        return len(rows["results"])

    running.world.faults.add("search_lag", vendor="confluence", seconds=60)
    made = state.create_page(space="ENG", title="Fresh", author="ada")
    assert found("Fresh") == 0
    assert service.get(f"rest/api/content/{made}")["id"] == made
    running.world.time.advance(seconds=61)
    assert found("Fresh") == 1
    recent = {"cql": 'title = "Fresh" and lastmodified > now("-1m")'}
    state.edit(content=made, body="<p>new</p>")
    assert service.get("rest/api/content/search", params=recent)["results"] == []
    running.world.faults.clear()
    assert len(service.get("rest/api/content/search", params=recent)["results"]) == 1


def test_bad_days_look_like_confluences(client, running):
    faults = running.world.faults
    faults.add("rate_limit", vendor="confluence", endpoint="spaces.list", seconds=7)
    told = requests.get(  # the official client would wait and ask again
        f"{running.url}/wiki/rest/api/space", auth=("any", "service-confluence"), timeout=5
    )
    assert told.status_code == 429
    assert told.headers["Retry-After"] == "7"
    assert told.headers["X-RateLimit-Remaining"] == "0"
    faults.add("expired_cursor", vendor="confluence")
    following = client().get("api/v2/pages?limit=2")["_links"]["next"]
    assert status_of(lambda: client().get(running.url + following, absolute=True)) == 400
    faults.add("cut_short", vendor="confluence", endpoint="content.search")
    cut = client().get("rest/api/content/search", params={"cql": "type=page", "limit": 3})
    assert "next" not in cut["_links"]
    faults.clear()


def test_the_validation_would_notice(running, published, client):
    """A response that is not as published fails the test that asked for it."""
    response = client().get("api/v2/spaces?limit=1", advanced_mode=True)
    broken = response.json()
    broken["results"][0]["homepageId"] = 7
    response._content = json.dumps(broken).encode()
    with pytest.raises(AssertionError, match="homepageId"):
        published.check(response)
