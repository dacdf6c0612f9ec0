"""A small world, running."""

import pytest

from simulator.embedded import serve
from simulator.google.state import GoogleState
from simulator.world import World


@pytest.fixture
def world():
    world = World(5)
    for person in ("ann", "ben", "cat"):
        world.directory.add_person(id=person, name=person.title() + " Someone")
    world.directory.add_person(id="gus", name="Gus", email="gus@else.example", guest=True)
    GoogleState.of(world).make_admin(person="ann")
    return world


@pytest.fixture
def running(world):
    with serve(world) as server:
        yield server


@pytest.fixture
def drive(world):
    return GoogleState.of(world)
