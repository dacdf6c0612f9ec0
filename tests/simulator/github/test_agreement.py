"""Two readings of one rule book: the oracle's, and what each person's token gets."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.github.api import API
from simulator.github.oracle import BOOKS, documents, readable
from simulator.github.routes_web import WEB
from simulator.github.state import GithubState
from simulator.verbs import VerbError
from simulator.world import World

_DISCUSSION = """query($o: String!, $r: String!, $n: Int!) {
  repository(owner: $o, name: $r) { discussion(number: $n) { number title } } }"""


def opens(world, person, document):
    """Whether the person's token gets the document's content through the API."""
    number, kind, name = document.id.split("/", 2)
    state = GithubState.of(world)
    repo = state.repos[int(number)]
    org = state.orgs[repo.org].login
    headers = {"authorization": f"Bearer {world.token_of(person)}"}
    path = f"/repos/{org}/{repo.name}"
    if kind == "discussions":
        body = {"query": _DISCUSSION, "variables": {"o": org, "r": repo.name, "n": int(name)}}
        reply = API.call(world, "POST", "/graphql", headers, json.dumps(body).encode())
        if reply.status != 200:
            return False
        found = json.loads(reply.body)
        return "errors" not in found and found["data"]["repository"]["discussion"]["number"] == int(
            name
        )
    if kind == "wiki":
        target = f"/{org}/{repo.name}/wiki/{quote(name)}.md"
        return WEB.call(world, "GET", target, headers).status == 200
    part = {"blob": "contents", "issues": "issues", "pull": "pulls"}[kind]
    reply = API.call(world, "GET", f"{path}/{part}/{quote(name)}", headers)
    assert reply.status in (200, 401, 404, 410), reply.body
    return reply.status == 200


def listed(world, person):
    """The repositories that the person's token finds in the organisations' listings."""
    headers = {"authorization": f"Bearer {world.token_of(person)}"}
    found = set()
    for org in GithubState.of(world).orgs.values():
        reply = API.call(world, "GET", f"/orgs/{org.login}/repos?per_page=100", headers)
        if reply.status == 200:
            found |= {str(row["id"]) for row in json.loads(reply.body)}
    return found


def disagreements(world, known=None):
    wrong = []
    for person in world.directory.people.values():
        for document in documents(world):
            key = (person.id, document.id)
            if known is None:
                seen = opens(world, person.id, document)
            else:
                seen = known.setdefault(key, None)
                if seen is None:
                    seen = known[key] = opens(world, person.id, document)
            if seen != readable(world, person, document.id):
                wrong.append((person.id, document.id, document.title, seen))
    return wrong


def no_limits(world):
    world.states["github"].set_limits(core=10**9, graphql=10**9)
    return world


@pytest.fixture(scope="module")
def company():
    return no_limits(World.company())


@pytest.fixture(scope="module")
def seen(company):
    """(person, document) → what the API said; the mutations only change the oracle."""
    return {}


def test_the_company(company, seen):
    assert disagreements(company, seen) == []
    assert len(list(documents(company))) >= 70
    assert any(seen.values())


def test_listings_hold_what_can_be_read(company):
    for person in company.directory.people.values():
        readable_repos = {
            d.container for d in documents(company) if readable(company, person, d.id)
        }
        assert readable_repos == listed(company, person.id), person.id


_TALKS = """query($o: String!, $r: String!) { repository(owner: $o, name: $r) {
  discussions(first: 100) { nodes { number } } } }"""


def crawled(world, person):
    """Document ids that a crawler with this person's token comes to through lists alone."""
    headers = {"authorization": f"Bearer {world.token_of(person)}"}

    def rows(path):
        reply = API.call(world, "GET", path, headers)
        return json.loads(reply.body) if reply.status == 200 else []

    for org in ("saltmarsh", "saltmarsh-labs"):
        for repo in rows(f"/orgs/{org}/repos?per_page=100"):
            here, name = repo["id"], repo["full_name"]
            for entry in rows(f"/repos/{name}/git/trees/main?recursive=1")["tree"]:
                if entry["type"] == "blob":
                    yield f"{here}/blob/{entry['path']}"
            for issue in rows(f"/repos/{name}/issues?state=all&per_page=100"):
                kind = "pull" if "pull_request" in issue else "issues"
                yield f"{here}/{kind}/{issue['number']}"
            pulls = rows(f"/repos/{name}/pulls?state=all&per_page=100")
            yield from (f"{here}/pull/{pull['number']}" for pull in pulls)
            variables = {"o": org, "r": repo["name"]}
            body = json.dumps({"query": _TALKS, "variables": variables}).encode()
            reply = json.loads(API.call(world, "POST", "/graphql", headers, body).body)
            for talk in reply["data"]["repository"]["discussions"]["nodes"]:
                yield f"{here}/discussions/{talk['number']}"


def test_a_crawl_comes_to_what_can_be_read(company):
    for person in company.directory.people.values():
        wanted = {
            d.id
            for d in documents(company)
            if "/wiki/" not in d.id and readable(company, person, d.id)
        }
        assert set(crawled(company, person.id)) == wanted, person.id


_RULES = [(book, name) for book in BOOKS for name in book.rules]


@pytest.mark.parametrize(("book", "name"), _RULES, ids=[name for _, name in _RULES])
def test_every_rule_is_missed(company, seen, book, name):
    with book.without(name):
        assert disagreements(company, seen)
    assert book.rules[name].cites


PEOPLE = ("ann", "ben", "cyd", "dot")
ORGS = ("alpha", "beta")
REPOS = ("alpha/one", "alpha/two", "beta/three")
TEAMS = ("alpha/x", "alpha/y", "alpha/z", "beta/w")
_person, _org = st.sampled_from(PEOPLE), st.sampled_from(ORGS)
_repo, _team = st.sampled_from(REPOS), st.sampled_from(TEAMS)
_flag = st.booleans()


def _verb(name, /, **given):
    return st.tuples(st.just(name), st.fixed_dictionaries(given))


VERBS = st.one_of(
    _verb(
        "github.add_member",
        org=_org,
        person=_person,
        pending=_flag,
        role=st.sampled_from(["member", "admin"]),
    ),
    _verb("github.remove_member", org=_org, person=_person, outside=_flag),
    _verb("github.accept_membership", org=_org, person=_person),
    _verb("github.set_base", org=_org, level=st.sampled_from(["none", "none", "read", "write"])),
    _verb("github.add_team_member", team=_team, person=_person),
    _verb("github.remove_team_member", team=_team, person=_person),
    _verb("github.nest_team", team=_team, parent=st.sampled_from(["", *TEAMS])),
    _verb("github.delete_team", team=_team),
    _verb(
        "github.grant_team",
        team=_team,
        repo=_repo,
        level=st.sampled_from(["read", "triage", "admin"]),
    ),
    _verb("github.ungrant_team", team=_team, repo=_repo),
    _verb(
        "github.change_visibility",
        repo=_repo,
        visibility=st.sampled_from(["public", "internal", "private"]),
    ),
    _verb("github.add_collaborator", repo=_repo, person=_person, pending=_flag),
    _verb("github.accept_invitation", repo=_repo, person=_person),
    _verb("github.remove_collaborator", repo=_repo, person=_person),
    _verb("github.set_features", repo=_repo, issues=_flag, wiki=_flag, discussions=_flag),
    _verb("github.archive", repo=_repo, archived=_flag),
    _verb("github.rename_repo", repo=_repo, name=st.sampled_from(["one", "two", "other"])),
    _verb("github.delete_repo", repo=_repo),
    _verb("github.delete_file", repo=_repo, path=st.just("a.md"), by=_person),
    _verb(
        "github.move_file",
        repo=_repo,
        path=st.just("a.md"),
        to=st.sampled_from(["b.md", "d/c.md"]),
        by=_person,
    ),
    _verb("github.delete_issue", repo=_repo, number=st.just(1)),
    _verb("github.close_issue", repo=_repo, number=st.just(1)),
    _verb("github.delete_discussion", repo=_repo, number=st.just(2)),
    _verb(
        "github.move_page", repo=_repo, title=st.just("Home"), to=st.just("Moved page"), by=_person
    ),
    _verb("github.merge", repo=_repo, number=st.just(3), by=_person),
    _verb("directory.deactivate", person=_person),
    _verb("directory.reactivate", person=_person),
    _verb("directory.delete_person", person=_person),
)


def little_world(steps):
    world = World(1)
    for person in PEOPLE:
        world.directory.add_person(id=person, name=person.capitalize())
    state = GithubState.of(world)
    state.create_org(login="alpha", owner="ann")
    state.create_org(login="beta", owner="ben")
    for team in TEAMS:
        org, _, name = team.partition("/")
        state.create_team(org=org, name=name)
    for repo in REPOS:
        org, _, name = repo.partition("/")
        state.create_repo(org=org, name=name, discussions=True)
        state.write_file(repo=repo, path="a.md", text="# A\n", by="ann")
        state.create_issue(repo=repo, title="Issue", author="ann")
        state.start_discussion(repo=repo, title="Talk", author="ann")
        state.create_branch(repo=repo, branch="change")
        state.write_file(repo=repo, path="new.md", text="new\n", by="ann", branch="change")
        state.open_pull(repo=repo, title="Pull", author="ann", head="change")
        state.write_page(repo=repo, title="Home", text="home\n", by="ann")
    for name, given_args in steps:
        try:
            world.do(name, **given_args)
        except VerbError:
            continue
    return no_limits(world)


@pytest.mark.slow
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(VERBS, max_size=25))
def test_random_worlds(steps):
    world = little_world(steps)
    assert disagreements(world) == []
    for person in world.directory.people.values():
        if person.works:
            # An empty repository can be seen without holding a document to read.
            readable_repos = {
                d.container for d in documents(world) if readable(world, person, d.id)
            }
            assert readable_repos <= listed(world, person.id)


def test_a_world_is_replayed(tmp_path):
    world = World.company()
    steps = [
        ("github.change_visibility", {"repo": "saltmarsh/infra", "visibility": "internal"}),
        (
            "github.write_file",
            {"repo": "saltmarsh/infra", "path": "n.md", "text": "n", "by": "ada"},
        ),
        ("github.create_issue", {"repo": "saltmarsh/infra", "title": "T", "author": "ada"}),
        ("github.remove_member", {"org": "saltmarsh", "person": "nils"}),
    ]
    for name, args in steps:
        world.do(name, **args)
    world.save(tmp_path / "w.json")
    again = World.load(tmp_path / "w.json")
    assert [*documents(again)] == [*documents(world)]
    one, other = GithubState.of(world), GithubState.of(again)
    assert [r.git.branches for r in one.repos.values()] == [
        r.git.branches for r in other.repos.values()
    ]
