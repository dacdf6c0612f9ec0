"""From a source's content feed into the catalog and the content store."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from access import Clock, utc_now
from catalog import checkpoints, clauses, containers, documents, failures, inventory, parts
from catalog.checkpoints import Feed
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.exclusive import alone
from connectors.interface import (
    ConnectorError,
    CursorExpired,
    PartUnavailable,
    SourceConnector,
)
from corpus import Container, Cursor, Page
from sync.asking import asking
from sync.fold import fold
from sync.reconcile import DeletionGuard, Reconciliation, reconcile
from sync.removal import remove
from sync.report import DocumentsReport
from sync.stages import FETCH

_CRAWL = ""
"""The doubt of a crawl: what went with parts that are no more."""


def sync_documents(
    catalog: Catalog,
    content: ContentStore,
    connector: SourceConnector,
    container: Container,
    clock: Clock = utc_now,
    guard: DeletionGuard | None = None,
) -> DocumentsReport:
    """Read what changed in a container, page by page.

    Bodies are stored first, then one transaction takes the page's documents, their access and
    the checkpoint. Killed anywhere, the next call goes on from the last whole page.

    One reader at a time for a container: of two, the slower would put an older body back.

    A reading of the whole container, which is also what an expired cursor leads to, tells of
    no deletion. It is followed by a comparison with the source's listing, and only then its
    cursor is adopted: else what was deleted in the gap would never be noticed. While the
    listing is not proven complete the next call reads everything once more.

    Of a container with parts the cursor itself says which parts are in doubt, and counts at
    once. Each is compared when its page asks for it, and is in doubt till that settled it. A part
    that can't be read keeps nothing of the others back: the report says why it could not.

    Args:
        catalog: where documents, access and checkpoints go.
        content: where bodies go.
        connector: the source.
        container: what to read.
        clock: tells the time.
        guard: when a loss is too large to believe unasked.

    Raises:
        ConnectorError: the source as a whole could not be read; whole pages are kept.
    """
    with alone(catalog, f"documents/{container.source}/{container.id}"):
        guard = guard or DeletionGuard()
        return _Pass(catalog, content, connector, container, clock, guard).run()


class _Pass:
    """One reading of what changed in a container."""

    def __init__(
        self,
        catalog: Catalog,
        content: ContentStore,
        connector: SourceConnector,
        container: Container,
        clock: Clock,
        guard: DeletionGuard,
    ):
        self._catalog = catalog
        self._content = content
        self._connector = connector
        self._container = container
        self._clock = clock
        self._guard = guard
        self._began = time.monotonic()
        with catalog.writing() as connection:
            containers.store(connection, [container], clock())
            self._number = containers.number(connection, container.source, container.id)
            containers.mark_attempted(connection, self._number, clock())
        self._feed = (container.source, container.id, Feed.CONTENT)
        self._report = DocumentsReport()
        self._proven = True
        """Whether a place may be saved: none between a comparison that failed and one that did
        not, or what the first was to find would never be looked for again."""
        self._refused: ConnectorError | None = None
        """Why a part of the container could not be read or compared."""

    def run(self) -> DocumentsReport:
        """Read to the end of the feed; raises as `sync_documents` does."""
        try:
            with self._catalog.reading() as connection:
                since = checkpoints.load(connection, *self._feed)
            try:
                self._follow(since)
            except CursorExpired:
                # The feed has forgotten our place, and with it any number of changes: read it all.
                with self._catalog.writing() as connection:
                    checkpoints.forget(connection, *self._feed)
                self._proven = True  # this reading ends with a comparison of its own
                self._follow(None)
        except PartUnavailable as error:
            self._refused = self._refused or error
        with self._catalog.writing() as connection:
            if self._refused is None:
                containers.mark_synced(connection, self._number, self._clock())
            tally = inventory.tally(connection, self._number)
            source, id = self._container.source, self._container.id
            failed = failures.count(connection, source, id, FETCH)
        return replace(
            self._report,
            failed=failed,
            total=tally.documents,
            unknown=tally.unknown,
            clauses=tally.clauses,
            skipped=tally.skipped,
            refused=self._refused,
            seconds=time.monotonic() - self._began,
        )

    def _follow(self, since: Cursor | None) -> None:
        changes = self._connector.changes(self._container, since, self._known)
        with closing(asking(changes, self._clock)) as pages:
            for page, asked in pages:
                self._store(page, asked)
                if page.compare:
                    self._settle(page)
                elif page.whole:
                    self._compare(page)

    def _store(self, page: Page, asked: datetime) -> None:
        told = self._clock()
        if page.told is not None:
            told = min(told, page.told)
        folded = fold(page.changes)
        bodies = [
            (each, None if each.content.data is None else self._content.put(each.content.data))
            for each in folded.upserts.values()
        ]
        now = self._clock()
        source, number = self._container.source, self._number
        # What failed again keeps its failure, and so the count of its attempts.
        well = {*folded.upserts, *folded.access} - folded.failures.keys()
        with self._catalog.writing() as connection:
            clauses.store(connection, page.clauses, self._clock)
            documents.store(connection, number, self._container.canonical, bodies, now, asked)
            within = parts.Within(number, folded.parts)
            documents.set_access(connection, source, folded.access, now, asked, within)
            removed = remove(connection, source, number, folded.deletes, now, told)
            failures.clear(connection, source, well, FETCH)
            failures.record(connection, folded.failed(self._container, FETCH), now)
            if self._proven and not page.whole:
                checkpoints.save(connection, *self._feed, page.cursor, now)
        report = self._report
        self._report = replace(
            report,
            upserted=report.upserted + len(folded.upserts),
            unchanged=report.unchanged + len(folded.access.keys() - folded.failures.keys()),
            removed=report.removed + removed,
        )

    def _compare(self, page: Page) -> None:
        """After a reading of everything: what the listing lacks goes, then the cursor counts."""
        gone = self._reconciled(None)
        self._proven = gone.complete
        with self._catalog.writing() as connection:
            if gone.complete:
                checkpoints.save(connection, *self._feed, page.cursor, self._clock())
            else:
                checkpoints.forget(connection, *self._feed)

    def _settle(self, page: Page) -> None:
        """After a page that doubts parts: what their listing lacks goes; they are in doubt no more.

        The page's cursor is saved already, with the doubts; what is not settled stays in it. A
        place that was given up meanwhile, so that everything is read again, is not put back: only
        that of a crawl is, or crawls might never end.
        """
        gone = self._reconciled(page.compare)
        self._refused = self._refused or gone.refused
        left = replace(page.cursor, doubted=page.cursor.doubted - gone.settled)
        with self._catalog.writing() as connection:
            kept = checkpoints.load(connection, *self._feed)
            if kept is not None or _CRAWL in page.compare:
                checkpoints.save(connection, *self._feed, left, self._clock())

    def _reconciled(self, compared: frozenset[str] | None) -> Reconciliation:
        gone = reconcile(
            self._catalog, self._connector, self._container, self._guard, self._clock, compared
        )
        report = self._report
        # All that is missing is weighed anew where everything is compared.
        held = gone.held if compared is None else report.held + gone.held
        self._report = replace(report, removed=report.removed + gone.removed, held=held)
        return gone

    def _known(self, ids: Sequence[str]) -> Mapping[str, str]:
        # One that came from another container is read in full, or it would stay there.
        with self._catalog.reading() as connection:
            here = inventory.inside(connection, self._number, ids)
            return inventory.versions(connection, self._container.source, sorted(here))
