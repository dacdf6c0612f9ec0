"""Generated repositories: drawn on demand, and yet the same for everyone who asks."""

import base64
import json

import pytest

from simulator.github.api import API
from simulator.github.generated import ORG, grow
from simulator.github.git import object_sha
from simulator.github.oracle import documents, readable
from simulator.github.state import GithubState
from simulator.world import World
from tests.simulator.github.test_agreement import opens


@pytest.fixture(scope="module")
def world():
    made = World(3)
    grow(made, 6000)
    made.do("github.set_limits", core=10**9, graphql=10**9)
    return made


def ask(world, path, person=""):
    token = world.token_of(person) if person else "service-github"
    reply = API.call(
        world, "GET", path, {"authorization": f"Bearer {token}"}, b"", "http://s/github"
    )
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def test_as_many_as_were_asked_for(world):
    ids = [d.id for d in documents(world)]
    assert len(ids) == len(set(ids)) == 6000
    again = World(3)
    grow(again, 6000)
    assert [*documents(again)] == [*documents(world)]


def test_oracle_and_api_agree(world):
    sample = list(documents(world))[::197]
    people = [world.directory.people[p] for p in ("w0", "w1", "w2", "w5", "w11")]
    answers = {(p.id, d.id): opens(world, p.id, d) for p in people for d in sample}
    assert answers == {(p.id, d.id): readable(world, p, d.id) for p in people for d in sample}
    assert set(answers.values()) == {True, False}


def test_git_objects_have_their_true_names(world):
    repo = ask(world, f"/orgs/{ORG}/repos")[0]["full_name"]
    tree = ask(world, f"/repos/{repo}/git/trees/main?recursive=1")
    blobs = [e for e in tree["tree"] if e["type"] == "blob"]
    for entry in blobs[::50]:
        found = ask(world, f"/repos/{repo}/git/blobs/{entry['sha']}")
        content = base64.b64decode(found["content"])
        assert object_sha("blob", content) == entry["sha"]
        assert len(content) == entry["size"] == found["size"]
        assert ask(world, f"/repos/{repo}/contents/{entry['path']}")["sha"] == entry["sha"]


def test_a_generated_issue_can_be_changed(world):
    state = GithubState.of(world)
    repo = next(r for r in state.repos.values() if r.last > 10)
    name = f"{ORG}/{repo.name}"
    before = len(list(documents(world)))
    body = ask(world, f"/repos/{name}/issues/7")["body"]
    assert ask(world, f"/repos/{name}/issues/7")["body"] == body
    made = world.do("github.comment", repo=name, number=7, author="w1", body="Said")
    world.do("github.edit_issue", repo=name, number=7, title="Renamed")
    shown = ask(world, f"/repos/{name}/issues/7")
    assert (shown["title"], shown["body"], shown["comments"]) == ("Renamed", body, 1)
    assert ask(world, f"/repos/{name}/issues/comments/{made}")["body"] == "Said"
    world.do("github.delete_issue", repo=name, number=8)
    number = world.do("github.create_issue", repo=name, title="New", author="w1")
    assert number == repo.last
    world.do("github.write_file", repo=name, path="new.md", text="new\n", by="w1")
    assert ask(world, f"/repos/{name}/contents/new.md")["size"] == 4
    assert len(list(documents(world))) == before + 1
    listed = ask(world, f"/repos/{name}/issues?state=all&per_page=100&sort=created&direction=asc")
    numbers = [i["number"] for i in listed]
    assert numbers[:9] == [1, 2, 3, 4, 5, 6, 7, 9, 10]
