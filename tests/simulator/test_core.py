import socket
import subprocess
import sys
import time
from pathlib import Path

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


def test_a_grown_company_comes_back_from_its_file(tmp_path):
    world = World.company(scale=900)
    assert sum(1 for _ in documents(world)) == 900
    made = next(d for d in documents(world, "google") if len(d.id) == 33 and d.id[1] == "D")
    world.do("google.rename", file=made.id, name="Renamed")
    world.save(tmp_path / "world.json")
    again = World.load(tmp_path / "world.json")
    assert [*documents(again)] == [*documents(world)]
    assert "Renamed" in {document.title for document in documents(again)}


def test_bodies_that_are_no_json_objects(running):
    token = {"Authorization": f"Bearer {running.token('ada')}"}
    for body in (b"[1]", b"{", b""):
        said = httpx.post(running.url + "/google/drive/v3/files/x/permissions", content=body,
                          headers=token)  # fmt: skip
        assert said.status_code == 404
        assert httpx.post(running.url + "/_world", content=body).status_code == 400
        assert httpx.post(running.url + "/_world/faults", content=body).status_code == 400


def test_verbs_of_another_thread_do_not_cut_into_a_request(running):
    from concurrent.futures import ThreadPoolExecutor

    token = running.token("ada")
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, running, WHOLE, token) for _ in range(40)]
        for n in range(40):
            running.world.do("google.create", name=f"N{n}", owner="ada")
        assert {job.result().status_code for job in asked} == {200}


def test_the_command_serves_and_saves(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = tmp_path / "world.json"
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--world", str(kept)]
    for name in ("First", "Second"):
        server = subprocess.Popen(command, cwd=Path(__file__).parents[2])
        try:
            wait_for(f"http://127.0.0.1:{port}/")
            body = {"verb": "google.create", "args": {"name": name, "owner": "ada"}}
            assert httpx.post(f"http://127.0.0.1:{port}/_world", json=body).status_code == 200
            shown = httpx.get(f"http://127.0.0.1:{port}/_world/documents?vendor=google").json()
        finally:
            server.terminate()
            server.wait(20)
    assert {"First", "Second"} <= {document["title"] for document in shown}


def test_the_command_that_the_docs_tell_serves_the_company():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = f"-m simulator --port {port} --seed 7 --scale 300".split()
    server = subprocess.Popen([sys.executable, *words], cwd=Path(__file__).parents[2])
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        shown = httpx.get(f"http://127.0.0.1:{port}/_world/documents").json()
    finally:
        server.terminate()
        server.wait(20)
    assert {each["id"] for each in shown} == {
        each.id for each in documents(World.company(7, scale=300))
    }


def wait_for(url):
    for _ in range(200):
        try:
            return httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(url)
