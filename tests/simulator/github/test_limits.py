"""Limits, conditional requests, long lists, and the bad day."""

import time

import github
import httpx
import pytest

from simulator.embedded import serve
from simulator.faults import FaultKind
from simulator.world import Token, World

ORG = "saltmarsh"


@pytest.fixture
def running():
    with serve(World.company()) as server:
        yield server


@pytest.fixture(scope="module")
def wire():
    with httpx.Client() as shared:
        yield shared


@pytest.fixture
def get(running, wire):
    def ask(path, person="dagny", **headers):
        token = f"service-{person}" if person == "github" else running.token(person)
        shown = {"Authorization": f"Bearer {token}"} if person else {}
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        return wire.get(f"{running.url}/github{path}", headers=shown | named)

    return ask


def test_the_hourly_limit(running, client, get):
    running.world.do("github.set_limits", core=5)
    first = get("/repos/saltmarsh/handbook")
    assert first.headers["x-ratelimit-limit"] == "5"
    assert first.headers["x-ratelimit-remaining"] == "4"
    assert first.headers["x-ratelimit-resource"] == "core"
    assert int(first.headers["x-ratelimit-reset"]) > time.time()
    for _ in range(4):
        assert get("/repos/saltmarsh/handbook").status_code == 200
    over = get("/repos/saltmarsh/handbook")
    assert over.status_code == 403
    assert over.headers["x-ratelimit-remaining"] == "0"
    with pytest.raises(github.RateLimitExceededException):
        client("dagny").get_repo("saltmarsh/handbook")
    assert get("/rate_limit").json()["rate"]["remaining"] == 0
    assert get("/repos/saltmarsh/handbook", "ada").status_code == 200


def test_strangers_have_sixty(get):
    answers = [get("/repos/saltmarsh/buoy-sdk", "") for _ in range(61)]
    assert {a.status_code for a in answers[:60]} == {200}
    assert answers[60].status_code == 403
    assert get("/user", "").status_code == 403


def test_strangers_see_what_is_public(get):
    assert get("/repos/saltmarsh/handbook", "").status_code == 404
    names = [r["name"] for r in get("/orgs/saltmarsh/repos", "").json()]
    assert names == ["buoy-sdk"]
    assert get("/user", "").status_code == 401


def test_conditional_requests_cost_nothing(get):
    path = "/repos/saltmarsh/ingest/issues?state=all"
    first = get(path)
    tag = first.headers["etag"]
    again = get(path, If_None_Match=tag)
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    assert get(path, If_None_Match='W/"other"').status_code == 200


def test_an_edit_changes_the_tag(running, get):
    path = "/repos/saltmarsh/ingest/issues/1"
    tag = get(path).headers["etag"]
    running.world.do("github.edit_issue", repo="saltmarsh/ingest", number=1, title="New")
    assert get(path, If_None_Match=tag).status_code == 200


def test_link_headers(get):
    path = "/orgs/saltmarsh/members?per_page=7"
    first = get(path)
    assert set(first.links) == {"next", "last"}
    seen = [m["login"] for m in first.json()]
    at = first
    while "next" in at.links:
        at = httpx.get(at.links["next"]["url"], headers={"Authorization": "Bearer person-dagny"})
        seen += [m["login"] for m in at.json()]
    assert set(at.links) == {"first", "prev"}
    assert len(seen) == len(set(seen)) == 21
    assert get("/orgs/saltmarsh/members?per_page=1000").json()


def test_long_lists_need_cursors(running, get):
    world = running.world
    for n in range(10_050):
        world.states["github"].create_issue(repo="saltmarsh/ingest", title=f"n{n}", author="ada")
    path = "/repos/saltmarsh/ingest/issues?state=all&per_page=100&page="
    assert len(get(f"{path}99").json()) == 100
    refused = get(f"{path}100")
    assert refused.status_code == 422
    assert "cursor based pagination" in refused.json()["message"]
    # Following links goes all the way, because they carry cursors.
    at, seen = get(f"{path}99"), []
    while "next" in at.links:
        at = httpx.get(at.links["next"]["url"], headers={"Authorization": "Bearer person-dagny"})
        assert at.status_code == 200
        seen += [i["number"] for i in at.json()]
    assert len(seen) == 10_055 - 9_900
    assert seen[-1] == 1


def test_a_cursor_holds_while_the_list_moves(running, get):
    first = get("/repos/saltmarsh/ingest/issues?state=all&per_page=2")
    running.world.do("github.create_issue", repo="saltmarsh/ingest", title="New", author="ada")
    after = httpx.get(
        first.links["next"]["url"], headers={"Authorization": "Bearer person-dagny"}
    ).json()
    assert not {i["number"] for i in first.json()} & {i["number"] for i in after}


def test_the_sdk_pages(running, client):
    org = client("dagny", per_page=4).get_organization(ORG)
    members = org.get_members()
    assert members.totalCount == len(list(members)) == 21
    assert [m.login for m in members.reversed] == [m.login for m in members][::-1]
    issues = client("dagny", per_page=2).get_repo(f"{ORG}/ingest").get_issues(state="all")
    assert [i.number for i in issues] == [5, 4, 3, 2, 1]


def test_secondary_limits(running, client, get):
    running.world.faults.add("secondary_limit", vendor="github", seconds=7, times=2)
    answer = get("/repos/saltmarsh/handbook")
    assert answer.status_code == 403
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-ratelimit-remaining"] != "0"
    with pytest.raises(github.RateLimitExceededException):
        client("dagny").get_repo("saltmarsh/handbook")


def test_primary_limit_as_429(running, client, get):
    running.world.faults.add("rate_limit", vendor="github", seconds=3, times=2)
    answer = get("/repos/saltmarsh/handbook")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.json()["message"].startswith("API rate limit exceeded")


def test_the_sdk_waits_out_a_secondary_limit(running):
    running.world.faults.add("secondary_limit", vendor="github", seconds=1, times=1)
    gh = github.Github(
        base_url=f"{running.url}/github",
        auth=github.Auth.Token(running.token("dagny")),
        retry=github.GithubRetry(total=3, secondary_rate_wait=1),
        seconds_between_requests=None,
    )
    assert gh.get_repo("saltmarsh/handbook").name == "handbook"
    assert len(running.world.faults.struck(FaultKind.SECONDARY_LIMIT)) == 1


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [
        ("server_error", {"status": 502}, 502),
        ("unauthorized", {}, 401),
        ("forbidden", {"match": "/handbook"}, 403),
    ],
)
def test_other_faults(running, get, kind, options, status):
    running.world.faults.add(kind, vendor="github", **options)
    answer = get("/repos/saltmarsh/handbook")
    assert answer.status_code == status
    assert answer.json()["message"]
    assert get("/repos/saltmarsh/handbook").status_code == 200


def test_truncated_trees(running, client):
    repo = client("freya").get_repo(f"{ORG}/buoy-firmware")
    running.world.faults.add("truncated_tree", vendor="github")
    whole = repo.get_git_tree("main", recursive=True)
    assert whole.raw_data["truncated"]
    assert len(whole.tree) < len(repo.get_git_tree("main", recursive=True).tree)
    running.world.do("github.set_limits", tree_entries=3)
    assert len(repo.get_git_tree("main", recursive=True).tree) == 3


def walk(get, path, pages=20):
    found, at = [], get(path)
    while pages:
        found += [row["login"] for row in at.json()]
        if "next" not in at.links:
            break
        url = at.links["next"]["url"].partition("/github/")[2]
        at, pages = get(f"/{url}"), pages - 1
    return found


def test_listing_faults(running, get):
    path = "/orgs/saltmarsh/members?per_page=5"
    whole = walk(get, path)
    plan = running.world.faults
    plan.add("cut_short", vendor="github")
    assert walk(get, path) == whole[:5]
    plan.add("duplicate_across_pages", vendor="github")
    assert sorted(walk(get, path)) == sorted([*whole, whole[4]])
    plan.add("item_moves", vendor="github")
    assert walk(get, path) == [*whole[:5], *whole[6:]]
    plan.add("repeated_page_token", vendor="github")
    assert walk(get, path) == [*whole[:5], *whole]


def test_an_expired_cursor(running, get):
    first = get("/repos/saltmarsh/ingest/issues?state=all&per_page=2")
    running.world.faults.add("expired_cursor", vendor="github")
    url = first.links["next"]["url"].partition("/github/")[2]
    assert get(f"/{url}").status_code == 422
    assert get(f"/{url}").status_code == 200


def test_raw_contents(get):
    found = get("/repos/saltmarsh/handbook/readme", Accept="application/vnd.github.raw+json")
    assert found.text.startswith("# Engineering handbook")
    file = get("/repos/saltmarsh/handbook/contents/README.md", Accept="application/vnd.github.raw")
    assert file.text == found.text
    sha = get("/repos/saltmarsh/handbook/contents/README.md").json()["sha"]
    blob = get(
        f"/repos/saltmarsh/handbook/git/blobs/{sha}", Accept="application/vnd.github.raw+json"
    )
    assert blob.content == file.content


def test_a_token_opens_what_its_scopes_allow(running, get):
    world = running.world
    world.mint("narrow", Token(person="dagny", scopes=("public_repo",)))
    world.mint("half", Token(person="dagny", scopes=("repo",)))

    def ask(token, path):
        url = f"{running.url}/github{path}"
        return httpx.get(url, headers={"Authorization": f"token {token}"})

    assert ask("narrow", "/repos/saltmarsh/ingest").status_code == 404
    assert ask("narrow", "/repos/saltmarsh/buoy-sdk").status_code == 200
    assert ask("half", "/repos/saltmarsh/ingest").headers["x-oauth-scopes"] == "repo"
    assert ask("half", "/orgs/saltmarsh/teams").status_code == 403
    assert len(ask("half", "/orgs/saltmarsh/members").json()) == 2
    assert ask("half", "/repos/saltmarsh/ingest/collaborators").status_code == 403


def test_searches_lag_and_may_be_incomplete(running, client, get):
    world = running.world
    world.do("github.create_issue", repo=f"{ORG}/ingest", title="Marker 7171", author="ada")
    path = "/search/issues?q=7171+is:issue"
    assert get(path).json()["total_count"] == 1
    world.faults.add("search_lag", vendor="github", seconds=60)
    assert get(path).json()["total_count"] == 0
    world.do("clock.advance", seconds=61)
    assert get(path).json()["total_count"] == 1
    world.faults.clear()
    world.faults.add("incomplete_search", vendor="github")
    cut = get("/search/issues?q=is:issue+org:saltmarsh").json()
    assert cut["incomplete_results"]
    assert len(cut["items"]) < cut["total_count"]
    assert get("/rate_limit").json()["resources"]["search"]["limit"] == 30
    for _ in range(30):
        last = get(path)
    assert last.status_code == 403
    assert last.headers["x-ratelimit-resource"] == "search"
