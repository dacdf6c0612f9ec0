"""Role assignments and sharing links: each reader is as the simulator's oracle says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import PrincipalKind
from connectors.interface import ConnectorError
from connectors.sharepoint.principals import (
    user,
)
from connectors.sharepoint.rights import ALL, Right, rights
from simulator.sharepoint.ids import TENANT, object_id
from simulator.sharepoint.model import Item
from simulator.sharepoint.oracle import documents, readable
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VerbError
from simulator.world import World
from tests.fixtures.sharepoint import SCOPES, Members, granted, reading, wrong
from tests.simulator.sharepoint.test_agreement import STEPS, step
from tests.simulator.sharepoint.worlds import cast, corners

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_every_corner() -> None:
    with reading(corners()) as reader:
        assert wrong(reader) == (set(), set())


def test_pages_cut_short_everywhere() -> None:
    world = corners()
    SharePointState.of(world).limit_pages(most=1)
    with reading(world) as reader:
        assert wrong(reader) == (set(), set())


def test_the_company() -> None:
    with reading(World.company()) as reader:
        assert wrong(reader) == (set(), set())


def test_limited_access_and_a_level_without_view_open_nothing() -> None:
    world = corners()
    with reading(world) as reader:
        below = next(i for i in reader.state.items.values() if i.name == "deep.txt")
        folder = reader.state.items[reader.state.items[below.parent].parent]
        home = reader.permissions(reader.state.lists[below.list_id].site)
        gus = user(object_id("person", "gus"))
        assert gus in granted(home.access(reader.guard(below)))
        assert gus not in granted(home.access(reader.guard(folder)))
        assert user(object_id("person", "ben")) not in granted(home.access(reader.guard(folder)))


def test_what_may_not_be_read_is_unknown_and_the_rest_goes_on() -> None:
    world = corners()
    with reading(world) as reader:
        files = {i.name: i for i in reader.state.items.values() if i.kind == "file"}
        world.faults.add("forbidden", endpoint="rest.item.roles", match=_asked(files["user.txt"]))
        web = reader.state.lists[files["user.txt"].list_id].site
        permissions = reader.permissions(web)
        (shut,) = permissions.access(reader.guard(files["user.txt"])).clauses
        assert shut.grants is None
        assert "403" in shut.reason
        assert "Sites.FullControl.All" in shut.reason
        assert permissions.access(reader.guard(files["everyone.txt"])).known


def _asked(item: Item) -> str:
    """What a request for the role assignments of an item has in its path."""
    return f"items/{item.number}/roleassignments"


@pytest.mark.parametrize("name", ["wishes", "draft"])
def test_every_clause_of_an_unreadable_bearer_is_unknown(name: str) -> None:
    world = corners()
    with reading(world) as reader:
        world.faults.add("forbidden", endpoint="rest.list.roles", times=None)
        title = {"wishes": "Read by ana and by gus", "draft": "Draft.aspx"}[name]
        item = next(i for i in reader.state.items.values() if title == i.name)
        access = reader.access(item.id)
        assert len(access.clauses) == 2
        assert [clause.grants for clause in access.clauses] == [None, None]


def test_drafts_for_approvers_are_not_for_editors() -> None:
    world = corners()
    state = SharePointState.of(world)
    draft = next(i for i in state.items.values() if i.name == "Draft.aspx")
    web = state.sites[state.web_of(draft).parent].id
    state.grant(target=web, principal="user:ana", role="Design")
    with reading(world) as reader:
        members = reader.members()
        admitted = {}
        for level in (0, 1, 2, 3):
            guard = replace(reader.guard(draft), draft=level)
            access = reader.permissions(state.web_of(draft).id).access(guard)
            people = world.directory.people.values()
            admitted[level] = {who.id for who in people if reader.admits(access, who, members)}
        # Gus administers the collection; Ana designs it, Ben edits it.
        assert admitted == {
            0: {"ana", "ben", "gus"},
            1: {"ana", "ben", "gus"},
            2: {"ana", "gus"},
            3: {"ana", "gus"},
        }


def test_a_link_without_terms_grants_nobody() -> None:
    """Graph tells no end of a link on a page, so nobody may rely on it."""
    world = corners()
    state = SharePointState.of(world)
    page = next(i for i in state.items.values() if i.kind == "page" and i.published)
    state.share(item=page.id, scope="users", people=["gus"], expires="2026-06-15T09:01:30Z")
    with reading(world) as reader:
        access = reader.access(page.id)
        assert access.known
        assert not any("link" in each.id for each in granted(access))
        gus = world.directory.people["gus"]
        administered = reader.state.web_of(page).collection.admins
        assert administered == ["user:gus"]
        state.remove_admin(site=reader.state.web_of(page).id, principal="user:gus")
        state.revoke(target=page.id, principal="group:outer")
        assert not reader.admits(reader.access(page.id), gus, reader.members())


def test_links_end_and_open_for_others_by_address_alone() -> None:
    world = corners()
    state = SharePointState.of(world)
    files = {i.name: i for i in state.items.values() if i.kind == "file"}
    state.expire_link(link=files["named.txt"].links[0], at="2026-09-01T00:00:00Z")
    with reading(world) as reader:
        (clause,) = reader.access(files["named.txt"].id).clauses
        assert clause.grants is not None
        ends = {g.expires_at for g in clause.grants if g.expires_at is not None}
        assert [end.isoformat() for end in ends] == ["2026-09-01T00:00:00+00:00"]
        kinds = {
            name: {
                (each.kind, each.id)
                for each in granted(reader.access(files[name].id))
                if each.kind not in (PrincipalKind.GROUP, PrincipalKind.USER)
            }
            for name in ("named.txt", "org.txt", "anyone.txt")
        }
        assert kinds == {
            "named.txt": set(),
            "org.txt": {(PrincipalKind.TENANT, f"link:{TENANT}")},
            "anyone.txt": {(PrincipalKind.ANYONE, "link")},
        }


@pytest.mark.parametrize("covers", [False, True])
def test_everyone_is_the_guests_too_only_where_the_tenant_was_set_so(covers: bool) -> None:
    world = corners()
    SharePointState.of(world).let_everyone_cover_guests(covers=covers)
    with reading(world, everyone_includes_guests=covers) as reader:
        assert wrong(reader) == (set(), set())


def test_without_full_control_nothing_is_known() -> None:
    """REST answers as if access were lost, so what is behind it is hidden and the reason said."""
    with reading(corners(), ["Sites.Read.All", *SCOPES[1:]]) as reader:
        for document in documents(reader.world):
            if reader.state.live(reader.state.items[document.id]):
                access = reader.access(document.id)
                assert not access.known
                assert all("Sites.FullControl.All" in c.reason for c in access.clauses)


@pytest.mark.parametrize(
    "bindings",
    [None, {}, [{}], [{"BasePermissions": {"High": "1"}}], [{"BasePermissions": {"Low": "many"}}]],
)
def test_role_definitions_that_say_nothing_are_an_error(bindings: object) -> None:
    with pytest.raises(ValueError):
        rights(bindings)


@pytest.mark.parametrize(
    ("low", "found"),
    [
        ("0", Right(0)),
        ("134287360", Right(0)),  # Limited Access
        ("138612833", Right.VIEW),  # Read
        ("4294967295", ALL),  # Full Control
    ],
)
def test_masks(low: str, found: Right) -> None:
    assert rights([{"BasePermissions": {"High": "48", "Low": low}}]) == found


def test_a_bearer_is_read_once_whatever_lies_beneath() -> None:
    world = corners()
    state = SharePointState.of(world)
    home = state.sites[state.paths["/sites/home"]].id
    library = next(i.id for i in state.lists_of(home, "documentLibrary"))
    for number in range(30):
        state.create_file(parent=library, name=f"{number}.txt", author="ana")
    with reading(world) as reader:
        permissions = reader.permissions(home)
        items = [i for i in reader.state.items.values() if i.list_id == library]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda item: permissions.access(reader.guard(item)), items))
        asked = [r.path for r in world.requests if r.endpoint.endswith(".roles")]
        assert len(asked) == len(set(asked)) == len({reader.bearer(item).key for item in items})


@pytest.mark.parametrize("seed", range(4))
def test_on_a_bad_day_nobody_gets_in_who_may_not(seed: int) -> None:
    world = corners()
    state = SharePointState.of(world)
    state.limit_pages(most=2)
    with reading(world) as reader:
        world.faults._rng.seed(seed)
        world.faults.bad_day(rate=0.06, vendor="sharepoint", seconds=0.01)
        members: Members = {}
        known = 0
        for _ in range(6):
            try:
                members = reader.members()
                break
            except ConnectorError:
                continue
        for document in documents(world):
            if not state.live(state.items[document.id]):
                continue
            try:
                access = reader.access(document.id)
            except ConnectorError:
                continue
            known += access.known
            for who in world.directory.people.values():
                if reader.admits(access, who, members):
                    assert readable(world, who, document.id), (who.id, document.title)
        assert known
        assert world.faults.log
        world.faults.clear()
        assert wrong(reader) == (set(), set())


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(st.lists(STEPS, min_size=10, max_size=40))
def test_random_worlds(steps: list[tuple[Any, ...]]) -> None:
    world = World(3)
    cast(world)
    state = SharePointState.of(world)
    state.create_m365_group(id="crew", name="Crew", owners=["ben"])
    for one in (("site", False), ("library", 0), ("list", 0, False), ("folder", 0), *steps):
        if one[0] != "guests" and not (one[0] == "share" and _without_drive(state)):
            with suppress(VerbError):
                step(world, *one)
    world.directory.deactivate(person="off")
    with reading(world) as reader:
        assert wrong(reader) == (set(), set())


def _without_drive(state: SharePointState) -> bool:
    """Whether links could be made on what Graph tells no links of."""
    return any(item.kind in ("page", "item") for item in state.items.values())
