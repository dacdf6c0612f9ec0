"""From a source's permission feed into the catalog; no body is read, no chunk written."""

from __future__ import annotations

import time
from contextlib import closing

from access import Clock, utc_now
from catalog import checkpoints, clauses, containers, documents, failures, parts
from catalog.checkpoints import Feed
from catalog.database import Catalog
from connectors.interface import CursorExpired, SourceConnector
from corpus import Container, Cursor
from sync.asking import asking
from sync.fold import fold
from sync.removal import remove
from sync.report import PermissionsReport
from sync.stages import PERMISSIONS


def sync_permissions(
    catalog: Catalog,
    connector: SourceConnector,
    container: Container,
    clock: Clock = utc_now,
) -> PermissionsReport:
    """Read who may read what in a container, page by page.

    Raises:
        ConnectorError: the source could not be read; whole pages are kept.
    """
    began = time.monotonic()
    with catalog.writing() as connection:
        containers.store(connection, [container], clock())
        number = containers.number(connection, container.source, container.id)
        containers.mark_swept(connection, number, clock())
        since = checkpoints.load(connection, container.source, container.id, Feed.PERMISSIONS)
    try:
        counts = _read(catalog, connector, container, number, since, clock)
    except CursorExpired:
        with catalog.writing() as connection:
            checkpoints.forget(connection, container.source, container.id, Feed.PERMISSIONS)
        counts = _read(catalog, connector, container, number, None, clock)
    return PermissionsReport(*counts, seconds=time.monotonic() - began)


def _read(
    catalog: Catalog,
    connector: SourceConnector,
    container: Container,
    number: int,
    since: Cursor | None,
    clock: Clock,
) -> tuple[int, int, int]:
    written = changed = failed = 0
    with closing(asking(connector.permissions(container, since), clock)) as pages:
        for page, asked in pages:
            folded = fold(page.changes)
            now = clock()
            with catalog.writing() as connection:
                clauses.store(connection, page.clauses, clock)
                within = parts.Within(number, folded.parts)
                documents.set_access(
                    connection, container.source, folded.access, now, asked, within
                )
                remove(connection, container.source, number, folded.deletes, now)
                well = folded.access.keys() - folded.failures.keys()
                failures.clear(connection, container.source, well, PERMISSIONS)
                failures.record(connection, folded.failed(container, PERMISSIONS), now)
                checkpoints.save(
                    connection, container.source, container.id, Feed.PERMISSIONS, page.cursor, now
                )
            written += len(page.clauses)
            changed += len(folded.access)
            failed += len(folded.failures)
    return written, changed, failed
