"""A client that waits, asks again and checks what it got survives any bad day."""

import time

import pytest
import requests

from simulator.confluence.state import ConfluenceState
from simulator.embedded import serve
from simulator.faults import FaultKind
from simulator.jira.state import JiraState
from simulator.world import World

LISTING = (
    FaultKind.REPEATED_PAGE_TOKEN,
    FaultKind.DUPLICATE_ACROSS_PAGES,
    FaultKind.ITEM_MOVES,
    FaultKind.CUT_SHORT,
)
"""Those that no single answer gives away."""


@pytest.fixture
def running():
    with serve(World.company()) as server:
        yield server


def persist(session, method, url, **given):
    for _ in range(40):
        try:
            answer = session.request(method, url, timeout=5, **given)
            if answer.status_code == 200:
                return answer.json()
            assert answer.status_code in (400, 401, 403, 429, 500, 502, 503)
            if answer.status_code == 400:
                return None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, ValueError):
            time.sleep(0.01)
    raise AssertionError(f"{url} never answered")


def pages(running, session):
    url = f"{running.url}/wiki/api/v2/pages?limit=6"
    for _ in range(200):
        page = persist(session, "GET", url)
        if page is None:
            url = f"{running.url}/wiki/api/v2/pages?limit=6"
            continue
        yield from page["results"]
        if "next" not in page["_links"]:
            return
        url = running.url + page["_links"]["next"]
    raise AssertionError("the listing never ended")


def issues(running, session):
    given = {"jql": "created > 2020-01-01 order by key", "maxResults": 6}
    for _ in range(200):
        page = persist(session, "POST", f"{running.url}/rest/api/3/search/jql", json=given)
        if page is None:
            given.pop("nextPageToken")
            continue
        yield from page["issues"]
        if page["isLast"]:
            return
        given["nextPageToken"] = page["nextPageToken"]
    raise AssertionError("the search never ended")


def test_everything_is_found_in_the_end(running):
    world = running.world
    world.faults.bad_day(0.12, seconds=0.02)
    for fault in list(world.faults.plan):
        if fault.kind in LISTING:
            world.faults.plan.remove(fault)
    contents = ConfluenceState.of(world).contents.values()
    shown = {c.id for c in contents if c.kind == "page" and c.status in ("current", "archived")}
    with requests.Session() as session:
        session.auth = ("any", "service-confluence")
        assert {row["id"] for row in pages(running, session)} == shown
    with requests.Session() as session:
        session.auth = ("any", "service-jira")
        assert {row["id"] for row in issues(running, session)} == set(JiraState.of(world).issues)
    assert len({line.kind for line in world.faults.struck()}) >= 6


@pytest.mark.parametrize("kind", LISTING)
def test_listings_go_wrong_as_planned(running, kind):
    world = running.world
    with requests.Session() as session:
        session.auth = ("any", "service-confluence")
        whole = [row["id"] for row in pages(running, session)]
        world.faults.add(kind, vendor="confluence", after=1)
        got = [row["id"] for row in pages(running, session)]
    assert [line.kind for line in world.faults.struck()] == [kind]
    if kind in (FaultKind.REPEATED_PAGE_TOKEN, FaultKind.DUPLICATE_ACROSS_PAGES):
        assert len(got) > len(set(got))
        assert set(got) == set(whole)
    else:
        assert set(got) < set(whole)
