"""A listing is forgotten (410) while it is read: that concerns its library or list alone.

The feed's own place is good, so nobody is to hear that it is lost.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.interface import PartUnavailable
from corpus import Cursor, Page, Reacl
from tests.connectors.sharepoint.there import There, changes, documents, settled

FILES = {"plan.docx", "costs.xlsx", "notes.md", "photo.png"}


@pytest.fixture
def key(there: There) -> str:
    """The library's; its pages are short, so that a listing has some to be forgotten at."""
    there.state.limit_pages(1)
    return f"library/{there.made['library']}"


def _forget(there: There, times: int | None, after: int = 1) -> None:
    drive = there.state.lists[there.made["library"]].drive
    there.fault("expired_cursor", endpoint="items.delta", match=drive, after=after, times=times)


def _tolerant(there: There, cursor: Cursor | None) -> tuple[list[Page], PartUnavailable | None]:
    connector = there.connector()
    pages: list[Page] = []
    try:
        for page in connector.changes(there.container(connector), cursor, there.known):
            pages.append(page)
    except PartUnavailable as error:
        return pages, error
    return pages, None


def test_a_listing_to_compare_with(there: There, key: str) -> None:
    connector = there.connector()
    container = there.container(connector)
    _forget(there, times=1)
    pages = list(connector.listing(container))
    assert pages[-1].complete
    assert key in {page.part for page in pages if page.whole}
    _forget(there, times=None)
    pages = list(connector.listing(container))
    whole = {page.part for page in pages if page.whole}
    assert whole == (pages[-1].parts or set()) - {key}
    assert len(whole) == 3
    assert pages[-1].refused is not None
    assert pages[-1].refused.status == 410


def test_a_sweep(there: There, key: str) -> None:
    connector = there.connector()
    container = there.container(connector)

    def swept() -> set[str]:
        pages = connector.permissions(container, None)
        return {c.document_id for page in pages for c in page.changes if isinstance(c, Reacl)}

    everything = swept()
    _forget(there, times=1)
    assert swept() == everything
    _forget(there, times=None)
    told: set[str] = set()
    with pytest.raises(PartUnavailable, match="HTTP 410"):
        for page in connector.permissions(container, None):
            told |= {c.document_id for c in page.changes if isinstance(c, Reacl)}
    assert everything - told <= {there.made[name] for name in FILES}
    assert there.made["page"] in told


def test_a_first_reading(there: There, key: str) -> None:
    _forget(there, times=None)
    pages, error = _tolerant(there, None)
    assert error is not None
    assert error.status == 410
    assert {there.made[name] for name in ("risk", "calm", "page")} <= documents(pages).keys()
    assert key in pages[-1].cursor.doubted - pages[-1].compare
    there.running.world.faults.clear()
    rest, error = _tolerant(there, settled(pages))
    assert error is None
    found = documents(pages).keys() | documents(rest).keys()
    assert found >= {there.made[name] for name in FILES}
    assert rest[-1].compare == {key}


def _shared_folder(there: There) -> None:
    there.state.share_with(item=there.made["folder"], principal="user:gus")


def _other_settings(there: There) -> None:
    there.state.set_up_list(list=there.made["library"], own_only=True)


@pytest.mark.parametrize(
    ("happen", "after", "looked"),
    [
        # The listing follows the one page of changes, or comes before it.
        (_shared_folder, 2, {"plan.docx", "costs.xlsx"}),
        (_other_settings, 1, FILES),
    ],
)
def test_a_listing_of_what_a_change_is_above(
    there: There, key: str, happen: Callable[[There], None], after: int, looked: set[str]
) -> None:
    wanted = {there.made[name] for name in looked}
    cursor = settled(there.read(there.connector()))
    happen(there)
    there.state.edit(item=there.made["risk"], fields={"Title": "Flood again"})
    _forget(there, times=None, after=after)
    pages, error = _tolerant(there, cursor)
    assert error is not None
    assert error.status == 410
    assert documents(pages).keys() == {there.made["risk"]}
    assert key not in pages[-1].compare

    # It is told of again, and what is forgotten once is made up for.
    there.running.world.faults.clear()
    _forget(there, times=1, after=after)
    pages, error = _tolerant(there, pages[-1].cursor)
    assert error is None
    assert {c.document_id for c in changes(pages) if isinstance(c, Reacl)} == wanted
    assert not documents(pages)
