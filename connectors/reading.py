"""From the documents of a listing to changes: bodies only where needed, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

from access import AccessControl, Clause, Source
from connectors.interface import KnownVersions, SourceUnavailable
from connectors.patience import Patience, Request
from connectors.refused import Refused
from connectors.workers import in_order
from corpus import Change, Cursor, Document, Failed, Page, Reacl, Upsert

PAGE_BYTES = 32_000_000
"""Bodies that one page carries at most, so that memory does not grow with a source's pages. As
much again may wait, read ahead of the page that is being stored."""
_AHEAD = 128
"""Documents taken from the listing before the first of them is given: the threads have work
while a page is stored and while the next one is listed."""
_PROOFS = 3
"""Other documents that are tried before a source counts as down."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a listing told of, with the means to read the rest."""

    id: str
    version: str
    access: Callable[[], AccessControl]
    """Who may read it; may raise `ConnectorError`, and turns a refusal into an unknown clause."""
    read: Callable[[AccessControl], Document]
    """The document with its body; may raise `ConnectorError` and `Refused`."""
    part: str = ""
    """The part of the container that it is in; empty where the source has no parts."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a source's listing or change log."""

    found: Sequence[Found]
    here: Cursor
    """Where to go on from while some of its documents are still to come."""
    after: Cursor
    """Where to go on from once all of them are stored."""
    whole: bool = False
    """Whether a reading of the whole container ends with it, or it can't tell all that is gone."""
    first: tuple[Change, ...] = ()
    """Changes that need no reading, told before the rest."""
    compare: frozenset[str] = frozenset()
    """Parts of the container that are to be compared with its listing then."""
    clauses: tuple[Clause, ...] = ()
    """Clauses that are told without their documents."""
    asked: datetime | None = None
    """The time before the source was asked for any of it, where that was before this page was
    taken: what it told has waited meanwhile. None: it has not."""


@dataclass(frozen=True, slots=True)
class _Task:
    listed: Listed
    asked: datetime
    told: datetime
    found: Found | None
    """None at the end of its page."""
    stored: Mapping[str, str]


class Reading:
    """Reads documents in their order over a few threads; a context, so that none outlives it."""

    def __init__(
        self,
        source: Source,
        concurrency: int,
        patience: Patience,
        known: KnownVersions,
        now: Callable[[], datetime],
    ):
        """Prepare.

        Args:
            source: whose documents are read.
            concurrency: how many are read at once.
            patience: tells a bad document from a source that is down.
            known: asked in the caller's own thread, once for each page with documents.
            now: gives the present instant, with a time zone.
        """
        self._source = source
        self._concurrency = concurrency
        self._patience = patience
        self._known = known
        self._now = now
        self._pool = ThreadPoolExecutor(concurrency, f"{source}-reading")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def pages(self, listing: Iterable[Listed]) -> Iterator[Page]:
        """The pages of changes that a listing makes: one each, or more where bodies are many.

        The listing is taken ahead, so each page says when it was asked for and when it had come.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable. What was listed
                before that is told first.
        """
        batch: list[Change] = []
        size = 0
        done = in_order(
            self._pool,
            _AHEAD,
            lambda task: (task, self._changes(task)),
            self._tasks(listing),
            weigh=lambda one: _weight(one[1]),
            most=PAGE_BYTES,
        )
        with closing(done):
            for task, changes in done:
                listed = task.listed
                if task.found is None:
                    yield Page(
                        (*listed.first, *batch),
                        listed.after,
                        whole=listed.whole,
                        compare=listed.compare,
                        asked=task.asked,
                        told=task.told,
                        clauses=listed.clauses,
                    )
                    batch, size = [], 0
                    continue
                more = _weight(changes)
                if batch and size + more > PAGE_BYTES:
                    yield Page(tuple(batch), listed.here, asked=task.asked, told=task.told)
                    batch, size = [], 0
                batch.extend(changes)
                size += more

    def _tasks(self, listing: Iterable[Listed]) -> Iterator[_Task]:
        pages = iter(listing)
        while True:
            asked = self._now()
            listed = next(pages, None)
            if listed is None:
                return
            told = self._now()
            asked = min(asked, listed.asked or asked)
            stored = self._known([each.id for each in listed.found]) if listed.found else {}
            for found in listed.found:
                yield _Task(listed, asked, told, found, stored)
            yield _Task(listed, asked, told, None, stored)

    def _changes(self, task: _Task) -> tuple[Change, ...]:
        found = task.found
        if found is None:
            return ()
        access = found.access()
        if task.stored.get(found.id) == found.version:
            return (Reacl(found.id, access, found.part),)
        try:
            document = found.read(access)
        except (Refused, SourceUnavailable) as error:
            if isinstance(error, SourceUnavailable):
                self._patience.forgive(error, _others(task, access))
            failed = Failed(
                found.id,
                f"the body can't be read: HTTP {error.status} {error.reason}".rstrip(),
                f"Open it in {self._source.label} as the account that syncs; it is tried again"
                " after a nightly comparison, and less often each time.",
            )
            # What is stored of it keeps its old body, but not its old readers. It may be stored
            # without a version to be known by; of a stranger nothing is written.
            return (Reacl(found.id, access, found.part), failed)
        if document.content.data is not None:
            self._patience.succeeded(partial(_served, found, access))
        return (Upsert(document),)


def _others(task: _Task, access: AccessControl) -> Iterator[Request]:
    """Requests for other bodies of the page: one that was stored before, and some far apart."""
    page = [each for each in task.listed.found if each is not task.found]
    stored = [each for each in page if task.stored.get(each.id) == each.version]
    step = max(1, len(page) // _PROOFS)
    for each in (*stored[:1], *page[::-1][::step][:_PROOFS]):
        yield partial(_served, each, access)


def _served(found: Found, access: AccessControl) -> None:
    """Read a body, and refuse to call it proof if there was none to read."""
    if found.read(access).content.data is None:
        raise Refused(204)


def _weight(changes: Iterable[Change]) -> int:
    return sum(len(c.document.content.data or b"") for c in changes if isinstance(c, Upsert))
