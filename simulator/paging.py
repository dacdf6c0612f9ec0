"""Cutting a list into pages, well or badly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from simulator.faults import FaultKind
from simulator.wire import Call

T = TypeVar("T")
_MOST_SCANNED = 20_000


class Page(Generic[T]):
    """A part of a list, and where the next one starts."""

    __slots__ = ("items", "next")

    def __init__(self, items: Sequence[T], following: int | None):
        self.items = items
        self.next = following
        """The start of the next page; None after the last."""


def cut(call: Call, items: Sequence[T], start: int, size: int) -> Page[T]:
    """The page of `items` from `start`, with the listing faults that are planned for this call.

    `items` is only sliced and measured, so it may be lazy. A vendor's page token encodes the
    next start (and whatever else it likes).
    """
    end = min(start + size, len(items))
    more = end < len(items)
    following = end if more else None
    if more and call.world.faults.plan:
        if call.fault(FaultKind.CUT_SHORT):
            following = None
        elif call.fault(FaultKind.REPEATED_PAGE_TOKEN):
            following = start
        elif call.fault(FaultKind.DUPLICATE_ACROSS_PAGES):
            following = max(end - 1, start + 1) if end - start > 1 else end
        elif call.fault(FaultKind.ITEM_MOVES):
            following = end + 1 if end + 1 < len(items) else None
    return Page(items[start:end], following)


def scan(
    call: Call, candidates: Sequence[T], start: int, size: int, fits: Callable[[T], bool]
) -> Page[T]:
    """The next `size` of `candidates`, from position `start`, that fit, with listing faults.

    For lists too long to filter whole: a page token is a position among the candidates. A page
    may come short, or empty with a next one, as vendors' own do when little fits.
    """
    at, end = start, len(candidates)
    stop = min(end, start + _MOST_SCANNED)
    found: list[T] = []
    places: list[int] = []
    while at < stop and len(found) <= size:
        candidate = candidates[at]
        if fits(candidate):
            found.append(candidate)
            places.append(at)
        at += 1
    if len(found) > size:
        following: int | None = places[size]
    else:
        following = at if at < end else None
    if following is not None and call.world.faults.plan:
        if call.fault(FaultKind.CUT_SHORT):
            following = None
        elif call.fault(FaultKind.REPEATED_PAGE_TOKEN):
            following = start
        elif call.fault(FaultKind.DUPLICATE_ACROSS_PAGES):
            following = places[min(size, len(places)) - 1] if size > 1 and places else following
        elif call.fault(FaultKind.ITEM_MOVES):
            following = following + 1 if following + 1 < end else None
    return Page(found[:size], following)
