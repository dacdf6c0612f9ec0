import pytest
from hypothesis import HealthCheck, given, settings

from simulator.google.oracle import BOOKS, readable, readable_by_link
from simulator.google.state import GoogleState
from simulator.world import World

from .agreement import WIDE, disagreements, get
from .worlds import build, every_rule, go_on, operations


def test_every_rule_decides_for_whom_it_should():
    world, made = every_rule()
    people = [person.id for person in world.directory.people.values()]

    def readers(name):
        return {p for p in people if readable(world, world.directory.people[p], made[name])}

    def openers(name):
        return {p for p in people if readable_by_link(world, world.directory.people[p], made[name])}

    staff = {"ann", "ben", "cat", "dan", "org"}
    assert readers("owned") == {"ann"}
    assert readers("direct") == {"ann", "ben"}
    assert readers("group") == {"ann", "cat"}
    assert readers("inherited") == readers("others") == {"ann", "dan"}
    assert readers("limited") == {"ann", "ben"}
    assert readers("domain") == staff
    assert readers("domain link") == {"ann"}
    assert openers("domain link") == staff
    assert readers("anyone") == {*staff, "gus", "gil"}
    assert readers("link") == {"ann"}
    assert openers("link") == {*staff, "gus", "gil"}
    assert readers("published") == readers("expired") == {"ann"}
    assert readers("expiring") == {"ann", "ben"}
    assert readers("trashed") == readers("trashed above") == openers("trashed") == set()
    assert readers("in drive") == {"org", "ben", "dan", "gus"}
    assert readers("in closed") == {"org", "cat"}
    assert readers("to owned") == {"ann"}
    assert readers("to direct") == readers("to link") == {"ann", "ben"}
    assert readers("to trash") == set()


def test_the_company_agrees():
    assert disagreements(World.company()) == []


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=operations)
def test_random_worlds_agree(steps):
    assert disagreements(build(steps)) == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=operations)
def test_random_worlds_come_back_from_their_logs(steps, tmp_path_factory):
    world = build(steps)
    kept = tmp_path_factory.mktemp("worlds") / "world.json"
    world.save(kept)
    again = World.load(kept)
    assert GoogleState.of(again).files == GoogleState.of(world).files
    assert GoogleState.of(again).drives == GoogleState.of(world).drives
    assert GoogleState.of(again).log == GoogleState.of(world).log
    assert again.directory.groups == world.directory.groups


# What Drive's feed leaves out by design, and what keeps a person from looking meanwhile.
UNTOLD = {
    "join", "leave", "nest", "unnest", "delete group", "delete drive", "deactivate", "reactivate",
}  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=operations, second=operations)
def test_changes_tell_what_came_and_what_went_and_nothing_else(first, second):
    world = build([step for step in first if step[0] not in UNTOLD])
    start = str(len(GoogleState.of(world).log) + 1)
    everyone = [person.id for person in world.directory.people.values()]
    ever = {person: seen(world, person) for person in everyone}
    for step in second:
        if step[0] not in UNTOLD:
            go_on(world, [step])
            for person in everyone:
                ever[person] |= seen(world, person)
    for person in everyone:
        status, said = get(
            world, person, "/drive/v3/changes", pageToken=start, pageSize=1000, **WIDE
        )
        if status == 401:
            continue
        now = seen(world, person)
        for change in said["changes"]:
            if change["changeType"] == "file":
                assert change["removed"] == (change["fileId"] not in now)
                assert change["fileId"] in ever[person]


def seen(world, person):
    """Ids of files and folders that the person's own listing shows, the trash included."""
    status, said = get(world, person, "/drive/v3/files", corpora="allDrives", pageSize=1000, **WIDE)
    return {file["id"] for file in said["files"]} if status == 200 else set()


RULES = [(book, name) for book in BOOKS for name in book.rules]


@pytest.mark.parametrize(("book", "name"), RULES, ids=[name for _, name in RULES])
def test_no_rule_can_go_unnoticed(book, name):
    world, _ = every_rule()
    assert disagreements(world) == []
    with book.without(name):
        assert disagreements(world) != []
