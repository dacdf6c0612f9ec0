import pytest
from hypothesis import HealthCheck, given, settings

from simulator.google.oracle import BOOKS, readable, readable_by_link
from simulator.world import World

from .agreement import disagreements
from .worlds import build, every_rule, operations


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


RULES = [(book, name) for book in BOOKS for name in book.rules]


@pytest.mark.parametrize(("book", "name"), RULES, ids=[name for _, name in RULES])
def test_no_rule_can_go_unnoticed(book, name):
    world, _ = every_rule()
    assert disagreements(world) == []
    with book.without(name):
        assert disagreements(world) != []
