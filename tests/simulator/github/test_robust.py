"""Nothing leaks, and nothing breaks on odd requests."""

import json
import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.github.api import API
from simulator.github.routes_web import WEB
from simulator.github.state import GithubState
from simulator.github.view import Sight
from simulator.world import World

ORG = "saltmarsh"


@pytest.fixture(scope="module")
def world():
    made = World.company()
    made.do("github.set_limits", core=10**9, graphql=10**9)
    return made


def ask(world, method, path, person, body=b""):
    token = "service-github" if person == "service" else world.token_of(person)
    headers = {"authorization": f"Bearer {token}"}
    return API.call(world, method, path, headers, body, "http://sim/github")


def addresses(world):
    """Real parameter values for every route, one set for each repository."""
    state = GithubState.of(world)
    for repo in state.repos.values():
        head = repo.git.head
        number = next(iter(repo.issues), 1)
        pulls = [i for i in repo.issues.values() if i.pull]
        pull = pulls[0] if pulls else None
        reviews = list(pull.pull.reviews) if pull else []
        lines = list(pull.pull.lines) if pull else []
        comments = [c for i in repo.issues.values() for c in i.comments]
        yield (
            repo,
            {
                "owner": state.orgs[repo.org].login,
                "repo": repo.name,
                "repo_id": str(repo.id),
                "rest": "issues",
                "org": ORG,
                "username": "ada",
                "path": next(iter(head.files)),
                "tree_sha": head.tree,
                "file_sha": next(iter(head.files.values())),
                "commit_sha": head.sha,
                "ref": "heads/main",
                "basehead": "main...main",
                "branch": "main",
                "issue_number": str(number),
                "pull_number": str(pull.number if pull else 1),
                "review_id": str(reviews[0] if reviews else 1),
                "comment_id": str(lines[0] if lines else comments[0] if comments else 1),
                "name": "bug",
                "team_slug": "security",
                "team_id": str(state.team(f"{ORG}/security").id),
                "org_id": str(state.org(ORG).id),
                "account_id": "1",
            },
        )


def filled(path, values):
    return re.sub(r"\{(\w+)(:path)?\}", lambda m: quote(values[m[1]]), path)


def test_who_cannot_see_a_repository_gets_404_everywhere(world):
    state = GithubState.of(world)
    tried = 0
    for person in world.directory.people.values():
        seen = Sight(state, person)
        for repo, values in addresses(world):
            if seen.level(repo):
                continue
            for method, path, _ in API.endpoints:
                if "{repo}" not in path and "{repo_id}" not in path:
                    continue
                reply = ask(world, method, filled(path, values), person.id, b"{}")
                expected = 404 if person.works else 401
                assert reply.status == expected, (person.id, method, filled(path, values))
                assert repo.description.encode() not in reply.body
                tried += 1
    assert tried > 1000


def test_a_secret_team_is_not_found(world):
    _, values = next(addresses(world))
    for method, path, _ in API.endpoints:
        if "team_" in path:
            for person in ("freya", "petra", "maeve"):
                assert ask(world, method, filled(path, values), person).status == 404, path
            assert ask(world, method, filled(path, values), "wanda").status in (200, 404), path


_READS = [route for route in API.endpoints if route[0] == "GET"]
_WRITES = [route for route in API.endpoints if route[0] != "GET"]
_TEXT = st.sampled_from(
    ["", "0", "-1", "zzz", "1", "999999999999999999999", "main", "%00", "../..", "ä b", "true"]
)
_NAMES = """
page per_page after since until state sort direction labels sha ref path recursive affiliation
permission role type creator assignee author head base visibility
"""
_FIELDS = """
title body labels assignees assignee state state_reason name color ref sha message content branch
head base draft query variables operationName
"""
_PARAMS = st.dictionaries(st.sampled_from(_NAMES.split()), _TEXT, max_size=4)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_BODY = _JSON | st.dictionaries(st.sampled_from(_FIELDS.split()), _JSON, max_size=5)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_odd_requests_are_answered(world, data):
    values = dict(data.draw(st.sampled_from(list(addresses(world))))[1])
    for name in data.draw(st.lists(st.sampled_from(sorted(values)), max_size=2)):
        if name not in ("owner", "repo"):
            values[name] = data.draw(_TEXT) or "x"
    method, path, _ = data.draw(st.sampled_from(_READS) | st.sampled_from(_WRITES))
    query = urlencode(data.draw(_PARAMS))
    body = json.dumps(data.draw(_BODY)).encode() if method != "GET" else b""
    person = data.draw(st.sampled_from(["service", "dagny", "samir", "otto", "kurt"]))
    reply = ask(world, method, f"{filled(path, values)}?{query}", person, body)
    assert reply.status < 500
    if reply.status >= 400:
        assert json.loads(reply.body)["message"]


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=60)
    | st.sampled_from([b"0000", b"0009done\n", b"0032want " + b"0" * 40 + b"\n00000009done\n"])
)
def test_odd_fetches_are_answered(world, body):
    headers = {"authorization": "Bearer service-github"}
    reply = WEB.call(world, "POST", f"/{ORG}/handbook.wiki.git/git-upload-pack", headers, body)
    assert reply.status in (200, 400)
