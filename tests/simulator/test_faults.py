import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from simulator.embedded import serve
from simulator.faults import FaultKind
from simulator.google.state import GoogleState
from simulator.world import World

LIST = "/google/drive/v3/files"


@pytest.fixture
def world():
    world = World(5)
    world.directory.add_person(id="ann", name="Ann")
    for n in range(9):
        GoogleState.of(world).create(name=f"File {n}", owner="ann")
    return world


@pytest.fixture
def running(world):
    with serve(world) as server:
        yield server


@pytest.fixture
def ask(running):
    with httpx.Client(
        base_url=running.url, headers={"Authorization": "Bearer person-ann"}, timeout=10
    ) as client:
        yield lambda path=LIST, **query: client.get(path, params=query)


def ids(ask):
    """What a client that trusts the pages reads, up to ten of them."""
    found, token = [], None
    for _ in range(10):
        said = ask(pageSize=4, **({"pageToken": token} if token else {})).json()
        found += [file["name"] for file in said["files"]]
        token = said.get("nextPageToken")
        if token is None:
            break
    return found


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [
        ("rate_limit", {"seconds": 7}, 429),
        ("secondary_limit", {}, 403),
        ("server_error", {"status": 500}, 500),
        ("server_error", {"status": 502}, 502),
        ("server_error", {}, 503),
        ("unauthorized", {"after": 1}, 401),
        ("forbidden", {}, 403),
    ],
)
def test_statuses(world, ask, kind, options, status):
    world.faults.add(kind, vendor="google", endpoint="files.*", **options)
    seen = [ask() for _ in range(3)]
    assert [r.status_code for r in seen].count(status) == 1
    hit = seen[options.get("after", 0)]
    assert hit.status_code == status
    assert hit.json()["error"]["code"] == status
    if kind == "rate_limit":
        assert hit.headers["Retry-After"] == "7"
    (line,) = world.faults.struck()
    assert (line.kind, line.vendor, line.endpoint, line.who) == (
        kind,
        "google",
        "files.list",
        "ann",
    )
    assert [r.fault for r in world.requests].count(kind) == 1


def test_retry_after_as_a_date(world, ask):
    world.faults.add("rate_limit", seconds=60, as_date=True)
    until = parsedate_to_datetime(ask().headers["Retry-After"])
    assert 50 < (until - datetime.now(UTC)).total_seconds() <= 61


def test_one_object_is_forbidden(world, ask):
    first, second = [f for f in GoogleState.of(world).files if f.startswith("1")][:2]
    world.faults.add("forbidden", match=first, times=None)
    assert ask(f"{LIST}/{first}").status_code == 403
    assert ask(f"{LIST}/{second}").status_code == 200
    assert ask(f"{LIST}/{first}").status_code == 403


def test_broken_bodies(world, ask):
    world.faults.add("reset")
    with pytest.raises(httpx.RemoteProtocolError):
        ask()
    world.faults.add("truncated_json")
    cut = ask()
    assert cut.status_code == 200
    with pytest.raises(ValueError):
        cut.json()
    assert len(ask().json()["files"]) == 9


@pytest.mark.parametrize("kind", ["slow_first_byte", "slow_drip"])
def test_slowness(world, ask, kind):
    world.faults.add(kind, seconds=0.4)
    began = time.monotonic()
    assert len(ask().json()["files"]) == 9
    assert time.monotonic() - began >= 0.35
    assert ask().elapsed.total_seconds() < 0.3


def test_listings_that_lie(world, ask):
    whole = ids(ask)
    assert len(whole) == len(set(whole)) == 9
    world.faults.add("cut_short", after=1)
    assert ids(ask) == whole[:8]
    world.faults.add("duplicate_across_pages")
    assert ids(ask) == [*whole[:4], *whole[3:]]
    world.faults.add("item_moves")
    assert ids(ask) == [*whole[:4], *whole[5:]]
    world.faults.add("repeated_page_token")
    assert ids(ask) == [*whole[:4], *whole]
    world.faults.add("incomplete_search")
    said = ask().json()
    assert said["incompleteSearch"]
    assert len(said["files"]) < 9
    assert len(world.faults.struck()) == 5


def test_an_expired_cursor(world, ask):
    world.faults.add("expired_cursor")
    assert ask("/google/drive/v3/changes", pageToken="1").status_code == 410
    assert ask("/google/drive/v3/changes", pageToken="1").status_code == 200


def test_search_lags_behind_writes(world, ask):
    world.time.advance(seconds=100)
    world.faults.add("search_lag", vendor="google", seconds=30)
    made = GoogleState.of(world).create(name="New", owner="ann")
    assert len(ask().json()["files"]) == 9
    assert ask(f"{LIST}/{made}").status_code == 200
    world.time.advance(seconds=31)
    assert len(ask().json()["files"]) == 10


def test_clock_skew(world, ask):
    world.faults.add("clock_skew", seconds=-600)
    off = datetime.now(UTC) - parsedate_to_datetime(ask().headers["Date"])
    assert 590 < off.total_seconds() < 610


def test_a_bad_day_is_the_same_under_the_same_seed(running):
    def day():
        world = World(11)
        world.directory.add_person(id="ann", name="Ann")
        world.faults.bad_day(0.1, seconds=0)
        return world

    def struck(world):
        from simulator.google.api import API

        for _ in range(200):
            API.call(world, "GET", "/drive/v3/files", {"authorization": "Bearer person-ann"})
        return [(line.number, line.kind) for line in world.faults.struck()]

    first, second = struck(day()), struck(day())
    assert first == second
    assert len({kind for _, kind in first}) > 5


def test_faults_over_http(running, ask):
    body = {"kind": "server_error", "status": 500, "endpoint": "files.list"}
    assert httpx.post(running.url + "/_world/faults", json=body).status_code == 200
    assert ask().status_code == 500
    said = httpx.get(running.url + "/_world/faults").json()
    assert [line["kind"] for line in said["log"]] == ["server_error"]
    assert httpx.post(running.url + "/_world/faults", json={"kind": "rain"}).status_code == 400
    assert httpx.delete(running.url + "/_world/faults").json()["plan"] == []


def test_faults_reach_the_parts_of_a_batch(world, running):
    world.faults.add("rate_limit", endpoint="files.list", seconds=3)
    world.faults.add("reset", endpoint="files.list")
    part = "--b\r\nContent-Type: application/http\r\nContent-ID: <1>\r\n\r\nGET {} HTTP/1.1\r\n\r\n"
    body = part.format("/google/drive/v3/files") * 2 + "--b--\r\n"
    headers = {
        "Authorization": "Bearer person-ann", "Content-Type": "multipart/mixed; boundary=b",
    }  # fmt: skip
    said = httpx.post(running.url + "/google/batch/drive/v3", content=body, headers=headers)
    assert said.status_code == 200
    assert "HTTP/1.1 429" in said.text
    assert "Retry-After: 3" in said.text
    assert "HTTP/1.1 200 OK" in said.text
    # A part has no connection that could break: that fault waits for a call of its own.
    assert [line.kind for line in world.faults.struck()] == ["rate_limit"]


def test_every_kind_is_known():
    assert len(FaultKind) == 18
