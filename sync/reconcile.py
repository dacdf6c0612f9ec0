"""Finding what a source no longer has, without ever believing half a listing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from access import Clock, utc_now
from catalog import checkpoints, containers, deletions, epoch, failures, inventory
from catalog.checkpoints import Feed
from catalog.database import Catalog
from catalog.failures import Failure
from connectors.interface import ConnectorError, SourceConnector
from corpus import Container
from sync.presence import Here, Told
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
    """more than this many,"""
    within: timedelta = timedelta(hours=12)
    """missing in comparisons no further apart: a loss may show bite by bite. So a bad day is
    weighed as one, and two nights are not."""

    def holds(self, missing: int, present: int) -> bool:
        """Whether `missing` of `present` documents must wait for a person."""
        return missing > self.documents and missing > present * self.fraction


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a listing showed."""

    complete: bool
    """Whether the listing was proven complete. Without that nothing was removed but from parts
    of the container that were listed whole, and parts that it has no more."""
    settled: frozenset[str] = frozenset()
    """Those of the parts asked for of which nothing is in doubt any more."""
    refused: ConnectorError | None = None
    """Why a part could not be listed, though the others could."""
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
    parts: frozenset[str] | None = None,
) -> Reconciliation:
    """Compare a container with the source's own listing, and hide what is gone.

    Where the source lists it in parts, each part that was listed whole is compared, though
    another may have refused. The guard weighs what is missing, together with what earlier
    comparisons found to be missing lately, against the whole container as it was before.

    Args:
        catalog: where the documents are.
        connector: the source.
        container: what to compare.
        guard: when a loss is too large to believe unasked.
        clock: tells the time.
        parts: the doubted parts to compare, and no others; None compares everything.

    Raises:
        ConnectorError: the listing could not be read; nothing was removed.
    """
    with catalog.reading() as connection:
        number = containers.number(connection, container.source, container.id)
        # Taken before the listing: what is added while we list must not look missing.
        here = Here(connection, number)
    began = clock()
    told = Told(connector.listing(container, parts))
    ended = clock()
    if not told.proves:
        return Reconciliation(complete=False, refused=told.refused)
    found = Reconciliation(
        complete=told.complete,
        settled=frozenset(filter(told.settles, parts or ())),
        refused=told.refused,
    )
    listed = told.names
    absent = here.absent(told)
    with catalog.writing() as connection:
        epoch.hold(connection)
        stand = failures.load(connection, container.source, container.id, limit=1_000_000)
        fetches = [each for each in stand if each.stage == FETCH]
        failed = {each.document for each in fetches}
        due = {each.document for each in fetches if _due(each, began)}
        unseen = listed.strangers(here.names, failed)
        if unseen or due - listed.without(due):
            checkpoints.forget(connection, container.source, container.id, Feed.CONTENT)
        if told.complete:  # of a document that was never read no part is known
            _forget_failures(connection, container, listed.without(failed))
        # What moved elsewhere, or showed itself while we listed, is not missing.
        missing = inventory.unseen_since(connection, number, absent, began)
        undecided = here.undecided(deletions.on_hold(connection, number), told)
        deletions.keep(connection, number, [*missing.values(), *undecided])
        rows, now = list(missing.values()), clock()
        before = deletions.believed(connection, number, guard.within, now)
        if guard.holds(before + len(rows), before + len(here.names)):
            deletions.hold(connection, number, rows, now)
            return replace(found, held=len(rows), unseen=unseen)
        removed = remove(connection, container.source, number, missing, now, ended)
        deletions.believe(connection, number, rows, now)
    return replace(found, removed=removed, unseen=unseen)


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
