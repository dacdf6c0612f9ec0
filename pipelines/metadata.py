"""Reports as Dagster metadata. Everyone with the UI reads it: no text, titles or addresses."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from catalog.failures import Failure
from sync.reconcile import Reconciliation
from sync.report import (
    ChunksReport,
    DocumentsReport,
    IndexReport,
    MembershipsReport,
    PermissionsReport,
)

_MOST_ROWS = 50

Metadata = dict[str, dg.MetadataValue | int | float | str]


def of_reconciliation(found: Reconciliation) -> Metadata:
    """Metadata of a comparison with a source's listing."""
    return {
        "complete": str(found.complete).lower(),
        "removed": found.removed,
        "held": found.held,
        "unseen": found.unseen,
    }


def of_documents(report: DocumentsReport) -> Metadata:
    """Metadata of a pass over a content feed."""
    return {
        "dagster/partition_row_count": report.total,
        "documents": report.total,
        "upserted": report.upserted,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "held": report.held,
        "failed": report.failed,
        "skipped": sum(report.skipped.values()),
        "skipped_by_reason": dg.MetadataValue.json(dict(report.skipped)),
        "unknown_access": report.unknown,
        "clauses": report.clauses,
        "seconds": round(report.seconds, 3),
    }


def of_chunks(report: ChunksReport) -> Metadata:
    """Metadata of a pass of the chunker."""
    return {
        "dagster/partition_row_count": report.total,
        "documents": report.documents,
        "chunks": report.chunks,
        "failed": report.failed,
        "quarantined": dg.MetadataValue.json(list(report.quarantined[:_MOST_ROWS])),
        "skipped": 0,
        "seconds": round(report.seconds, 3),
    }


def of_index(report: IndexReport) -> Metadata:
    """Metadata of a pass of embedding and indexing."""
    return {
        "dagster/partition_row_count": report.total,
        "documents": report.documents,
        "chunks": report.chunks,
        "embedded": report.embedded,
        "removed": report.removed,
        "failed": report.failed,
        "skipped": 0,
        "seconds": round(report.seconds, 3),
    }


def of_memberships(report: MembershipsReport, people: int) -> Metadata:
    """Metadata of a pass over a source's groups."""
    return {
        "people": people,
        "groups": report.groups,
        "unknown_groups": report.unknown,
        "members": report.members,
        "seconds": round(report.seconds, 3),
    }


def of_permissions(report: PermissionsReport) -> Metadata:
    """Metadata of a pass over a permission feed."""
    return {
        "clauses": report.clauses,
        "documents": report.documents,
        "failed": report.failed,
        "seconds": round(report.seconds, 3),
    }


def of_failures(failures: Sequence[Failure]) -> Metadata:
    """A table of documents that could not be finished, by their numbers in the catalog.

    Native ids stay out: a file's may be its path, and so its title. `bailiwick failures` has them.
    """
    if not failures:
        return {}
    return {
        "failures": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {
                        "failure": each.id,
                        "document": each.row,
                        "stage": each.stage,
                        "reason": each.reason,
                        "remedy": each.remedy,
                        "attempts": each.attempts,
                    }
                )
                for each in failures[:_MOST_ROWS]
            ]
        )
    }
