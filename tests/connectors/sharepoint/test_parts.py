"""A site is read, swept and listed part by part: one that can not be does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from connectors.interface import ListingPage, PartUnavailable, SourceUnavailable, Throttled
from connectors.sharepoint.connector import SharePointConnector
from corpus import Page, Reacl
from tests.connectors.sharepoint.there import There, documents, nothing, settled

FILES = {"plan.docx", "costs.xlsx", "notes.md", "photo.png"}
BROKEN_SO = {"forbidden": 403, "server_error": 503}
BROKEN = {"library": FILES, "list": {"risk", "calm"}}
EVERYTHING = FILES | {"risk", "calm", "page"}


def _break(there: There, part: str, kind: str) -> None:
    match = there.state.lists[there.made[part]].drive if part == "library" else there.made[part]
    endpoint = "items.delta" if part == "library" else "rest.items"
    there.fault(kind, endpoint=endpoint, match=match, times=None)


def _lists(there: There, more: int) -> list[str]:
    """The ids of all lists, after some were made, in the order in which they are read."""
    made = []
    for number in range(more):
        made.append(there.state.create_list(site=there.made["team"], title=f"T{number}"))
        there.state.create_item(list=made[-1], author="ana", fields={"Title": "x"})
    return sorted([*made, there.made["list"]])


def _others(there: There) -> set[str]:
    """The keys of the parts that are no lists."""
    pages = there.state.items[there.made["page"]].list_id
    return {*(f"library/{there.made[each]}" for each in ("library", "other")), f"pages/{pages}"}


def _whole(pages: Iterable[ListingPage]) -> set[str]:
    return {page.part for page in pages if page.whole}


@pytest.mark.parametrize("kind", ["forbidden", "server_error"])
@pytest.mark.parametrize("part", BROKEN)
def test_the_others_are_read_swept_and_listed(there: There, part: str, kind: str) -> None:
    connector = there.connector(attempts=2)
    container = there.container(connector)
    key = f"{part}/{there.made[part]}"
    status = "403" if kind == "forbidden" else "503"
    well = {there.made[name] for name in EVERYTHING - BROKEN[part]}
    _break(there, part, kind)

    read: list[Page] = []
    with pytest.raises(SourceUnavailable, match=f"HTTP {status}"):
        for page in connector.changes(container, None, nothing):
            read.append(page)
    found = documents(read)
    assert found.keys() == well
    assert read[-1].compare >= {"", *(document.part for document in found.values())}
    assert key in read[-1].cursor.doubted - read[-1].compare

    swept: dict[str, str] = {}
    with pytest.raises(SourceUnavailable, match=f"HTTP {status}"):
        for page in connector.permissions(container, None):
            swept |= {c.document_id: c.part for c in page.changes if isinstance(c, Reacl)}
    assert swept == {id: document.part for id, document in found.items()}

    pages = list(connector.listing(container))
    assert {id: page.part for page in pages for id in page.versions} == swept
    assert not any(page.complete for page in pages)
    assert {page.parts for page in pages[:-1]} == {None}
    assert pages[-1].parts == {key, *_whole(pages)}
    assert key not in _whole(pages)
    assert pages[-1].refused is not None
    assert pages[-1].refused.status == int(status)

    there.running.world.faults.clear()
    rest = list(connector.changes(container, settled(read), nothing))
    assert documents(rest).keys() == {there.made[name] for name in BROKEN[part]}
    assert rest[-1].compare == {key}


ITEMS = ("items.delta", "lists.delta", "rest.items")


def _passes(there: There, connector: SharePointConnector) -> Iterator[Iterable[object]]:
    """A following, a sweep and a listing, each with a clean record of what is asked."""
    container = there.container(connector)
    cursor = settled(there.read(connector))
    for made in (
        lambda: connector.changes(container, cursor, there.known),
        lambda: connector.permissions(container, None),
        lambda: connector.listing(container),
    ):
        there.running.world.requests.clear()
        yield made()


@pytest.mark.parametrize("kind", ["server_error", "reset"])
def test_a_server_that_is_down_is_asked_for_two_parts_and_the_site_alone(
    there: There, kind: str
) -> None:
    """No third part's patience is spent on it."""
    _lists(there, 6)
    connector = there.connector(attempts=3)
    for pages in _passes(there, connector):
        for endpoint in (*ITEMS, "sites.get"):
            there.fault(kind, endpoint=endpoint, times=None)
        with pytest.raises(SourceUnavailable) as caught:
            list(pages)
        assert not isinstance(caught.value, PartUnavailable)
        asked = there.asked()
        assert sum(asked[each] for each in ITEMS) == 2 * 3
        assert asked["sites.get"] == 3
        there.running.world.faults.clear()


def test_a_server_that_answers_for_the_site_alone_is_asked_for_five_parts(there: There) -> None:
    _lists(there, 6)
    connector = there.connector(attempts=1)
    for pages in _passes(there, connector):
        for endpoint in ITEMS:
            there.fault("server_error", endpoint=endpoint, times=None)
        with pytest.raises(SourceUnavailable, match="HTTP 503") as caught:
            list(pages)
        assert not isinstance(caught.value, PartUnavailable)
        asked = there.asked()
        assert sum(asked[each] for each in ITEMS) == 5
        assert asked["sites.get"] == 1
        there.running.world.faults.clear()


@pytest.mark.parametrize("kind", ["server_error", "reset"])
@pytest.mark.parametrize("site", ["there", "forbidden"])
def test_broken_lists_side_by_side_keep_no_other_from_being_read(
    there: There, kind: str, site: str
) -> None:
    connector = there.connector(attempts=1)
    container = there.container(connector)
    order = _lists(there, 6)
    for broken in order[1:5]:
        there.fault(kind, endpoint="rest.items", match=broken, times=None)
    if site == "forbidden":
        there.fault("forbidden", endpoint="sites.get", times=None)
    well = {f"list/{each}" for each in (order[0], *order[5:])} | _others(there)
    read: list[Page] = []
    with pytest.raises(PartUnavailable):
        for page in connector.changes(container, None, nothing):
            read.append(page)
    assert read[-1].compare == {"", *well}
    pages = list(connector.listing(container))
    assert _whole(pages) == well
    told: set[str] = set()
    with pytest.raises(PartUnavailable):
        for each in connector.permissions(container, None):
            told |= {change.part for change in each.changes if isinstance(change, Reacl)}
    assert told == well - {f"library/{there.made['other']}"}  # which is empty


def test_throttling_while_the_site_is_asked_stops_at_once(there: There) -> None:
    connector = there.connector(attempts=1)
    container = there.container(connector)
    for broken in _lists(there, 3)[:2]:
        there.fault("server_error", endpoint="rest.items", match=broken, times=None)
    there.fault("rate_limit", endpoint="sites.get", times=None)
    with pytest.raises(Throttled):
        list(connector.listing(container))


def test_a_part_that_answers_between_two_broken_ones_says_that_the_server_works(
    there: There,
) -> None:
    connector = there.connector(attempts=1)
    order = _lists(there, 6)
    for broken in order[::2]:
        there.fault("server_error", endpoint="rest.items", match=broken, times=None)
    listed = _whole(connector.listing(there.container(connector)))
    assert {f"list/{each}" for each in order} & listed == {f"list/{each}" for each in order[1::2]}


def test_a_refusal_between_two_server_errors_says_that_the_server_works(there: There) -> None:
    connector = there.connector(attempts=1)
    order = _lists(there, 4)
    for broken, kind in zip(order, ("server_error", "forbidden", "server_error"), strict=False):
        there.fault(kind, endpoint="rest.items", match=broken, times=None)
    pages = list(connector.listing(there.container(connector)))
    assert _whole(pages) >= {f"list/{each}" for each in order[3:]}
    assert pages[-1].refused is not None


def test_a_silent_part_is_one_that_fails(there: There) -> None:
    connector = there.connector(attempts=2)
    _break(there, "library", "reset")
    pages = list(connector.listing(there.container(connector)))
    assert f"library/{there.made['other']}" in _whole(pages)
    assert pages[-1].refused is not None
    assert "no answer" in pages[-1].refused.reason


def test_what_was_followed_before_the_server_went_down_is_not_followed_again(
    there: There,
) -> None:
    """A shared folder has all below it looked at: that is not to be done over and over."""
    connector = there.connector(attempts=1)
    cursor = settled(there.read(connector))
    there.state.share_with(item=there.made["inner"], principal="user:gus")
    container = there.container(connector)
    for endpoint in ("lists.delta", "sites.get"):  # the list, then the pages
        there.fault("server_error", endpoint=endpoint, times=None)
    looked = []
    for _ in range(2):
        there.running.world.requests.clear()
        read: list[Page] = []
        with pytest.raises(SourceUnavailable, match="HTTP 503") as caught:
            for page in connector.changes(container, cursor, there.known):
                read.append(page)
                cursor = page.cursor
        assert not isinstance(caught.value, PartUnavailable)
        assert not any(page.compare for page in read)
        looked.append(there.asked()["items.delta"])
    assert looked == [3, 2]  # each library's changes; the listing of one is over


@pytest.mark.parametrize("part", BROKEN)
def test_only_what_is_asked_for_is_listed(there: There, part: str) -> None:
    connector = there.connector()
    container = there.container(connector)
    key = f"{part}/{there.made[part]}"
    there.running.world.requests.clear()
    pages = list(connector.listing(container, {"", key}))
    listed = {id for page in pages for id in page.versions}
    assert listed == {there.made[name] for name in BROKEN[part]}
    assert _whole(pages) == {key}
    assert not pages[-1].complete
    assert {key} < (pages[-1].parts or set())
    asked = there.asked()
    assert (asked["items.delta"], asked["rest.items"]) == ((1, 0) if part == "library" else (0, 1))


def test_a_part_that_was_only_left_out_is_compared_when_it_is_back(there: There) -> None:
    """Its place is lost, and what went of it meanwhile is told nowhere."""
    connector = there.connector()
    container = there.container(connector)
    cursor = settled(there.read(connector))
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint="rest.lists", times=None)
    pages = there.read(connector, cursor)
    out = pages[-1].compare
    assert out
    assert out.isdisjoint({page.part for page in connector.listing(container) if page.whole})
    there.running.world.faults.clear()
    there.state.limit_pages(0)
    there.state.delete(item=there.made["folder"])
    there.state.delete(item=there.made["risk"])
    there.state.delete(item=there.made["page"])
    again = list(connector.changes(container, pages[-1].cursor, there.known))
    assert again[-1].compare >= out


def test_a_list_of_lists_that_ends_early_tells_of_no_part_that_is_gone(there: There) -> None:
    connector = there.connector()
    container = there.container(connector)
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint="rest.lists", times=None)
    pages = list(connector.listing(container))
    assert pages[-1].parts is None
    assert not pages[-1].complete
    assert _whole(pages)


def test_a_list_that_rest_refuses_by_itself_hinders_no_other(there: There) -> None:
    """Graph tells of it, and REST left it out: whether it is gone is not proven."""
    connector = there.connector(attempts=1)
    container = there.container(connector)
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint="rest.lists", times=None)
    whole = _whole(connector.listing(container))
    assert whole
    for kind in ("forbidden", "server_error"):
        there.fault(kind, endpoint="rest.list", times=None)
        for wanted in (None, whole):
            pages = list(connector.listing(container, wanted))
            assert _whole(pages) == whole
            assert pages[-1].parts is None
            assert not pages[-1].complete


@pytest.mark.parametrize("kind", BROKEN_SO)
def test_a_library_whose_drive_refuses_is_a_part_that_refuses(there: There, kind: str) -> None:
    kept = there.state.create_file(
        parent=there.made["other"], name="kept.txt", author="ana", text="Kept."
    )
    status = BROKEN_SO[kind]
    connector = there.connector(attempts=2)
    container = there.container(connector)
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint="sites.drives", times=None)
    there.fault(kind, endpoint="lists.drive", times=None)

    read: list[Page] = []
    with pytest.raises(PartUnavailable, match=f"HTTP {status}"):
        for page in connector.changes(container, None, nothing):
            read.append(page)
    (key,) = read[-1].cursor.doubted - read[-1].compare
    names = {"library": FILES, "other": {"kept.txt"}}
    made = there.made | {"kept.txt": kept}
    (shut,) = [name for name in names if key == f"library/{made[name]}"]
    everything = EVERYTHING | {"kept.txt"}
    assert documents(read).keys() == {made[name] for name in everything - names[shut]}

    swept: dict[str, Reacl] = {}
    clauses: set[str] = set()
    with pytest.raises(PartUnavailable, match=f"HTTP {status}"):
        for each in connector.permissions(container, None):
            swept |= {c.document_id: c for c in each.changes if isinstance(c, Reacl)}
            clauses |= {clause.key for clause in each.clauses}
    assert swept.keys() == documents(read).keys()
    assert f"list/{made[shut]}" in clauses

    pages = list(connector.listing(container))
    assert pages[-1].parts == {key, *_whole(pages)}
    assert key not in _whole(pages)
    assert pages[-1].refused is not None

    there.running.world.faults.clear()
    rest = list(connector.changes(container, settled(read), nothing))
    assert documents(rest).keys() == {made[name] for name in names[shut]}
    # A part that was read before, and then refuses, keeps its place.
    there.fault("cut_short", endpoint="sites.drives", times=None)
    there.fault(kind, endpoint="lists.drive", times=None)
    there.state.edit(item=made["kept.txt" if shut == "other" else "notes.md"], text="More.")
    cursor = settled(rest)
    with pytest.raises(PartUnavailable, match=f"HTTP {status}"):
        for page in connector.changes(container, cursor, nothing):
            cursor = page.cursor
    there.running.world.faults.clear()
    (found,) = documents(list(connector.changes(container, cursor, nothing))).values()
    assert found.part == key


def test_two_drives_that_fail_in_a_row_are_a_server_that_is_down(there: There) -> None:
    for title in ("Third", "Fourth"):
        there.state.create_library(site=there.made["team"], title=title, author="ana")
    connector = there.connector(attempts=2)
    container = there.container(connector)
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint="sites.drives", times=None)
    for endpoint in ("lists.drive", "sites.get"):
        there.fault("server_error", endpoint=endpoint, times=None)
    there.running.world.requests.clear()
    with pytest.raises(SourceUnavailable, match="HTTP 503") as caught:
        list(connector.changes(container, None, nothing))
    assert not isinstance(caught.value, PartUnavailable)
    assert there.asked()["lists.drive"] == 2 * 2


def test_a_library_that_has_no_drive_is_none_of_the_parts(there: There) -> None:
    """SharePoint keeps such for itself."""
    connector = there.connector(attempts=1)
    container = there.container(connector)
    there.state.limit_pages(1)
    there.fault("cut_short", endpoint="sites.drives", times=None)
    there.fault("server_error", endpoint="lists.drive", status=404, times=None)
    pages = list(connector.listing(container))
    assert pages[-1].refused is None
    assert pages[-1].parts == _whole(pages)
    assert len([key for key in _whole(pages) if key.startswith("library/")]) == 1
