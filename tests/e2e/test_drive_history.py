"""Drive, followed by its change log: after every step each reader is as the oracle says."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from access import Source
from simulator.google.objects import DOC, FOLDER
from simulator.google.state import GoogleState
from simulator.verbs import VerbError
from tests.e2e.drive_world import PEOPLE, company
from tests.e2e.saltmarsh import Installation, installation, readable

DRIVE = Source.GOOGLE_DRIVE


def wrong(ours: Installation) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Leaks, and what is missing."""
    truth = {(who, name) for name, all in readable(ours.world, "google").items() for who in all}
    admitted = ours.admitted()
    return admitted - truth, truth - admitted


@pytest.fixture
def drives(tmp_path) -> Iterator[tuple[Installation, GoogleState, str, dict[str, str]]]:
    """Ada's shared drive with a folder in a folder, and Bob's My Drive; synced once."""
    world, state = company()
    drive = state.create_drive(name="Works", organizer="ada")
    state.add_drive_member(drive=drive, subject="bob", role="reader")
    made = {"top": state.create(name="top", owner="ada", mime=FOLDER, parent=drive)}
    made["low"] = state.create(name="low", owner="ada", mime=FOLDER, parent=made["top"])
    for name, parent in (("a", drive), ("b", made["top"]), ("c", made["low"])):
        made[name] = state.create(name=name, owner="ada", mime=DOC, parent=parent, text=name)
    made["box"] = state.create(name="box", owner="bob", mime=FOLDER)
    made["mine"] = state.create(name="mine", owner="bob", mime=DOC, parent=made["box"], text="m")
    users = tuple(f"{name}@saltmarsh.example" for name in PEOPLE)
    with installation(world, tmp_path, users=users) as ours:
        ours.sync(DRIVE, sweep=False)
        assert wrong(ours) == (set(), set())
        yield ours, state, drive, made


def _held(state: GoogleState, drive: str, who: str) -> str:
    """The permission that makes somebody a member of a shared drive."""
    held = state.drives[drive].permissions.items()
    return next(key for key, each in held if each.subject == who)


STEPS = {
    "share a folder": lambda s, d, f: s.share(file=f["top"], type="user", subject="cat"),
    "share a folder with a nested group": lambda s, d, f: s.share(
        file=f["low"], type="group", subject="crew"
    ),
    "share a file below, then its folder": lambda s, d, f: (
        s.share(file=f["c"], type="user", subject="wanda"),
        s.share(file=f["top"], type="user", subject="cat"),
    ),
    "limit a folder": lambda s, d, f: s.limit(folder=f["top"]),
    "a member leaves": lambda s, d, f: s.remove_drive_member(
        drive=d, permission=_held(s, d, "bob")
    ),
    "a member joins": lambda s, d, f: s.add_drive_member(drive=d, subject="cat"),
    "bin a folder": lambda s, d, f: s.trash(file=f["top"]),
    "delete a folder": lambda s, d, f: s.delete(file=f["top"]),
    "move a folder up": lambda s, d, f: (
        s.share(file=f["top"], type="user", subject="cat"),
        s.move(file=f["low"], parent=d),
    ),
    "my folder into the drive": lambda s, d, f: s.move(file=f["box"], parent=f["low"]),
    "my folder into the drive, where it is deleted": lambda s, d, f: (
        s.move(file=f["box"], parent=f["low"]), s.delete(file=f["box"])
    ),
    "share my folder": lambda s, d, f: s.share(file=f["box"], type="domain",
        subject="saltmarsh.example", discoverable=True),
    "hand my file over": lambda s, d, f: s.transfer(file=f["mine"], owner="cat"),
    "edit": lambda s, d, f: s.edit(file=f["c"], text="other"),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_one_change(drives, step) -> None:
    ours, state, drive, made = drives
    STEPS[step](state, drive, made)
    ours.sync(DRIVE, sweep=False)
    assert wrong(ours) == (set(), set())


def test_a_restored_folder_brings_its_files_back(drives) -> None:
    ours, state, _, made = drives
    state.trash(file=made["top"])
    ours.sync(DRIVE, sweep=False)
    assert f"{DRIVE}:{made['c']}" not in ours.rows()
    state.restore(file=made["top"])
    ours.sync(DRIVE, sweep=False)
    assert wrong(ours) == (set(), set())
    assert f"{DRIVE}:{made['c']}" in ours.rows()


def test_a_moved_file_keeps_its_identity(drives) -> None:
    ours, state, drive, made = drives
    before = ours.rows()[f"{DRIVE}:{made['mine']}"]
    state.move(file=made["mine"], parent=drive)
    ours.sync(DRIVE, sweep=False)
    assert ours.rows()[f"{DRIVE}:{made['mine']}"] == before
    assert wrong(ours) == (set(), set())


def test_a_gap_in_the_change_log_loses_no_deletion(drives) -> None:
    """410: what went in the gap is found by the listing, before the new token counts."""
    ours, state, _, made = drives
    state.delete(file=made["b"])
    state.expire_tokens()
    ours.sync(DRIVE, sweep=False)
    assert f"{DRIVE}:{made['b']}" not in ours.rows()
    assert wrong(ours) == (set(), set())


def test_the_account_that_reads_a_drive_may_leave(drives) -> None:
    ours, state, drive, made = drives
    state.add_drive_member(drive=drive, subject="cat", role="organizer")
    state.remove_drive_member(drive=drive, permission=_held(state, drive, "ada"))
    ours.sync(DRIVE, sweep=False)
    assert wrong(ours) == (set(), set())
    assert f"{DRIVE}:{made['a']}" in ours.rows()


def test_what_a_listing_has_and_we_lack_is_read_at_the_next_sync(drives) -> None:
    """Should a listing once lie, nothing is lost for good: no change log tells of it again."""
    ours, state, drive, _ = drives
    ours.world.faults.add("cut_short", vendor="google", endpoint="files.list", times=None)
    state.expire_tokens()
    for n in range(3):
        state.create(name=f"n{n}", owner="ada", parent=drive, text="n")
    ours.sync(DRIVE, sweep=False)
    ours.world.faults.clear()
    ours.reconcile(DRIVE)
    ours.sync(DRIVE, sweep=False)
    assert wrong(ours) == (set(), set())


def test_nothing_new_costs_one_request_a_container(drives) -> None:
    ours, _, _, _ = drives
    (works,) = (c for c in ours.connectors[DRIVE].containers() if c.name == "Works")
    ours.read(works)
    ours.world.requests.clear()
    ours.read(works)
    assert [each.endpoint for each in ours.world.requests] == ["changes.list"]


def _random_step(chance: random.Random, state: GoogleState, drive: str) -> None:
    files = [f.id for f in state.files.values() if f.parent]
    folders = [f.id for f in state.files.values() if f.mime == FOLDER and f.parent]
    who, file = chance.choice(PEOPLE), chance.choice(files)
    directory = state.world.directory
    match chance.randrange(12):
        case 0:
            state.share(file=file, type="user", subject=who)
        case 1:
            state.share(file=file, type="group", subject="crew")
        case 2:
            held = [k for k, p in state.file(file).permissions.items() if p.role != "owner"]
            state.unshare(file=file, permission=chance.choice(held or ["none"]))
        case 3:
            folder = chance.choice(folders)
            state.limit(folder=folder, limited=not state.file(folder).limited)
        case 4:
            state.move(file=file, parent=chance.choice([*folders, drive]))
        case 5:
            (state.restore if state.file(file).trashed else state.trash)(file=file)
        case 6:
            state.create(name="new", owner=who, parent=chance.choice([*folders, drive]), text="n")
        case 7:
            state.create(name="dir", owner=who, mime=FOLDER, parent=chance.choice([*folders, ""]))
        case 8:
            (directory.remove_member if who in directory.group("inner").members
             else directory.add_member)(group="inner", person=who)  # fmt: skip
        case 9:
            later = f"{state.world.now().date()}T{chance.randrange(9, 24):02d}:59:59Z"
            state.share(file=file, type="user", subject=who, expires=later)
            state.world.time.advance(seconds=chance.randrange(7200))
        case 10:
            if who != "ada":
                state.add_drive_member(drive=drive, subject=who)
        case 11:
            state.transfer(file=file, owner=who)


@pytest.mark.long
@pytest.mark.parametrize("faulty", [False, True], ids=["good day", "bad day"])
def test_a_long_history(drives, faulty) -> None:
    """Leaks and losses are looked for after every sync, also while calls fail at random."""
    ours, state, drive, _ = drives
    chance = random.Random(11)
    for _ in range(25):
        before = ours.admitted()
        for _ in range(chance.randint(1, 3)):
            try:
                _random_step(chance, state, drive)
            except VerbError:
                continue
        if faulty:
            ours.world.faults.bad_day(rate=0.05)
            ours.tolerant_sync(DRIVE)
            leaks, _ = wrong(ours)
            assert leaks <= before  # late, perhaps; never somebody who was not let in before
            ours.world.faults.clear()
            # A page of changes that ended early and called itself whole is gone for good: that
            # is what the nightly comparison and the sweep are for.
            ours.reconcile(DRIVE)
        ours.sync(DRIVE, sweep=faulty)
        assert wrong(ours) == (set(), set())
