"""Finding what a source no longer has, without ever believing half a listing."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from access import Clock, utc_now
from catalog import checkpoints, containers, deletions, documents, epoch, failures, inventory
from catalog.checkpoints import Feed
from catalog.database import Catalog
from catalog.failures import Failure
from connectors.interface import SourceConnector
from corpus import Container
from sync.names import Names
from sync.removal import remove
from sync.stages import FETCH

_FIRST_TRY = timedelta(hours=1)
_LAST_TRY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeletionGuard:
    """When a loss is too large to believe without a person's word."""

    fraction: float = 0.2
    """More than this part of a container's documents, and"""
    documents: int = 10
    """more than this many."""

    def holds(self, missing: int, present: int) -> bool:
        """Whether `missing` of `present` documents must wait for a person."""
        return missing > self.documents and missing > present * self.fraction


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a listing showed."""

    complete: bool
    """Whether the listing was proven complete; without that nothing was removed."""
    removed: int = 0
    held: int = 0
    unseen: int = 0
    """Documents that the source lists and the catalog lacks, failed ones apart. They make the
    next sync read everything: no change log would tell of them again. So do failed ones, less
    and less often."""


def reconcile(
    catalog: Catalog,
    connector: SourceConnector,
    container: Container,
    guard: DeletionGuard,
    clock: Clock = utc_now,
) -> Reconciliation:
    """Compare a container with the source's own listing, and hide what is gone.

    Raises:
        ConnectorError: the listing could not be read; nothing was removed.
    """
    with catalog.reading() as connection:
        number = containers.number(connection, container.source, container.id)
        # Taken before the listing: what is added while we list must not look missing.
        here, rows = Names(), array("q")
        for name, row in documents.every_present(connection, number):
            here.add(name)
            rows.append(row)
    began = clock()
    listed = Names()
    complete = False
    for page in connector.listing(container):
        for name in page.versions:
            listed.add(name)
        complete = page.complete
    told = clock()
    if not complete:
        return Reconciliation(complete=False)
    absent = [rows[at] for at in here.lacking(listed)]
    with catalog.writing() as connection:
        epoch.hold(connection)
        stand = failures.load(connection, container.source, container.id, limit=1_000_000)
        fetches = [each for each in stand if each.stage == FETCH]
        failed = {each.document for each in fetches}
        due = {each.document for each in fetches if _due(each, began)}
        unseen = listed.strangers(here, failed)
        if unseen or due - listed.without(due):
            checkpoints.forget(connection, container.source, container.id, Feed.CONTENT)
        _forget_failures(connection, container, listed.without(failed))
        # What moved elsewhere, or showed itself while we listed, is not missing.
        missing = inventory.unseen_since(connection, number, absent, began)
        deletions.keep(connection, number, list(missing.values()))
        if guard.holds(len(missing), len(here)):
            deletions.hold(connection, number, list(missing.values()), clock())
            return Reconciliation(True, held=len(missing), unseen=unseen)
        removed = remove(connection, container.source, number, missing, clock(), told)
    return Reconciliation(True, removed=removed, unseen=unseen)


def _due(each: Failure, now: datetime) -> bool:
    """Whether a body that could not be read is worth another try, which reads everything again.

    After an hour, then after four times as long each time, and at last once a month.
    """
    wait = min(_FIRST_TRY * 4 ** min(each.attempts - 1, 10), _LAST_TRY)
    return each.last_at is None or now - each.last_at >= wait


def _forget_failures(connection: Connection, container: Container, gone: set[str]) -> None:
    """Documents that never could be read, and are gone, are missed by nothing else."""
    gone -= inventory.versions(connection, container.source, sorted(gone)).keys()
    failures.clear(connection, container.source, gone, FETCH)
