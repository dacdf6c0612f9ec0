"""From a source's content feed into the catalog and the content store."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from access import Clock, utc_now
from catalog import checkpoints, clauses, containers, documents, failures, inventory, parts
from catalog.checkpoints import Feed
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.exclusive import alone
from connectors.interface import (
    ConnectorError,
    CursorExpired,
    KnownVersions,
    PartUnavailable,
    SourceConnector,
)
from corpus import Container, Cursor, Page
from sync.asking import asking
from sync.fold import Folded, fold
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
        return _sync(catalog, content, connector, container, clock, guard or DeletionGuard())


def _sync(
    catalog: Catalog,
    content: ContentStore,
    connector: SourceConnector,
    container: Container,
    clock: Clock,
    guard: DeletionGuard,
) -> DocumentsReport:
    began = time.monotonic()
    with catalog.writing() as connection:
        containers.store(connection, [container], clock())
        number = containers.number(connection, container.source, container.id)
        containers.mark_attempted(connection, number, clock())
    report = DocumentsReport()
    known = _known(catalog, container, number)
    proven = True
    """Whether a place may be saved: none between a comparison that failed and one that did not,
    or what the first was to find would never be looked for again."""
    refused: ConnectorError | None = None
    """Why a part of the container could not be read or compared."""

    def take(page: Page, asked: datetime) -> None:
        nonlocal report, proven, refused
        save = proven and not page.whole
        folded, removed = _store(catalog, content, container, number, page, asked, clock, save)
        report = _add(report, folded, removed)
        if page.compare:
            gone = _settled(catalog, connector, container, page, guard, clock)
            refused = refused or gone.refused
        elif page.whole:
            gone = _compared(catalog, connector, container, page, guard, clock)
            proven = gone.complete
        else:
            return
        report = replace(report, removed=report.removed + gone.removed, held=gone.held)

    def follow(since: Cursor | None) -> None:
        with closing(asking(connector.changes(container, since, known), clock)) as pages:
            for page, asked in pages:
                take(page, asked)

    try:
        try:
            follow(_cursor(catalog, container))
        except CursorExpired:
            # The feed has forgotten our place, and with it any number of changes: read it all.
            with catalog.writing() as connection:
                checkpoints.forget(connection, container.source, container.id, Feed.CONTENT)
            proven = True  # this reading ends with a comparison of its own
            follow(None)
    except PartUnavailable as error:
        refused = refused or error
    with catalog.writing() as connection:
        if refused is None:
            containers.mark_synced(connection, number, clock())
        tally = inventory.tally(connection, number)
        failed = failures.count(connection, container.source, container.id, FETCH)
    return replace(
        report,
        failed=failed,
        total=tally.documents,
        unknown=tally.unknown,
        clauses=tally.clauses,
        skipped=tally.skipped,
        refused=refused,
        seconds=time.monotonic() - began,
    )


def _store(
    catalog: Catalog,
    content: ContentStore,
    container: Container,
    number: int,
    page: Page,
    asked: datetime,
    clock: Clock,
    save: bool,
) -> tuple[Folded, int]:
    told = clock()
    if page.told is not None:
        told = min(told, page.told)
    folded = fold(page.changes)
    bodies = [
        (each, None if each.content.data is None else content.put(each.content.data))
        for each in folded.upserts.values()
    ]
    now = clock()
    # What failed again keeps its failure, and so the count of its attempts.
    well = {*folded.upserts, *folded.access} - folded.failures.keys()
    with catalog.writing() as connection:
        clauses.store(connection, page.clauses, clock)
        documents.store(connection, number, container.canonical, bodies, now, asked)
        within = parts.Within(number, folded.parts)
        documents.set_access(connection, container.source, folded.access, now, asked, within)
        removed = remove(connection, container.source, number, folded.deletes, now, told)
        failures.clear(connection, container.source, well, FETCH)
        failures.record(connection, folded.failed(container, FETCH), now)
        if save:
            _save(connection, container, page, now)
    return folded, removed


def _compared(
    catalog: Catalog,
    connector: SourceConnector,
    container: Container,
    page: Page,
    guard: DeletionGuard,
    clock: Clock,
) -> Reconciliation:
    """After a reading of everything: what the listing lacks goes, then the cursor counts."""
    gone = reconcile(catalog, connector, container, guard, clock)
    with catalog.writing() as connection:
        if gone.complete:
            _save(connection, container, page, clock())
        else:
            checkpoints.forget(connection, container.source, container.id, Feed.CONTENT)
    return gone


def _settled(
    catalog: Catalog,
    connector: SourceConnector,
    container: Container,
    page: Page,
    guard: DeletionGuard,
    clock: Clock,
) -> Reconciliation:
    """After a page that doubts parts: what their listing lacks goes, then they are in no doubt.

    The page's cursor is saved already, with the doubts; what is not settled stays in it. A place
    that was given up meanwhile, so that everything is read again, is not put back: only that of
    a crawl is, or crawls might never end.
    """
    gone = reconcile(catalog, connector, container, guard, clock, page.compare)
    left = replace(page.cursor, doubted=page.cursor.doubted - gone.settled)
    with catalog.writing() as connection:
        kept = checkpoints.load(connection, container.source, container.id, Feed.CONTENT)
        if kept is not None or _CRAWL in page.compare:
            _save(connection, container, replace(page, cursor=left), clock())
    return gone


def _save(connection: Connection, container: Container, page: Page, now: datetime) -> None:
    checkpoints.save(connection, container.source, container.id, Feed.CONTENT, page.cursor, now)


def _add(report: DocumentsReport, folded: Folded, removed: int) -> DocumentsReport:
    return replace(
        report,
        upserted=report.upserted + len(folded.upserts),
        unchanged=report.unchanged + len(folded.access.keys() - folded.failures.keys()),
        removed=report.removed + removed,
    )


def _cursor(catalog: Catalog, container: Container) -> Cursor | None:
    with catalog.reading() as connection:
        return checkpoints.load(connection, container.source, container.id, Feed.CONTENT)


def _known(catalog: Catalog, container: Container, number: int) -> KnownVersions:
    def known(ids: Sequence[str]) -> Mapping[str, str]:
        # One that came from another container is read in full, or it would stay there.
        with catalog.reading() as connection:
            here = inventory.inside(connection, number, ids)
            return inventory.versions(connection, container.source, sorted(here))

    return known
