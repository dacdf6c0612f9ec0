"""Folders that a page did not tell of."""

from __future__ import annotations

import pytest

from connectors.sharepoint import drives
from corpus import Upsert
from tests.connectors.sharepoint.there import (
    There,
    changes,
    documents,
    nothing,
)


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
    for name in ("folder", "inner"):
        there.fault("forbidden", endpoint="items.get", match=there.made[name], times=None)
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
    there.fault("forbidden", endpoint="rest.items", match=there.made["library"], times=None)
    there.fault("forbidden", endpoint="rest.item", times=None)
    found = changes(there.read(there.connector()))
    files = {there.made[n] for n in ("plan.docx", "costs.xlsx", "notes.md", "photo.png")}
    told = [c.document for c in found if isinstance(c, Upsert) and c.document.id in files]
    assert len(told) == 4
    assert not any(document.access.known for document in told)
