"""A library whose root is named for any change below it, synced without a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from simulator.verbs import VerbError
from sync.discovery import discover
from sync.permissions import sync_permissions
from tests.e2e.saltmarsh import Installation
from tests.e2e.team_site import SHAREPOINT, Team, only, team, wrong

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ABOVE = pytest.mark.parametrize("named", ["", "root", "all"])


@pytest.fixture
def site(tmp_path) -> Iterator[Team]:
    with team(tmp_path) as made:
        yield made


def _sweep(ours: Installation) -> None:
    """Permissions alone: the content feed stays where it is."""
    for each in discover(ours.catalog, ours.connectors[SHAREPOINT], ours.clock):
        sync_permissions(ours.catalog, ours.connectors[SHAREPOINT], each, ours.clock)


@ABOVE
@pytest.mark.parametrize("first", ["of its own", "the site's"])
def test_a_library_that_was_otherwise_when_a_sweep_looked(site, named, first) -> None:
    """By the time of the next sync its permissions are again as they were at the last."""
    ours, state, made = site
    state.name_above(named)
    # It has permissions of its own: that it changes says nothing of the library's.
    state.share_with(item=made["c"], principal="user:gus")
    there = [
        lambda: only(state, made["library"], "user:gus"),
        lambda: state.reset_inheritance(target=made["library"]),
    ]
    first, other = there if first == "of its own" else reversed(there)
    with suppress(VerbError):
        first()
    for text in ("one", "two"):
        state.edit(item=made["c"], text=text)
        ours.sync(SHAREPOINT, sweep=False)
    other()
    _sweep(ours)
    first()
    state.edit(item=made["c"], text="three")
    ours.sync(SHAREPOINT, sweep=False)
    assert wrong(ours) == (set(), set())


@ABOVE
def test_a_library_that_ends_what_is_below_of_its_own(site, named) -> None:
    """Nothing is told of the files that were shared before and have its permissions now."""
    ours, state, made = site
    state.name_above(named)
    for item in ("a", "c"):
        state.share(item=made[item], scope="users", people=["gus"])
    ours.sync(SHAREPOINT, sweep=False)
    state.edit(item=made["b"], text="one")
    ours.sync(SHAREPOINT, sweep=False)
    state.edit(item=made["b"], text="two")
    state.break_inheritance(target=made["library"], copy=False, clear=True)
    ours.sync(SHAREPOINT, sweep=False)
    assert wrong(ours) == (set(), set())


@pytest.mark.parametrize("how", ["not to be read", "place lost"])
def test_a_library_whose_first_permissions_come_back(site, how) -> None:
    """What was shared while others held is not, and of that nothing else tells."""
    ours, state, made = site
    faults = ours.world.faults
    state.name_above("root")
    only(state, made["library"], "user:ana")
    ours.sync(SHAREPOINT, sweep=False)
    state.edit(item=made["b"], text="one")
    ours.sync(SHAREPOINT, sweep=False)
    state.grant(target=made["library"], principal="user:gus")
    if how == "not to be read":
        faults.add("forbidden", vendor="sharepoint", endpoint="rest.list.roles", times=None)
    else:
        drive = state.lists[made["library"]].drive
        faults.add("expired_cursor", vendor="sharepoint", endpoint="items.delta", match=drive)
    ours.sync(SHAREPOINT, sweep=False)
    faults.clear()
    state.name_above("")
    state.share_with(item=made["a"], principal="user:ben")
    ours.sync(SHAREPOINT, sweep=False)
    state.name_above("root")
    state.reset_inheritance(target=made["library"])
    state.break_inheritance(target=made["library"], copy=False, clear=True)
    state.grant(target=made["library"], principal="user:ana")
    state.edit(item=made["b"], text="two")
    ours.sync(SHAREPOINT, sweep=False)
    assert wrong(ours) == (set(), set())
