"""A list of a site refuses for good: what is deleted elsewhere goes, and nothing else does."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from access import Source
from catalog import documents
from catalog.policy import AccessPolicy
from catalog.staleness import freshness
from connectors.interface import ConnectorError
from retrieval.audience import audience
from retrieval.explain import explain
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VerbError
from simulator.world import World
from sync.discovery import discover
from sync.permissions import sync_permissions
from tests.e2e.saltmarsh import Installation, installation, person
from tests.e2e.test_sharepoint_content import stored, there
from tests.simulator.sharepoint.worlds import cast

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SHAREPOINT = Source.SHAREPOINT
BROKEN = {"forbidden": 403, "server_error": 503}


@dataclass
class Site:
    """A site with two libraries, pages and two lists, and who follows it."""

    ours: Installation
    state: SharePointState
    made: dict[str, str]

    def refuse(self, part: str, kind: str = "forbidden") -> None:
        """Let a list or library answer so to everything, for good."""
        match = self.state.lists[self.made[part]].drive or self.made[part]
        for endpoint in ("items.delta", "lists.delta", "rest.items"):
            self.ours.world.faults.add(
                kind, vendor="sharepoint", endpoint=endpoint, match=match, times=None
            )

    def mend(self) -> None:
        self.ours.world.faults.clear()

    def sync(self) -> int | None:
        """What a sync of the content failed with."""
        status = None
        for each in discover(self.ours.catalog, self.ours.connectors[SHAREPOINT], self.ours.clock):
            try:
                self.ours.read(each)
            except ConnectorError as error:
                status = error.status
        return status

    def sweep(self) -> None:
        connector = self.ours.connectors[SHAREPOINT]
        for each in discover(self.ours.catalog, connector, self.ours.clock):
            with suppress(ConnectorError):
                sync_permissions(self.ours.catalog, connector, each, self.ours.clock)

    def asked(self) -> Counter[str]:
        return Counter(each.endpoint for each in self.ours.world.requests)

    def names(self, *names: str) -> set[str]:
        return {self.made[each] for each in names}

    def found(self, query: str) -> set[str]:
        """Titles that Ana finds."""
        return {each.title for each in self.ours.retrieval.search(query, person("ana"), 50)}


@contextmanager
def team(folder: Path) -> Iterator[Site]:
    world = World(3)
    cast(world)
    state = SharePointState.of(world)
    team = state.create_site(path="/sites/team", title="Team")
    state.add_to_group(site=team, group="Team Members", principal="user:ana")
    made = {"library": state.create_library(site=team, author="ana")}
    made["archive"] = state.create_library(site=team, title="Archive", author="ana")
    made["top"] = state.create_folder(parent=made["library"], name="top", author="ana")
    made["low"] = state.create_folder(parent=made["top"], name="low", author="ana")
    for name, parent in (("a", "library"), ("b", "top"), ("c", "low"), ("d", "archive")):
        made[name] = state.create_file(
            parent=made[parent], name=f"{name}.txt", author="ana", text=f"tide-{name}"
        )
    made["page"] = state.create_page(site=team, title="Page", author="ana", text="tide-page")
    for name in ("wishes", "risks"):
        made[name] = state.create_list(site=team, title=name, columns=["Notes"], author="ana")
        for n in range(2):
            made[f"{name}{n}"] = state.create_item(
                list=made[name], author="ben", fields={"Title": f"{name}{n}", "Notes": "tide"}
            )
    with installation(world, folder, [SHAREPOINT], attempts=2) as ours:
        ours.sync(SHAREPOINT, text=True)
        assert stored(ours) == there(state)
        yield Site(ours, state, made)


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    with team(tmp_path) as made:
        yield made


@pytest.mark.parametrize("kind", BROKEN)
def test_a_folder_deleted_elsewhere_is_gone_at_that_sync(site: Site, kind: str) -> None:
    assert {"b.txt", "c.txt", "wishes0"} <= site.found("tide")
    site.refuse("wishes", kind)
    site.state.delete(item=site.made["top"])
    site.state.delete(item=site.made["wishes0"])
    site.state.delete(item=site.made["risks0"])
    site.state.edit(item=site.made["a"], text="tide-again")
    assert site.sync() == BROKEN[kind]

    # What went elsewhere is gone, what changed there is read, and nothing of the list is lost.
    expected = there(site.state)
    now = stored(site.ours)
    assert now.keys() - expected.keys() == site.names("wishes0")
    assert {key: now[key] for key in expected} == expected
    assert not {"b.txt", "c.txt", "risks0"} & site.found("tide")
    assert {"d.txt", "wishes0", "wishes1"} <= site.found("tide")

    # Whoever waits pays for the list alone: no other part is read or listed again.
    site.ours.world.requests.clear()
    assert site.sync() == BROKEN[kind]
    asked = site.asked()
    assert asked["rest.items"] == 0
    assert asked["items.delta"] == 2  # each library's changes
    assert asked["rest.lists"] == 1

    site.mend()
    assert site.sync() is None
    assert stored(site.ours) == there(site.state)
    assert "wishes0" not in site.found("tide")
    site.ours.world.requests.clear()
    assert site.sync() is None
    assert site.asked()["rest.items"] == 0


def test_a_list_deleted_elsewhere_is_gone_at_that_sync(site: Site) -> None:
    site.refuse("library")
    site.state.delete_list(list=site.made["risks"])
    site.state.delete_list(list=site.made["archive"])
    assert site.sync() == 403
    assert stored(site.ours).keys() == there(site.state).keys()
    site.mend()
    assert site.sync() is None
    assert stored(site.ours) == there(site.state)


def test_a_lost_place_elsewhere_is_made_up_for(site: Site) -> None:
    site.state.expire_tokens()
    site.state.delete(item=site.made["top"])
    site.refuse("wishes")
    assert site.sync() == 403
    assert stored(site.ours).keys() == there(site.state).keys()
    site.mend()
    assert site.sync() is None
    assert stored(site.ours) == there(site.state)


@pytest.mark.parametrize("own", [True, False], ids=["its own readers", "the site's"])
def test_what_a_refusing_list_holds_grows_old(site: Site, own: bool) -> None:
    """It admits nobody in the end, though other lists go on confirming the site's readers."""
    if own:
        site.state.break_inheritance(target=site.made["wishes"], copy=True)
        site.state.grant(target=site.made["wishes"], principal="user:ana")
    site.ours.sync(SHAREPOINT)
    names = {f"{SHAREPOINT}:{site.made[name]}" for name in ("wishes0", "wishes1")}
    mine = lambda: {name for who, name in site.ours.admitted() if who == "ana"}  # noqa: E731
    assert names <= mine()
    site.refuse("wishes")
    for _ in range(5):
        site.ours.world.time.advance(seconds=timedelta(hours=6).total_seconds())
        site.ours.meet()
        site.ours.tolerant_sync(SHAREPOINT)
        site.sweep()
    others = {f"{SHAREPOINT}:{site.made[name]}" for name in ("a", "d", "risks0", "page")}
    assert others <= mine()
    assert not names & mine()
    with site.ours.catalog.reading() as connection:
        (told,) = freshness(connection, AccessPolicy(), site.ours.clock())
        row = documents.find(connection, f"{SHAREPOINT}:{site.made['wishes0']}").id
    assert told.hidden == len(names)
    catalog, clock = site.ours.catalog, site.ours.clock
    assert not explain(catalog, AccessPolicy(), person("ana"), row, clock).readable
    assert not audience(catalog, AccessPolicy(), row, clock)
    site.mend()
    site.ours.sync(SHAREPOINT)
    assert names <= mine()


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["delete", "delete", "edit", "create", "item"]),
        st.sampled_from(["a", "b", "c", "d", "top", "low", "wishes0", "wishes1", "risks0", "page"]),
    ),
    max_size=4,
)
REFUSED = st.dictionaries(
    st.sampled_from(["library", "archive", "wishes", "risks"]), st.sampled_from(sorted(BROKEN)),
    max_size=1,
)  # fmt: skip


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=3,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(CHANGES, REFUSED), min_size=1, max_size=5))
def test_any_history_with_parts_that_refuse(rounds) -> None:
    with tempfile.TemporaryDirectory() as folder, team(Path(folder)) as site:
        for number, (changes, refused) in enumerate(rounds):
            for n, (what, name) in enumerate(changes):
                with suppress(VerbError):
                    _change(site, what, name, f"{number}-{n}")
            before = stored(site.ours).keys()
            for part, kind in refused.items():
                site.refuse(part, kind)
            status = site.sync()
            site.mend()
            assert status == (BROKEN[next(iter(refused.values()))] if refused else None)
            shut = {
                id
                for id, item in site.state.items.items()
                if item.list_id in {site.made[part] for part in refused}
            }
            now, expected = stored(site.ours), there(site.state)
            assert before & shut <= now.keys()
            assert now.keys() - shut == expected.keys() - shut
            assert all(now[key] == expected[key] for key in now.keys() - shut)
        assert site.sync() is None
        assert stored(site.ours) == there(site.state)


def _change(site: Site, what: str, name: str, word: str) -> None:
    state, made = site.state, site.made
    if what == "delete":
        state.delete(item=made[name])
    elif what == "edit" and name in "abcd":
        state.edit(item=made[name], text=f"word-{word}")
    elif what == "create":
        parent = made[name] if name in ("top", "low") else made["archive"]
        state.create_file(parent=parent, name=f"{word}.txt", author="ana", text=f"new-{word}")
    elif what == "item":
        where = made["wishes"] if name.startswith("w") else made["risks"]
        fields = {"Title": word, "Notes": f"word-{word}"}
        state.create_item(list=where, author="ben", fields=fields)
