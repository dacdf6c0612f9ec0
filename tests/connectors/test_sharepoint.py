"""The SharePoint connector over real HTTP: what it reads and asks, and what it makes of a no."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from access import Source
from connectors.capability import Outcome
from connectors.interface import (
    AuthenticationFailed,
    ConnectorError,
    CursorExpired,
    NotConfigured,
    SourceUnavailable,
)
from connectors.refused import Refused
from connectors.retry import Retry
from connectors.sharepoint import drives
from connectors.sharepoint.capabilities import roles
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.connector import SharePointConnector
from connectors.sharepoint.pages import canvas_html
from connectors.sharepoint.settings import SharePointSettings
from corpus import Change, Container, Cursor, Delete, Document, Failed, Page, Reacl, Upsert
from service.check_command import check
from simulator.embedded import Running, serve
from simulator.sharepoint.ids import HOST, TENANT, site_id
from simulator.sharepoint.render import render
from simulator.sharepoint.state import SharePointState
from simulator.world import World
from tests.fixtures.wire import Answer, Asked, serving
from tests.simulator.sharepoint.worlds import cast

AUDIENCE = "https://graph.microsoft.com"
ALL = ["Sites.FullControl.All", "User.Read.All", "GroupMember.Read.All", "Member.Read.Hidden"]


def settings(url: str, **more: object) -> SharePointSettings:
    values: dict[str, object] = {
        "tenant": TENANT,
        "client_id": "sync",
        "client_secret": "s3cret",
        "authority": f"{url}/entra",
        "graph_root": f"{url}/graph",
        "graph_audience": AUDIENCE,
        **more,
    }
    return SharePointSettings(_env_file=None, **values)  # type: ignore[arg-type]


@dataclass
class There:
    """A team site with a library, a list and pages, and a connector to it."""

    running: Running
    state: SharePointState
    made: dict[str, str]
    slept: list[float] = field(default_factory=list)
    stored: dict[str, str] = field(default_factory=dict)
    """Versions by document, as a catalog would keep them."""

    def connector(self, **more: object) -> SharePointConnector:
        world = self.running.world

        def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            world.time.advance(seconds=seconds)

        return SharePointConnector(settings(self.running.url, **more), sleep=sleep, now=world.now)

    def container(self, connector: SharePointConnector, site: str = "team") -> Container:
        web = self.state.sites[self.made[site]]
        wanted = site_id(web.collection.id, web.id)
        (found,) = [each for each in connector.containers() if each.id == wanted]
        return found

    def read(
        self, connector: SharePointConnector, since: Cursor | None = None, site: str = "team"
    ) -> list[Page]:
        """One pass, with what it told kept as a catalog would."""
        container = self.container(connector, site)
        self.running.world.requests.clear()
        pages = list(connector.changes(container, since, self.known))
        for change in changes(pages):
            if isinstance(change, Upsert):
                self.stored[change.document.id] = change.document.version
            elif isinstance(change, Delete):
                del self.stored[change.document_id]
        return pages

    def known(self, ids: Sequence[str]) -> Mapping[str, str]:
        return {id: self.stored[id] for id in ids if id in self.stored}

    def asked(self) -> Counter[str]:
        return Counter(each.endpoint for each in self.running.world.requests)

    def fault(self, kind: str, **options: object) -> None:
        self.running.world.faults.add(kind, vendor="sharepoint", **options)


def changes(pages: Sequence[Page]) -> list[Change]:
    return [change for page in pages for change in page.changes]


def documents(pages: Sequence[Page]) -> dict[str, Document]:
    return {c.document.id: c.document for c in changes(pages) if isinstance(c, Upsert)}


def office() -> tuple[World, SharePointState, dict[str, str]]:
    world = World(11)
    cast(world)
    sp = SharePointState.of(world)
    sp.register_app(client_id="sync", secret="s3cret", permissions=ALL)
    team = sp.create_site(path="/sites/team", title="Team")
    made = {"team": team, "lab": sp.create_site(path="lab", title="Lab", parent=team)}
    made["library"] = sp.create_library(site=team, author="ana")
    made["other"] = sp.create_library(site=team, title="Archive", author="ana")
    made["folder"] = sp.create_folder(parent=made["library"], name="Plans & drafts", author="ana")
    made["inner"] = sp.create_folder(parent=made["folder"], name="Inner", author="ana")
    for name, parent in (
        ("plan.docx", "folder"),
        ("costs.xlsx", "inner"),
        ("notes.md", "library"),
        ("photo.png", "library"),
    ):
        made[name] = sp.create_file(
            parent=made[parent], name=name, author="ana", text=f"# {name}\n\nTide tables."
        )
    made["list"] = sp.create_list(site=team, title="Risks", columns=["Severity", "Notes"])
    made["risk"] = sp.create_item(
        list=made["list"],
        author="ana",
        fields={"Title": "Flood", "Severity": "High", "Notes": "Watch <it>\nand act."},
    )
    sp.attach(item=made["risk"], name="it's evidence.txt", text="It rained.")
    sp.attach(item=made["risk"], name="photo.jpg", text="pixels")
    sp.comment(item=made["risk"], author="ben", text="The password is swordfish-9.")
    made["calm"] = sp.create_item(list=made["list"], author="ben", fields={"Title": "Calm"})
    text = "# Tides\n\nRead this.\n\n!links | Start | Plans > https://saltmarsh.example/plans"
    made["page"] = sp.create_page(
        site=team, title="Welcome", author="ana", text=f"{text}\n---\nSecond part."
    )
    return world, sp, made


@pytest.fixture
def there() -> Iterator[There]:
    world, state, made = office()
    with serve(world) as running:
        yield There(running, state, made)


# What is read


def test_files_pages_and_items_are_read_as_they_are(there: There) -> None:
    pages = there.read(there.connector())
    found = documents(pages)
    assert found.keys() == {
        there.made[name]
        for name in ("plan.docx", "costs.xlsx", "notes.md", "photo.png", "risk", "calm", "page")
    }
    assert pages[-1].whole
    assert not any(page.whole for page in pages[:-1])
    plan = found[there.made["plan.docx"]]
    assert plan.content.data == render("plan.docx", there.state.items[plan.id].text)
    assert (plan.title, plan.kind, plan.owners) == ("plan.docx", "file", ("ana@saltmarsh.example",))
    assert plan.url.endswith("/sites/team/Shared%20Documents/Plans%20%26%20drafts/plan.docx")
    photo = found[there.made["photo.png"]]
    assert photo.content.data is None
    assert "no text in this type" in photo.content.skipped


def test_the_text_of_every_web_part_is_read(there: There) -> None:
    page = documents(there.read(there.connector()))[there.made["page"]]
    assert (page.title, page.kind, page.content.media_type) == ("Welcome", "page", "text/html")
    assert page.url.endswith("/sites/team/SitePages/Welcome.aspx")
    said = (page.content.data or b"").decode()
    for words in ("Read this.", "Plans", "https://saltmarsh.example/plans", "Second part."):
        assert words in said


def test_an_item_is_its_fields_and_its_files_and_no_comment(there: There) -> None:
    found = documents(there.read(there.connector()))
    risk = found[there.made["risk"]]
    assert (risk.title, risk.kind) == ("Flood", "list_item")
    assert risk.url.endswith("/sites/team/Lists/Risks/DispForm.aspx?ID=1")
    assert risk.content.media_type == "multipart/mixed"
    whole = message_from_bytes(risk.content.data or b"", policy=policy.default)
    item, evidence = whole.iter_parts()  # type: ignore[attr-defined]
    said = item.get_payload(decode=True).decode()
    assert "Severity: High" in said
    assert "Notes: Watch &lt;it&gt;<br/>and act." in said
    assert "photo.jpg" in said
    assert "swordfish" not in said
    assert evidence.get_filename() == "it's evidence.txt"
    assert evidence.get_payload(decode=True) == b"It rained."
    assert found[there.made["calm"]].content.media_type == "text/html"


def test_a_body_over_the_limit_is_left_out_and_a_large_attachment_named(there: There) -> None:
    big = there.state.create_file(
        parent=there.made["library"], name="big.txt", author="ana", text="x" * 3000
    )
    there.state.attach(item=there.made["calm"], name="long.txt", text="y" * 3000)
    found = documents(there.read(there.connector(max_bytes=2000)))
    assert found[big].content.skipped == "larger than the limit"
    calm = found[there.made["calm"]].content
    assert calm.media_type == "text/html"
    assert b"long.txt" in (calm.data or b"")
    assert b"yyy" not in (calm.data or b"")


def test_a_web_part_without_text_of_its_own_says_nothing() -> None:
    part = {"data": {"serverProcessedContent": {"htmlStrings": [{"key": "a", "value": " "}]}}}
    layout = {"horizontalSections": [{"columns": [{"webparts": [part, {"innerHtml": None}]}]}]}
    assert canvas_html({"canvasLayout": layout}) == "<div></div>"
    assert canvas_html({}) == ""


# What changed, and what it costs


def test_nothing_new_costs_two_requests_and_one_for_each_part(there: There) -> None:
    connector = there.connector()
    first = there.read(connector)
    pages = there.read(connector, first[-1].cursor)
    assert [(page.changes, page.whole) for page in pages] == [((), False)]
    asked = there.asked()
    assert asked == {"rest.lists": 1, "sites.drives": 1, "items.delta": 2, "lists.delta": 2}


def test_a_changed_file_costs_the_same_in_a_large_library(there: There) -> None:
    costs = []
    for more in (0, 120):
        for number in range(more):
            there.state.create_file(
                parent=there.made["inner"], name=f"{number}.txt", author="ana", text="t"
            )
        connector = there.connector()
        cursor = there.read(connector)[-1].cursor
        there.state.edit(item=there.made["costs.xlsx"], text="other")
        pages = there.read(connector, cursor)
        (document,) = documents(pages).values()
        assert document.content.data == render("costs.xlsx", "other")
        costs.append(there.asked())
    assert costs[0] == costs[1]
    assert sum(costs[0].values()) < 20


def test_sharing_a_folder_costs_what_carries_permissions_and_no_body(there: There) -> None:
    costs = []
    for more in (0, 150):
        for number in range(more):
            there.state.create_file(
                parent=there.made["inner"], name=f"{number}.txt", author="ana", text="t"
            )
        connector = there.connector()
        cursor = there.read(connector)[-1].cursor
        if not more:
            there.state.break_inheritance(target=there.made["folder"], copy=False)
        there.state.grant(target=there.made["folder"], principal="user:ben")
        found = changes(there.read(connector, cursor))
        assert {type(change) for change in found} == {Reacl}
        assert len(found) == 2 + more
        key = f"item/{there.state.listing(there.made['library']).id}/1"
        told = {c.key for each in found if isinstance(each, Reacl) for c in each.access.clauses}
        assert told == {key}
        costs.append(there.asked())
        there.state.revoke(target=there.made["folder"], principal="user:ben")
    assert costs[0] == costs[1]
    assert not costs[0]["items.content"]


def test_a_permission_alone_downloads_nothing(there: There) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    there.state.share(item=there.made["notes.md"], scope="users", people=["gus"])
    there.state.share_with(item=there.made["risk"], principal="user:gus")
    there.state.share_with(item=there.made["page"], principal="user:gus")
    found = changes(there.read(connector, cursor))
    assert {(type(c), c.document_id) for c in found if isinstance(c, Reacl)} == {
        (Reacl, there.made[name]) for name in ("notes.md", "risk", "page")
    }
    assert len(found) == 3
    asked = there.asked()
    assert not asked["items.content"] + asked["rest.attachment"] + asked["pages.get.cast"]


def test_a_new_name_reaches_the_reader_under_the_same_id(there: There) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    there.state.rename(item=there.made["notes.md"], name="minutes.md")
    there.state.rename(item=there.made["folder"], name="Plans")
    found = documents(there.read(connector, cursor))
    assert found[there.made["notes.md"]].title == "minutes.md"
    # What is in the folder was told nothing of, and has another address now.
    for name in ("plan.docx", "costs.xlsx"):
        assert "/Shared%20Documents/Plans/" in found[there.made[name]].url


def test_a_move_between_libraries_is_the_same_text_under_a_new_id(there: There) -> None:
    connector = there.connector()
    first = there.read(connector)
    before = documents(first)[there.made["plan.docx"]]
    new = there.state.move(item=there.made["plan.docx"], parent=there.made["other"])
    found = there.read(connector, first[-1].cursor)
    assert Delete(before.id) in changes(found)
    after = documents(found)[new]
    assert (after.id, after.content) == (new, before.content)
    assert before.id not in there.stored
    assert not found[-1].whole


def test_a_deleted_file_goes_by_its_tombstone_alone(there: There) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    there.state.delete(item=there.made["notes.md"])
    found = there.read(connector, cursor)
    assert changes(found) == [Delete(there.made["notes.md"])]
    assert not found[-1].whole


@pytest.mark.parametrize("what", ["folder", "risk", "list", "library"])
def test_what_went_untold_is_found_by_the_listing(there: There, what: str) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    below = {
        "folder": {"plan.docx", "costs.xlsx"},
        "risk": {"risk"},
        "list": {"risk", "calm"},
        "library": {"plan.docx", "costs.xlsx", "notes.md", "photo.png"},
    }[what]
    if what in ("list", "library"):
        there.state.delete_list(list=there.made[what])
    else:
        there.state.delete(item=there.made[what])
    pages = there.read(connector, cursor)
    assert not changes(pages)
    assert pages[-1].whole
    listing = list(connector.listing(there.container(connector)))
    assert listing[-1].complete
    listed = {id for page in listing for id in page.versions}
    assert set(there.stored) - listed == {there.made[name] for name in below}
    # And only once: the next pass has nothing to compare.
    assert not there.read(connector, pages[-1].cursor)[-1].whole


def test_the_need_to_compare_outlives_a_reader_that_is_killed(there: There) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    there.state.delete(item=there.made["folder"])
    there.state.edit(item=there.made["notes.md"], text="more")
    container = there.container(connector)
    first = next(connector.changes(container, cursor, there.known))
    assert first.changes
    rest = list(connector.changes(container, first.cursor, there.known))
    assert rest[-1].whole


def test_a_new_library_and_a_new_list_are_read_on_the_way(there: There) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    library = there.state.create_library(site=there.made["team"], title="Contracts")
    new = there.state.create_file(parent=library, name="c.txt", author="ana", text="c")
    table = there.state.create_list(site=there.made["team"], title="Wishes")
    wish = there.state.create_item(list=table, author="ana", fields={"Title": "Rain"})
    pages = there.read(connector, cursor)
    assert documents(pages).keys() == {new, wish}
    assert not pages[-1].whole
    there.state.edit(item=new, text="d")
    assert documents(there.read(connector, pages[-1].cursor)).keys() == {new}


@pytest.mark.parametrize("how", ["410", "504"])
def test_a_place_that_is_lost_loses_nothing(there: There, how: str) -> None:
    connector = there.connector(attempts=2)
    cursor = there.read(connector)[-1].cursor
    there.state.edit(item=there.made["notes.md"], text="in the gap")
    there.state.delete(item=there.made["plan.docx"])
    if how == "410":
        there.state.expire_tokens()
    else:
        there.fault("server_error", endpoint="items.delta", status=504, times=2, match="token=")
    pages = there.read(connector, cursor)
    assert documents(pages).keys() == {there.made["notes.md"]}
    assert pages[-1].whole
    listed = {id for p in connector.listing(there.container(connector)) for id in p.versions}
    assert set(there.stored) - listed == {there.made["plan.docx"]}
    assert there.asked()["items.content"] == 1


def test_a_draft_is_for_who_may_edit_it(there: There) -> None:
    draft = there.state.create_page(
        site=there.made["team"], title="Soon", author="ana", text="Later.", published=False
    )
    found = documents(there.read(there.connector()))
    keys = {clause.key.rpartition("/")[2] for clause in found[draft].access.clauses}
    assert "editors" in keys
    assert len(found[there.made["page"]].access.clauses) == 1


# Folders that a page did not tell of


def test_a_folder_that_was_not_told_of_is_asked_for(there: There) -> None:
    """Two items a page and a reader that goes on in the middle: no folder is passed over."""
    there.state.break_inheritance(target=there.made["folder"], copy=False)
    there.state.grant(target=there.made["folder"], principal="user:ben")
    there.state.limit_pages(1)
    connector = there.connector(page_size=1)
    container = there.container(connector)
    pages = list(connector.changes(container, None, there.known))
    library = there.state.listing(there.made["library"]).id
    for cut in range(len(pages) - 1):
        rest = documents(list(connector.changes(container, pages[cut].cursor, there.known)))
        for name in {"plan.docx", "costs.xlsx"} & {n for n, id in there.made.items() if id in rest}:
            (clause,) = rest[there.made[name]].access.clauses
            assert clause.key == f"item/{library}/1"
    assert there.asked()["items.get"]


def test_a_folder_that_can_not_be_seen_is_not_passed_over(there: There) -> None:
    there.state.limit_pages(1)
    connector = there.connector(page_size=1)
    container = there.container(connector)
    pages = list(connector.changes(container, None, nothing))
    (first,) = [n for n, page in enumerate(pages) if there.made["plan.docx"] in documents([page])]
    place = pages[first - 1].cursor  # who reads on from here was not told of the folders
    there.fault("forbidden", endpoint="items.get", times=None)
    found = documents(list(connector.changes(container, place, nothing)))
    assert not found[there.made["plan.docx"]].access.known
    assert not found[there.made["costs.xlsx"]].access.known
    assert found[there.made["page"]].access.known


def test_without_a_word_from_delta_nothing_is_taken_to_inherit(there: There) -> None:
    """Graph leaves ``shared`` out where the application may not see it: SharePoint decides."""
    there.state.break_inheritance(target=there.made["folder"], copy=False)
    there.state.grant(target=there.made["folder"], principal="user:ben")
    connector = there.connector()
    with pytest.MonkeyPatch.context() as patch:
        silent = [name for name in drives._SELECTED if name != "shared"]
        patch.setattr(drives, "_SELECTED", silent)
        found = documents(there.read(connector))
    library = there.state.listing(there.made["library"]).id
    for name in ("plan.docx", "costs.xlsx"):
        assert {c.key for c in found[there.made[name]].access.clauses} == {f"item/{library}/1"}


def test_an_item_whose_place_can_not_be_told_is_nobodys(there: There) -> None:
    there.fault("forbidden", endpoint="rest.items", match="top=5000", times=None)
    there.fault("forbidden", endpoint="rest.item", times=None)
    found = changes(there.read(there.connector()))
    files = {there.made[n] for n in ("plan.docx", "costs.xlsx", "notes.md", "photo.png")}
    told = [c.document for c in found if isinstance(c, Upsert) and c.document.id in files]
    assert len(told) == 4
    assert not any(document.access.known for document in told)


# A bad day


def test_a_body_that_is_refused_is_counted_and_its_readers_kept(there: There) -> None:
    there.fault("forbidden", endpoint="items.content", match=there.made["plan.docx"], times=None)
    found = changes(there.read(there.connector()))
    (failed,) = (change for change in found if isinstance(change, Failed))
    assert failed.document_id == there.made["plan.docx"]
    assert "403" in failed.reason
    assert [c.document_id for c in found if isinstance(c, Reacl)] == [there.made["plan.docx"]]
    assert len([c for c in found if isinstance(c, Upsert)]) == 6


@pytest.mark.parametrize("as_date", [False, True])
@pytest.mark.parametrize("kind", ["rate_limit", "secondary_limit"])
@pytest.mark.parametrize(
    "endpoint",
    ["sites.getAll", "entra.token", "items.delta", "rest.items", "rest.download", "pages.get.cast"],
)
def test_throttling_is_waited_for_as_told(
    there: There, endpoint: str, kind: str, as_date: bool
) -> None:
    if kind == "secondary_limit" and endpoint.startswith("entra"):
        pytest.skip("Entra throttles by 429 alone")
    there.fault(kind, endpoint=endpoint, seconds=7, as_date=as_date)
    found = documents(there.read(there.connector()))
    assert len(found) == 7
    assert there.slept
    if not as_date:  # a date is by the world's clock, and we wait by ours
        assert there.slept == [7.0]


def test_a_wait_that_is_too_long_stops_the_sync(there: There) -> None:
    there.fault("rate_limit", endpoint="items.delta", seconds=900)
    with pytest.raises(SourceUnavailable, match="900 seconds"):
        there.read(there.connector())
    assert there.slept == []


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("items.delta", "reset"),
        ("items.delta", "truncated_json"),
        ("rest.lists", "truncated_json"),
        ("rest.items", "reset"),
        ("rest.download", "reset"),
        ("rest.item.roles", "truncated_json"),
        ("entra.token", "truncated_json"),
        ("sites.getAll", "server_error"),
        ("rest.web.roles", "server_error"),
        ("pages.get.cast", "unauthorized"),
        ("rest.items", "unauthorized"),
        ("batch", "unauthorized"),
        ("batch", "truncated_json"),
        ("sites.sites", "rate_limit"),
        ("sites.sites", "server_error"),
        ("sites.sites", "unauthorized"),
    ],
)
def test_one_fault_changes_nothing(there: There, endpoint: str, fault: str) -> None:
    there.state.share_with(item=there.made["notes.md"], principal="user:gus")
    whole = {
        id: (d.version, d.content, {(c.key, c.grants) for c in d.access.clauses})
        for id, d in documents(there.read(there.connector())).items()
    }
    there.stored.clear()
    there.fault(fault, endpoint=endpoint)
    again = documents(there.read(there.connector()))
    struck = there.running.world.faults.struck()
    assert len(struck) == 1
    assert whole == {
        id: (d.version, d.content, {(c.key, c.grants) for c in d.access.clauses})
        for id, d in again.items()
    }


def test_a_page_that_names_itself_is_an_error_and_no_loop(there: There) -> None:
    there.state.limit_pages(1)
    for endpoint in ("items.delta", "rest.items", "sites.getAll"):
        there.fault("repeated_page_token", endpoint=endpoint, times=None)
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            there.read(there.connector(page_size=1))
        there.running.world.faults.clear()


@pytest.mark.parametrize("endpoint", ["rest.lists", "sites.drives"])
def test_a_library_that_a_listing_leaves_out_is_missed(there: There, endpoint: str) -> None:
    connector = there.connector()
    container = there.container(connector)
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint=endpoint, times=None)
    pages = list(connector.listing(container))
    if endpoint == "rest.lists":
        assert not pages[-1].complete
    else:  # each library's drive is asked for where the list of drives lacks it
        assert pages[-1].complete
        assert len({id for page in pages for id in page.versions}) == 7


@pytest.mark.parametrize("endpoint", ["items.delta", "rest.items"])
def test_a_listing_that_ends_early_proves_nothing(there: There, endpoint: str) -> None:
    connector = there.connector()
    container = there.container(connector)
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint=endpoint, times=None)
    assert [p.complete for p in connector.listing(container)][-1] is False
    there.running.world.faults.clear()
    # Once is made up for by looking again.
    there.fault("cut_short", endpoint=endpoint, times=1)
    pages = list(connector.listing(container))
    assert pages[-1].complete
    assert len({id for page in pages for id in page.versions}) == 7


def test_a_token_that_ends_in_the_middle_is_renewed(there: There) -> None:
    connector = there.connector(page_size=1)
    there.state.limit_pages(1)
    container = there.container(connector)
    found: set[str] = set()
    for page in connector.changes(container, None, there.known):
        found |= documents([page]).keys()
        there.running.world.time.advance(seconds=4000)
    assert len(found) == 7


def test_credentials_that_ended_are_reported_once(there: There) -> None:
    there.fault("unauthorized", endpoint="rest.*", times=None)
    with pytest.raises(AuthenticationFailed, match="HTTP 401"):
        there.read(there.connector(concurrency=1))
    assert there.asked()["rest.lists"] == 2  # once more with a new token, and no more


def test_the_same_wrong_secret_is_told_apart_from_a_wrong_tenant(there: There) -> None:
    with pytest.raises(AuthenticationFailed, match="certificate or secret"):
        list(there.connector(client_secret="wrong").containers())
    with pytest.raises(ConnectorError):
        list(there.connector(tenant="elsewhere.example").containers())


# Permissions of the application


def test_each_permission_that_is_missing_is_named(there: There) -> None:
    for missing in ALL[:3]:
        held = [each for each in ALL if each != missing]
        if missing.startswith("Sites"):
            held.append("Sites.Read.All")
        there.state.register_app(client_id="less", secret="s3cret", permissions=held)
        told = list(there.connector(client_id="less").capabilities())
        (wrong,) = (each for each in told if each.outcome is Outcome.FAILS)
        assert missing in wrong.remedy
    there.state.register_app(client_id="none", secret="s3cret", permissions=[])
    told = list(there.connector(client_id="none").capabilities())
    said = " ".join(each.remedy for each in told if each.outcome is Outcome.FAILS)
    assert all(each in said for each in ALL[:3])
    told = list(there.connector().capabilities())
    assert {each.outcome for each in told[:-1]} == {Outcome.WORKS}
    assert told[-1].outcome is Outcome.UNTRIED  # the simulator's tokens tell nothing


def test_the_check_command_lists_sites_or_says_what_is_missing(
    there: There, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    url = there.running.url
    environment = {
        "BAILIWICK_HOME": str(tmp_path),
        "SHAREPOINT_TENANT": TENANT,
        "SHAREPOINT_CLIENT_ID": "sync",
        "SHAREPOINT_CLIENT_SECRET": "s3cret",
        "SHAREPOINT_AUTHORITY": f"{url}/entra",
        "SHAREPOINT_GRAPH_ROOT": f"{url}/graph",
        "SHAREPOINT_GRAPH_AUDIENCE": AUDIENCE,
        "SHAREPOINT_SITES": f"https://{HOST}/sites/team",
    }
    done = CliRunner().invoke(check, ["sharepoint"], env=environment)
    assert done.exit_code == 0
    assert [line.split("  ")[1] for line in done.output.splitlines()[-2:]] == ["Team", "Lab"]
    there.state.register_app(client_id="less", secret="s3cret", permissions=ALL[:2])
    less = {**environment, "SHAREPOINT_CLIENT_ID": "less"}
    done = CliRunner().invoke(check, ["sharepoint"], env=less)
    assert done.exit_code == 1
    assert "GroupMember.Read.All of Microsoft Graph" in done.output


def test_without_full_control_nobody_reads_anything(there: There) -> None:
    held = ["Sites.Read.All", *ALL[1:]]
    there.state.register_app(client_id="less", secret="s3cret", permissions=held)
    found = documents(there.read(there.connector(client_id="less")))
    assert len(found) == 7
    assert not any(document.access.known for document in found.values())


def test_the_roles_in_a_token_are_read_where_it_tells() -> None:
    body = "eyJyb2xlcyI6WyJTaXRlcy5SZWFkLkFsbCJdfQ"  # {"roles":["Sites.Read.All"]}
    assert roles(f"x.{body}.y") == {"Sites.Read.All"}
    for opaque in ("", "opaque", "a.b.c", "x.e30.y", "x.bnVsbA.y"):
        assert roles(opaque) is None


def test_a_certificate_serves_as_well_as_a_secret(there: There, tmp_path: Path) -> None:
    pem, public = _certificate()
    path = tmp_path / "app.pem"
    path.write_bytes(pem)
    there.state.register_app(client_id="signed", secret="", permissions=ALL, certificate=public)
    connector = there.connector(client_id="signed", client_secret=None, certificate_file=path)
    assert len(documents(there.read(connector))) == 7
    path.write_text("no certificate")
    with pytest.raises(NotConfigured, match="certificate"):
        there.connector(client_secret=None, certificate_file=path)


def test_no_token_travels_in_the_clear() -> None:
    with pytest.raises(NotConfigured, match="unencrypted"):
        SharePointConnector(settings("http://entra.example"))


# Sites


def test_sites_are_filtered_by_address_and_id(there: There) -> None:
    there.state.create_site(path="/sites/closed", title="Closed")
    there.state.create_site(path="/personal/ana_saltmarsh", title="Ana")
    names = lambda **more: [each.name for each in there.connector(**more).containers()]  # noqa: E731
    assert names() == ["Team", "Closed", "Lab"] or sorted(names()) == ["Closed", "Lab", "Team"]
    assert sorted(names(onedrive=True)) == ["Ana", "Closed", "Lab", "Team"]
    address = f"https://{HOST}/sites/team"
    assert names(sites=(address,)) == ["Team", "Lab"]
    assert names(sites=(address,), subsites=False) == ["Team"]
    (team,) = there.connector(sites=(address,), subsites=False).containers()
    assert names(sites=(team.id,), subsites=False) == ["Team"]
    assert sorted(names(exclude_sites=(team.url.upper() + "/",))) == ["Closed", "Lab"]
    assert sorted(names(exclude_sites=(team.id,))) == ["Closed", "Lab"]


def test_a_site_that_is_gone_does_not_stop_the_others(
    there: There, caplog: pytest.LogCaptureFixture
) -> None:
    here, gone = f"https://{HOST}/sites/team", f"https://{HOST}/sites/gone"
    with caplog.at_level(logging.WARNING):
        found = list(there.connector(sites=(gone, here)).containers())
    assert [each.name for each in found] == ["Team", "Lab"]
    assert "place 1" in caplog.text
    assert "gone" not in caplog.text
    with pytest.raises(SourceUnavailable):
        list(there.connector(sites=(gone,)).containers())


def test_a_site_that_is_out_of_reach_stops_alone(there: There) -> None:
    connector = there.connector()
    container = there.container(connector)
    there.fault("forbidden", endpoint="sites.drives", times=None)
    with pytest.raises(SourceUnavailable, match="HTTP 403"):
        list(connector.changes(container, None, there.known))


def test_a_list_that_refuses_does_not_stop_the_others(there: There) -> None:
    connector = there.connector()
    container = there.container(connector)
    table = there.made["list"]
    there.fault("forbidden", match=f"lists/{table}/items", times=None)
    seen: list[Page] = []
    for expected in ({"plan.docx", "costs.xlsx", "notes.md", "photo.png", "page"}, {"notes.md"}):
        found: list[Page] = []
        with pytest.raises(SourceUnavailable, match="HTTP 403"):
            for page in connector.changes(container, seen[-1].cursor if seen else None, nothing):
                found.append(page)
        assert documents(found).keys() == {there.made[name] for name in expected}
        assert not any(page.whole for page in found)
        seen += found
        there.state.edit(item=there.made["notes.md"], text="followed meanwhile")
    swept: set[str] = set()
    with pytest.raises(SourceUnavailable, match="HTTP 403"):
        for each in connector.permissions(container, None):
            swept |= {c.document_id for c in each.changes if isinstance(c, Reacl)}
    assert there.made["page"] in swept
    there.running.world.faults.clear()
    rest = list(connector.changes(container, seen[-1].cursor, nothing))
    assert documents(rest).keys() == {there.made[name] for name in ("notes.md", "risk", "calm")}
    assert rest[-1].whole


def nothing(ids: Sequence[str]) -> Mapping[str, str]:
    return {}


def test_a_saved_place_of_another_server_is_expired(there: There) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    moved = Cursor(cursor.token.replace("127.0.0.1", "127.0.0.2"))
    with pytest.raises(CursorExpired):
        there.read(connector, moved)


# The client


def client(there: There, **more: object) -> SharePointClient:
    retry = Retry(Source.SHAREPOINT, 3, 60.0, there.slept.append)
    return SharePointClient(settings(there.running.url, **more), retry)


def test_a_throttled_part_of_a_batch_is_asked_for_again_alone(there: There) -> None:
    ours = client(there)
    drive = there.state.listing(there.made["library"]).drive
    items = ours.graph.drives.by_drive_id(drive).items
    ids = [there.made[name] for name in ("plan.docx", "costs.xlsx", "notes.md")] * 9
    there.fault("rate_limit", endpoint="items.get", seconds=4, times=2)
    there.fault("rate_limit", endpoint="items.get", seconds=9)
    found = ours.batch([items.by_drive_item_id(id).to_get_request_information for id in ids])
    assert [each["id"] for each in found if isinstance(each, dict)] == ids
    assert there.slept == [9.0]  # the longest of three, once
    assert there.asked()["items.get"] == len(ids) + 3


def test_a_batch_tells_a_no_from_a_part_that_is_down(there: There) -> None:
    ours = client(there)
    drive = there.state.listing(there.made["library"]).drive
    items = ours.graph.drives.by_drive_id(drive).items
    there.fault("server_error", endpoint="items.get", match=there.made["plan.docx"], times=None)
    ids = ["nothing", there.made["plan.docx"], there.made["notes.md"]]
    no, down, there_ = ours.batch(
        [items.by_drive_item_id(id).to_get_request_information for id in ids]
    )
    assert isinstance(no, Refused)
    assert no.status == 404
    assert isinstance(down, SourceUnavailable)
    assert down.status == 503
    assert isinstance(there_, dict)
    there.running.world.faults.clear()
    there.fault("rate_limit", endpoint="items.get", times=None)
    with pytest.raises(SourceUnavailable, match="throttled"):
        ours.batch([items.by_drive_item_id(ids[1]).to_get_request_information])


def test_a_token_goes_to_no_other_host(there: There) -> None:
    """Wherever a page says that the next one is, and whatever address a site claims to have."""
    strangers: list[Asked] = []

    def evil(asked: Asked) -> Answer:
        strangers.append(asked)
        return Answer({"value": []})

    with serving(evil) as wire:
        ours = client(there)
        with pytest.raises(SourceUnavailable, match="another host"):
            list(ours.pages(ours.graph.sites.get_all_sites.to_get_request_information, wire.url))
        with pytest.raises(SourceUnavailable, match="leads away"):
            ours.rest(HOST, f"{wire.url}/_api/web")
        with pytest.raises(SourceUnavailable, match="leads away"):
            ours.rest(HOST, f"https://{HOST}.evil.example/_api/web")
    assert strangers == []


def test_an_answer_that_is_no_json_is_tried_again(there: There) -> None:
    ours = client(there)
    there.fault("truncated_json", endpoint="sites.getAll", times=2)
    ask = partial(ours.told, ours.graph.sites.get_all_sites.to_get_request_information)
    assert ask()["value"]
    there.fault("truncated_json", endpoint="sites.getAll", times=3)
    with pytest.raises(SourceUnavailable, match="can't be read"):
        ask()


def test_a_connector_that_is_let_go_leaves_no_thread(there: There) -> None:
    connector = there.connector()
    list(connector.containers())
    assert _loops()
    del connector
    _eventually(lambda: not _loops())


def _loops() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "sharepoint-loop"]


def _eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        gc.collect()
        assert time.monotonic() < until
        time.sleep(0.01)


def _certificate() -> tuple[bytes, str]:
    """A private key with its certificate, and the public key alone."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bailiwick")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private + made.public_bytes(pem), public.decode()
