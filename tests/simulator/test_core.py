import httpx
import pytest

from simulator.embedded import serve
from simulator.oracle import documents, readable
from simulator.verbs import VerbError
from simulator.world import World

WHOLE = (
    "/google/drive/v3/files?pageSize=1000&corpora=allDrives"
    "&includeItemsFromAllDrives=true&supportsAllDrives=true&q=trashed=false"
)


@pytest.fixture(scope="module")
def running():
    with serve(World.company()) as server:
        yield server


def ask(running, path, token):
    return httpx.get(running.url + path, headers={"Authorization": f"Bearer {token}"})


def test_a_person_sees_what_the_oracle_says(running):
    world = running.world
    for person in ("ada", "petra", "ada-lab"):
        shown = ask(running, WHOLE, running.token(person)).json()
        ids = {file["id"] for file in shown["files"]}
        found = {d.id for d in documents(world, "google") if readable(world, person, d)}
        assert bool(ids) == bool(found)


def test_tokens_that_are_no_good_are_refused(running):
    assert httpx.get(running.url + "/google/drive/v3/files").status_code == 401
    for token in ("person-nobody", "person-kurt", "service-jira", "rubbish"):
        assert ask(running, "/google/drive/v3/files", token).status_code == 401


def test_a_world_is_its_seed_and_its_verbs(tmp_path):
    world = World.company()
    person = world.directory.add_person(id="new", name="New Person")
    made = world.do("google.create", name="Note", owner=person, text="hello")
    world.do("clock.advance", seconds=3600)
    with pytest.raises(VerbError):
        world.do("google.create", name="Note", owner="nobody")
    world.do("google.share", file=made, type="user", subject="ada")
    world.save(tmp_path / "world.json")
    again = World.load(tmp_path / "world.json")
    assert again.now() == world.now()
    assert again.log == world.log
    assert [*documents(again)] == [*documents(world)]
    assert readable(again, "ada", next(d for d in documents(again) if d.id == made))


def test_verbs_over_http(running):
    body = {"verb": "google.create", "args": {"name": "Over HTTP", "owner": "ada"}}
    made = httpx.post(running.url + "/_world", json=body).json()["result"]
    found = httpx.get(running.url + f"/_world/readable?person=ada&document={made}").json()
    assert [row["readable"] for row in found] == [True]
    assert httpx.post(running.url + "/_world", json={"verb": "google.fly"}).status_code == 400
    people = httpx.get(running.url + "/_world/people").json()
    assert {p["id"] for p in people} >= {"ada", "petra"}
    assert "Workspace simulator" in httpx.get(running.url + "/").text
