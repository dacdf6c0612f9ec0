"""Cutting a list into pages, well or badly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from simulator.faults import FaultKind
from simulator.wire import Call

T = TypeVar("T")


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
