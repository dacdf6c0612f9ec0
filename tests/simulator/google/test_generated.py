import random
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.google.generated import grow
from simulator.google.objects import FOLDER
from simulator.google.oracle import documents, readable
from simulator.google.state import GoogleState
from simulator.world import World

from .agreement import WIDE, get, opens

COUNT = 30_000


@pytest.fixture(scope="module")
def grown():
    world = World(7)
    grow(world, COUNT)
    return world


@pytest.fixture
def small():
    world = World(7)
    grow(world, 600)
    return world


def listing(world, person, **query):
    found, token = [], None
    while True:
        more = {"pageToken": token} if token else {}
        status, said = get(
            world, person, "/drive/v3/files", pageSize=1000, **WIDE, **query, **more,
            fields="nextPageToken,files(id,name,mimeType,parents)",
        )  # fmt: skip
        assert status == 200, said
        found += said["files"]
        token = said.get("nextPageToken")
        if token is None:
            return found


def test_as_many_as_asked_for_each_once(grown):
    ids = [document.id for document in documents(grown)]
    assert len(ids) == len(set(ids)) == COUNT


def test_an_organizer_lists_the_whole_drive_with_its_folders(grown):
    state = GoogleState.of(grown)
    drive = next(iter(state.drives))
    organizer = next(iter(state.drives[drive].permissions.values())).subject
    found = listing(grown, organizer, corpora="drive", driveId=drive)
    kinds = [file["mimeType"] == FOLDER for file in found]
    assert len({file["id"] for file in found}) == len(found)
    assert kinds.count(False) == sum(d.container == drive for d in documents(grown))
    # Every parent is a folder that was listed, or the drive.
    known = {file["id"] for file in found if file["mimeType"] == FOLDER} | {drive}
    assert all(file["parents"][0] in known for file in found)
    # And walking the tree from the top finds the same.
    walked, waiting = set(), [drive]
    while waiting:
        for file in listing(grown, organizer, q=f"'{waiting.pop()}' in parents"):
            walked.add(file["id"])
            if file["mimeType"] == FOLDER:
                waiting.append(file["id"])
    assert walked == {file["id"] for file in found}


def test_shapes_are_realistic(grown):
    state = GoogleState.of(grown)
    everything = [f for f in map(state.all_files().__getitem__, range(COUNT)) if f]
    sharing = sum(bool(file.permissions) for file in everything) / COUNT
    assert 0.01 <= sharing <= 0.05
    depths = {len([*state.ancestry(file)]) for file in everything}
    assert max(depths) >= 4
    sizes = sorted(len(group.members) for group in grown.directory.groups.values())
    assert sizes[-1] >= 10 * max(sizes[len(sizes) // 2], 1)


def test_two_worlds_of_one_seed_are_equal(small):
    other = World(7)
    grow(other, 600)
    state, twin = GoogleState.of(small), GoogleState.of(other)
    for document in documents(small):
        one, two = state.lookup(document.id), twin.lookup(document.id)
        assert (one.name, one.text, one.mime) == (two.name, two.text, two.mime)


def test_the_oracle_agrees_with_the_view(grown):
    people, chosen = list(grown.directory.people), random.Random(1)
    sample = chosen.sample([*documents(grown)], 60)
    for person in chosen.sample(people, 12):
        for document in sample:
            said = readable(grown, grown.directory.people[person], document.id)
            status, shown = get(
                grown, person, "/drive/v3/files", **WIDE, corpora="allDrives",
                q=f"'{GoogleState.of(grown).lookup(document.id).parent}' in parents",
                pageSize=1000,
            )  # fmt: skip
            assert status == 200
            _, public = get(
                grown, person, "/drive/v3/files", **WIDE, corpora="domain", pageSize=1000,
                q=f"'{GoogleState.of(grown).lookup(document.id).parent}' in parents",
            )  # fmt: skip
            ids = {file["id"] for file in shown["files"] + public["files"]}
            assert said == (document.id in ids and opens(grown, person, document.id))


def test_verbs_work_on_what_was_generated(small):
    state = GoogleState.of(small)
    ids = [document.id for document in documents(small)]
    organizer = next(iter(next(iter(state.drives.values())).permissions.values())).subject
    assert len(listing(small, organizer, corpora="allDrives")) > 600
    before = {file["id"] for file in listing(small, organizer, corpora="allDrives")}
    state.edit(file=ids[5], text="rewritten")
    state.rename(file=ids[6], name="Renamed")
    state.trash(file=ids[7])
    state.delete(file=ids[8])
    folder = state.create(name="New", owner=organizer, mime=FOLDER, parent=next(iter(state.drives)))
    state.move(file=ids[9], parent=folder)
    assert get(small, organizer, f"/drive/v3/files/{ids[8]}", supportsAllDrives="true")[0] == 404
    assert {file["id"] for file in listing(small, organizer, corpora="allDrives")} == (
        before - {ids[8]} | {folder}
    )
    assert [f["id"] for f in listing(small, organizer, q=f"'{folder}' in parents")] == [ids[9]]
    assert state.lookup(ids[5]).text == "rewritten"
    gone = state.lookup(state.lookup(ids[0]).parent)
    below = {file.id for file in state.within(gone)}
    state.delete(file=gone.id)
    left = {file["id"] for file in listing(small, organizer, corpora="allDrives")}
    assert not left & below


@pytest.mark.slow
def test_a_million_documents_in_little_memory():
    code = (
        "import re; from simulator.world import World; from simulator.google.api import API;"
        "w = World.company(scale=1_000_000);"
        "t = '/drive/v3/files?corpora=allDrives&includeItemsFromAllDrives=true"
        "&supportsAllDrives=true&pageSize=1000';"
        "r = API.call(w, 'GET', t, {'authorization': 'Bearer service-google'});"
        # Not ru_maxrss: a process inherits that of the one which started it.
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024)"
    )
    root = Path(__file__).parents[3]
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert int(said.stdout) < 400
