"""What is made of a no, of silence, and of half an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import RLock
from typing import Any

import pytest

from connectors.interface import (
    AuthenticationFailed,
    ConnectorError,
    SourceUnavailable,
)
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.drives import Drive, DriveItem, DrivePage
from corpus import Failed, Page, Reacl, Upsert
from tests.connectors.sharepoint.there import (
    There,
    changes,
    documents,
)


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
        ("rest.list.roles", "server_error"),
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


Told = Callable[[DriveItem], DriveItem | None]


def _a_file_less(there: There) -> Told:
    return lambda item: None if item.id == there.made["notes.md"] else item


def _one_came_elsewhere(there: There) -> Told:
    """A file is left out, and another came into a folder that had been told of."""

    def told(item: DriveItem) -> DriveItem | None:
        if item.id == there.made["inner"]:
            return replace(item, children=0)
        return None if item.id == there.made["notes.md"] else item

    return told


def _no_count(there: There) -> Told:
    return lambda item: replace(item, children=None) if item.folder else item


def _a_folder_less(there: There) -> Told:
    """Its file is told of all the same, and the folder above does not count it."""

    def told(item: DriveItem) -> DriveItem | None:
        if item.id == there.made["folder"]:
            return replace(item, children=0)
        return None if item.id == there.made["inner"] else item

    return told


def _no_root(there: There) -> Told:
    return lambda item: None if item.root else item


@pytest.mark.parametrize(
    ("told", "complete"),
    [
        (_a_file_less, False),
        (_one_came_elsewhere, False),
        (_no_count, False),
        (_a_folder_less, False),
        (_no_root, True),
    ],
)
def test_a_library_is_complete_folder_by_folder(
    there: There,
    monkeypatch: pytest.MonkeyPatch,
    told: Callable[[There], Told],
    complete: bool,
) -> None:
    connector = there.connector()
    container = there.container(connector)
    assert [page.complete for page in connector.listing(container)][-1]
    pages, tell = Drive.pages, told(there)

    def fewer(drive: Drive, link: str, page_size: int) -> Iterator[DrivePage]:
        for page in pages(drive, link, page_size):
            found = (tell(item) for item in page.items)
            yield replace(page, items=tuple(item for item in found if item is not None))

    monkeypatch.setattr(Drive, "pages", fewer)
    assert [page.complete for page in connector.listing(container)][-1] is complete


def test_a_folder_whose_files_can_not_be_listed_is_told_of_again(there: There) -> None:
    """Though other parts go on, and save a place behind them."""
    connector = there.connector()
    container = there.container(connector)
    cursor = there.read(connector)[-1].cursor
    new = there.state.create_file(
        parent=there.made["folder"], name="new.txt", author="ana", text="n"
    )
    there.state.break_inheritance(target=there.made["folder"], copy=False)
    there.state.edit(item=there.made["risk"], fields={"Severity": "Low"})
    there.state.edit(item=there.made["page"], text="more")
    drive = there.state.lists[there.made["library"]].drive
    there.fault("forbidden", endpoint="items.delta", match=drive, after=1, times=1)
    pages: list[Page] = []
    with pytest.raises(SourceUnavailable, match="HTTP 403"):
        for page in connector.changes(container, cursor, there.known):
            pages.append(page)
    assert documents(pages).keys() == {there.made["risk"], there.made["page"]}
    again = list(connector.changes(container, pages[-1].cursor, there.known))
    told = {change.document_id for change in changes(again) if isinstance(change, Reacl)}
    assert {there.made["plan.docx"], there.made["costs.xlsx"]} <= told
    assert new in documents(again)


def test_a_token_that_ends_in_the_middle_is_renewed(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Again and again. Time passes between two requests and never within one, though several
    threads ask: a new token that ended before it was sent would be no token at all."""
    turn = RLock()
    asked = SharePointClient._asked

    def later(client: SharePointClient, *how: Any) -> Any:
        with turn:
            there.running.world.time.advance(seconds=2000)
            return asked(client, *how)

    monkeypatch.setattr(SharePointClient, "_asked", later)
    connector = there.connector(page_size=1)
    there.state.limit_pages(1)
    pages = there.read(connector)
    assert len(documents(pages)) == 7
    assert there.asked()["entra.token"] > 10


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
