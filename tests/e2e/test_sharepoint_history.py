"""SharePoint, followed sync by sync: after each, every reader is as the oracle says.

The content feed tells of permissions on libraries, folders and files; those of sites, lists and
pages are for the sweep, and who is in a group for the memberships.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.interface import ConnectorError
from simulator.faults import LASTING_KINDS, FaultKind
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VerbError
from sync.discovery import discover
from tests.e2e.saltmarsh import Installation
from tests.e2e.team_site import SHAREPOINT, Team, only, team, wrong
from tests.simulator.sharepoint.test_agreement import STEPS, step

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def site(tmp_path) -> Iterator[Team]:
    with team(tmp_path) as made:
        yield made


def _visitors(state: SharePointState, site: str) -> str:
    roles = state.sites[site].roles or {}
    return next(who for who, levels in roles.items() if levels == ["Read"])


FED = {
    "lock a folder": lambda s, f: only(s, f["top"], "user:ben"),
    "lock a folder in a locked folder": lambda s, f: (
        only(s, f["top"], "user:ben"),
        only(s, f["low"], "user:gus"),
    ),
    "lock a library": lambda s, f: only(s, f["library"], "user:gus"),
    "lock a file": lambda s, f: only(s, f["c"], "user:gus"),
    "share a folder": lambda s, f: s.share_with(item=f["low"], principal="user:gus"),
    "a link to a file": lambda s, f: s.share(item=f["b"], scope="users", people=["gus"]),
    "a link to a folder": lambda s, f: s.share(item=f["top"], scope="users", people=["gus"]),
    "a link that is opened": lambda s, f: s.redeem(
        link=s.share(item=f["b"], scope="organization"), person="ben"
    ),
    "a link for anyone": lambda s, f: s.share(item=f["b"], scope="anonymous"),
    "move a folder up": lambda s, f: (
        only(s, f["top"], "user:ben"),
        s.move(item=f["low"], parent=f["library"]),
    ),
    "bin a folder": lambda s, f: s.delete(item=f["top"]),
    "delete a list": lambda s, f: s.delete_list(list=f["list"]),
    "delete a list item": lambda s, f: s.delete(item=f["item"]),
    "lock a page": lambda s, f: only(s, f["page"], "user:gus"),
    "lock a list item": lambda s, f: only(s, f["item"], "user:gus"),
    "into a group": lambda s, f: s.add_to_group(
        site=f["site"], group="Team Visitors", principal="user:gus"
    ),
    "out of a group": lambda s, f: s.remove_from_group(
        site=f["site"], group="Team Visitors", principal="group:outer"
    ),
    "out of a nested group": lambda s, f: s.world.directory.unnest(group="outer", child="inner"),
    "out of the crew": lambda s, f: s.remove_m365_member(group="crew", person="ana"),
    "another owner": lambda s, f: s.set_m365_owners(group="crew", owners=["ana"]),
    "an administrator": lambda s, f: s.add_admin(site=f["site"], principal="user:gus"),
    "who is deleted": lambda s, f: s.world.directory.delete_person(person="ana"),
    "edit": lambda s, f: s.edit(item=f["c"], text="other"),
    "a library of one's own": lambda s, f: s.set_up_list(list=f["library"], own_only=True),
    "a list of one's own": lambda s, f: s.set_up_list(list=f["list"], own_only=True),
    "pages of one's own": lambda s, f: s.set_up_list(
        list=s.items[f["page"]].list_id, own_only=True
    ),
}
SWEPT = {
    "lock the site": lambda s, f: s.revoke(target=f["site"], principal=_visitors(s, f["site"])),
    "lock the subsite": lambda s, f: only(s, f["sub"], "user:gus"),
    "lock a list": lambda s, f: only(s, f["list"], "user:gus"),
}


@pytest.mark.parametrize("change", FED)
def test_one_change(site, change) -> None:
    ours, state, made = site
    FED[change](state, made)
    ours.sync(SHAREPOINT, sweep=False)
    assert wrong(ours) == (set(), set())


@pytest.mark.parametrize("change", SWEPT)
def test_one_change_that_only_a_sweep_sees(site, change) -> None:
    ours, state, made = site
    SWEPT[change](state, made)
    assert wrong(ours) != (set(), set())
    ours.sync(SHAREPOINT)
    assert wrong(ours) == (set(), set())


def test_a_folder_costs_as_many_requests_whatever_lies_beneath(site) -> None:
    """By the page, that is: what is counted here fits on one."""
    ours, state, made = site
    only(state, made["top"], "user:ben")
    asked = {}
    for files in (0, 60):
        for n in range(files):
            state.create_file(parent=made["low"], name=f"{n}.txt", author="ana", text="n")
        ours.sync(SHAREPOINT)
        state.grant(target=made["top"], principal=f"user:{('gus', 'ana')[files > 0]}")
        ours.world.requests.clear()
        ours.sync(SHAREPOINT)
        asked[files] = Counter(each.endpoint for each in ours.world.requests)
        assert wrong(ours) == (set(), set())
    assert asked[0] == asked[60]
    assert asked[0].total() < 100
    assert not asked[60]["rest.item"]
    assert asked[60]["rest.item.roles"] == 2  # the one folder: by the feed, and by the sweep


def _apply(state: SharePointState, one: tuple[Any, ...]) -> None:
    """One random change, if it makes sense; links are made on files and folders alone.

    Graph tells no end of a link on a page or list item, so nobody is let in by one.
    """
    with suppress(VerbError):
        if one[0] != "share":
            step(state.world, *one)
            return
        _, target, scope, who, ends = one
        items = [i.id for i in state.items.values() if i.kind in ("file", "folder") and not i.gone]
        state.share(
            item=items[target % len(items)],
            scope=scope,
            people=[who] if scope == "users" else None,
            expires="2026-06-15T09:04:00Z" if ends else "",
        )


def _told_nowhere(state: SharePointState) -> dict[str, dict[str, list[str]] | None]:
    """Role assignments whose change no feed tells of: those of sites, lists and page libraries."""
    places = [*state.sites.values(), *(each for each in state.lists.values() if not each.drive)]
    return {
        place.id: place.roles
        and {
            who: list(levels) for who, levels in place.roles.items() if levels != ["Limited Access"]
        }
        for place in places
    }


CHANGES = STEPS.filter(lambda one: one[0] not in ("guests", "no site"))
TOLD = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without looking for a shorter example: what fails once under one seed need not fail again."""
HISTORY = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.large_base_example,
        HealthCheck.filter_too_much,
    ],
)


def histories(few: int) -> pytest.MarkDecorator:
    """How many examples: a few in the suite, and many where there are minutes for them."""
    many = pytest.param(25, marks=[pytest.mark.long, pytest.mark.timeout(1200)])
    return pytest.mark.parametrize("examples", [pytest.param(few, marks=pytest.mark.slow), many])


@histories(6)
def test_any_history(examples) -> None:
    """Without a sweep too, but for what no feed tells of."""

    @settings(HISTORY, max_examples=examples)
    @given(
        st.lists(st.tuples(st.lists(CHANGES, min_size=1, max_size=5), st.booleans()), max_size=8)
    )
    def hold(rounds) -> None:
        with tempfile.TemporaryDirectory() as folder, team(Path(folder)) as (ours, state, _):
            swept = _told_nowhere(state)
            for changes, sweep in [*rounds, ([], True)]:
                for one in changes:
                    _apply(state, one)
                ours.sync(SHAREPOINT, sweep=sweep)
                swept = _told_nowhere(state) if sweep else swept
                now = _told_nowhere(state)
                if {place: now.get(place) for place in swept} == swept:
                    assert wrong(ours) == (set(), set())

    hold()


@histories(4)
def test_any_history_on_bad_days(examples) -> None:
    """While calls fail nobody gets in who was not in before; afterwards all is as it should be.

    One change a day: of two, one may be told and the other late.
    """

    @settings(HISTORY, max_examples=examples, phases=TOLD)
    @given(st.lists(CHANGES, max_size=5), st.integers(0, 1_000_000))
    def hold(changes, seed) -> None:
        with tempfile.TemporaryDirectory() as folder, team(Path(folder)) as (ours, state, _):
            ours.world.faults._rng.seed(seed)
            for one in changes:
                before, rows = ours.admitted(), ours.rows()
                _apply(state, one)
                ours.world.faults.bad_day(rate=0.05, vendor="sharepoint", seconds=0.01)
                ours.tolerant_sync(SHAREPOINT)
                ours.world.faults.clear()
                leaks, _ = wrong(ours)
                assert leaks <= before  # late, perhaps; never somebody who was not let in before
                live = {f"{SHAREPOINT}:{i.id}" for i in state.items.values() if state.live(i)}
                assert rows.keys() & live <= ours.rows().keys()  # no false delete
                ours.sync(SHAREPOINT)
                ours.world.time.advance(seconds=20 * 3600)  # till what failed is tried again
                ours.reconcile(SHAREPOINT)
                ours.sync(SHAREPOINT)
                assert wrong(ours) == (set(), set())

    hold()


def _read_what_goes(ours: Installation) -> int:
    """Every container's documents without a sweep; gives how many containers refused."""
    refused = 0
    for each in discover(ours.catalog, ours.connectors[SHAREPOINT], ours.clock):
        try:
            ours.read(each)
        except ConnectorError:
            refused += 1
    return refused


LISTINGS = ("items.delta", "lists.delta", "rest.items")
"""What tells of documents; a refusal there is made up for by the next sync."""


@pytest.mark.parametrize("after", range(4))
def test_a_refused_listing_needs_no_sweep(site, after) -> None:
    """Of a folder that is locked, while there is news of every other part."""
    ours, state, made = site
    for n, endpoint in enumerate(LISTINGS):
        if n == 0:
            only(state, made["top"], "user:ben")
        else:
            change = state.revoke if n % 2 == 0 else state.grant
            change(target=made["top"], principal="user:gus")
        new = state.create_file(parent=made["low"], name=f"{n}.txt", author="ana", text="n")
        state.edit(item=made["page"], text=f"{n}")
        state.edit(item=made["item"], fields={"Title": f"{n}"})
        ours.world.faults.add("forbidden", vendor="sharepoint", endpoint=endpoint, after=after)
        _read_what_goes(ours)
        ours.world.faults.clear()
        ours.sync(SHAREPOINT, sweep=False)
        assert f"{SHAREPOINT}:{new}" in ours.rows()
        assert wrong(ours) == (set(), set())


def test_a_refused_body_is_named_and_waits_for_its_next_try(site) -> None:
    ours, state, made = site
    page = state.create_page(site=made["site"], title="New", author="ana", text="n")
    ours.world.faults.add("forbidden", vendor="sharepoint", endpoint="rest.items", after=1)
    ours.sync(SHAREPOINT, sweep=False)
    assert ours.failed(SHAREPOINT) == {f"{SHAREPOINT}:{page}"}
    ours.world.time.advance(seconds=20 * 3600)
    ours.reconcile(SHAREPOINT)
    ours.sync(SHAREPOINT, sweep=False)
    assert not ours.failed(SHAREPOINT)
    assert wrong(ours) == (set(), set())


@histories(6)
def test_any_history_with_refusals_and_no_sweep(examples) -> None:
    """A sweep would hide what the content feed lost."""

    @settings(HISTORY, max_examples=examples, phases=TOLD)
    @given(
        st.lists(
            st.tuples(
                st.lists(CHANGES, min_size=1, max_size=4),
                st.sampled_from(LISTINGS),
                st.integers(0, 5),
            ),
            max_size=6,
        )
    )
    def hold(rounds) -> None:
        with tempfile.TemporaryDirectory() as folder, team(Path(folder)) as (ours, state, _):
            swept = _told_nowhere(state)
            for changes, endpoint, after in rounds:
                for one in changes:
                    _apply(state, one)
                ours.world.faults.add(
                    "forbidden", vendor="sharepoint", endpoint=endpoint, after=after
                )
                _read_what_goes(ours)
                ours.world.faults.clear()
                ours.sync(SHAREPOINT, sweep=False)
                now = _told_nowhere(state)
                if {place: now.get(place) for place in swept} == swept:
                    leaks, missing = wrong(ours)
                    assert not leaks
                    # A body that was refused is named as such, and waits for its next try.
                    assert {name for _, name in missing} <= ours.failed(SHAREPOINT)
            ours.world.time.advance(seconds=20 * 3600)
            ours.reconcile(SHAREPOINT)
            ours.sync(SHAREPOINT)
            assert wrong(ours) == (set(), set())
            assert not ours.failed(SHAREPOINT)

    hold()


def test_a_refusal_that_lasts_over_sweeps_keeps_no_reader_elsewhere(site) -> None:
    ours, state, made = site
    ours.world.faults.add(
        "forbidden", vendor="sharepoint", endpoint="rest.items", match=made["list"], times=None
    )
    assert ours.tolerant_sync(SHAREPOINT) == 1
    SWEPT["lock the site"](state, made)
    assert wrong(ours)[0]
    assert ours.tolerant_sync(SHAREPOINT) == 1
    assert not wrong(ours)[0]


OTHERS = {FaultKind.INCOMPLETE_SEARCH, FaultKind.TRUNCATED_TREE, *LASTING_KINDS}
"""Google's, GitHub's, and what strikes every call."""


@pytest.mark.slow
def test_every_fault_by_itself(site) -> None:
    """Each often enough to strike, while somebody is shut out of a folder or let in."""
    ours, state, made = site
    state.limit_pages(most=2)
    only(state, made["top"], "user:ben")
    ours.sync(SHAREPOINT)
    for number, kind in enumerate(each for each in FaultKind if each not in OTHERS):
        before, rows = ours.admitted(), ours.rows().keys()
        change = state.revoke if number % 2 else state.grant
        change(target=made["top"], principal="user:gus")
        ours.world.faults.add(kind, vendor="sharepoint", probability=0.2, times=8, seconds=0.01)
        ours.tolerant_sync(SHAREPOINT)
        ours.world.faults.clear()
        assert ours.world.faults.struck(kind), kind
        leaks, _ = wrong(ours)
        assert leaks <= before, kind
        assert rows <= ours.rows().keys(), kind
        ours.world.time.advance(seconds=20 * 3600)  # till what failed is tried again
        ours.reconcile(SHAREPOINT)
        ours.sync(SHAREPOINT)
        assert wrong(ours) == (set(), set()), kind
