"""A team's site at the simulator, synced once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from access import Source
from simulator.sharepoint.state import SharePointState
from simulator.world import World
from tests.e2e.saltmarsh import Installation, Pair, Synced, readable
from tests.simulator.sharepoint.worlds import cast

SHAREPOINT = Source.SHAREPOINT
Team = tuple[Installation, SharePointState, dict[str, str]]


def wrong(ours: Installation) -> tuple[set[Pair], set[Pair]]:
    """Leaks, and what is missing."""
    truth = {(who, name) for name, all in readable(ours.world, "sharepoint").items() for who in all}
    admitted = ours.admitted()
    return admitted - truth, truth - admitted


def _team() -> tuple[World, tuple[SharePointState, dict[str, str]]]:
    """A site with a subsite; folders in folders, pages and a list."""
    world = World(3)
    cast(world)
    state = SharePointState.of(world)
    state.create_m365_group(id="crew", name="Crew", owners=["ben"], hidden=True)
    state.add_m365_member(group="crew", person="ana")
    site = state.create_site(path="/sites/team", title="Team", group="crew")
    made = {"site": site, "sub": state.create_site(path="sub", title="Sub", parent=site)}
    made["library"] = state.create_library(site=site, author="ana")
    made["top"] = state.create_folder(parent=made["library"], name="top", author="ana")
    made["low"] = state.create_folder(parent=made["top"], name="low", author="ana")
    for name, parent in (("a", "library"), ("b", "top"), ("c", "low")):
        made[name] = state.create_file(
            parent=made[parent], name=f"{name}.txt", author="ana", text=name
        )
    made["page"] = state.create_page(site=site, title="Page", author="ana", text="p")
    made["below"] = state.create_page(site=made["sub"], title="Below", author="ana", text="b")
    made["list"] = state.create_list(site=site, title="Wishes", author="ana")
    made["item"] = state.create_item(list=made["list"], author="ben", fields={"Title": "wish"})
    state.add_to_group(site=site, group="Team Visitors", principal="group:outer")
    return world, (state, made)


SYNCED = Synced(_team, [SHAREPOINT])


@contextmanager
def team(folder: Path) -> Iterator[Team]:
    """The same, synced once."""
    with SYNCED.again(folder) as (ours, (state, made)):
        assert wrong(ours) == (set(), set())
        yield ours, state, made


def only(state: SharePointState, target: str, *principals: str) -> None:
    state.break_inheritance(target=target, copy=False)
    for principal in principals:
        state.grant(target=target, principal=principal)
