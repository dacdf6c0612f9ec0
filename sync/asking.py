"""When each page of a feed was asked for."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from datetime import datetime
from typing import TypeVar

from access import Clock

T = TypeVar("T")


def asking(pages: Iterable[T], clock: Clock) -> Generator[tuple[T, datetime]]:
    """Each page with the time just before it was asked for, by us or ahead by its connector.

    A page is as old as that, however long it then takes to come and to be stored: of two looks
    at a source the later counts, and not the one that was written later.

    Close it, whatever happens: that closes the feed, whose threads would else wait for ever.
    """
    waiting = iter(pages)
    try:
        while True:
            asked = clock()
            try:
                page = next(waiting)
            except StopIteration:
                return
            earlier = getattr(page, "asked", None)
            yield page, min(asked, earlier) if earlier is not None else asked
    finally:
        if isinstance(waiting, Generator):
            waiting.close()
