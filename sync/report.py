"""What a stage did: counts and seconds, and nothing that a document says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.interface import ConnectorError


@dataclass(frozen=True, slots=True)
class DocumentsReport:
    """A pass over a container's content feed, and the reconciliation after it."""

    upserted: int = 0
    """Documents whose bodies were read."""
    unchanged: int = 0
    """Documents whose version was known, so that only their access was written."""
    removed: int = 0
    held: int = 0
    """Documents that seem gone, too many at once to believe unasked."""
    failed: int = 0
    """Documents that could not be read and stand as failures."""
    total: int = 0
    """Documents in the container now."""
    unknown: int = 0
    """Documents whose access is not known, so that nobody may read them."""
    clauses: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Bodies left out on purpose, by reason."""
    refused: ConnectorError | None = None
    """Why a part of the container could not be read or compared; the others were."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ChunksReport:
    """A pass of the chunker over what is due in a container."""

    documents: int = 0
    """Documents chunked in this pass."""
    chunks: int = 0
    """Chunks made in this pass."""
    quarantined: tuple[int, ...] = ()
    """Row numbers of documents whose bodies could not be parsed in this pass."""
    failed: int = 0
    """Documents of the container whose bodies stand as unreadable."""
    total: int = 0
    """Chunks of the container now."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexReport:
    """A pass of embedding and indexing over what is due in a container."""

    documents: int = 0
    chunks: int = 0
    embedded: int = 0
    """Texts that the model was asked for; the others were known."""
    removed: int = 0
    failed: int = 0
    total: int = 0
    """Chunks of the container in the index now."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MembershipsReport:
    """A pass over a source's groups."""

    groups: int = 0
    unknown: int = 0
    """Groups whose members could not be read; they count as empty."""
    members: int = 0
    """Direct members over all groups."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PermissionsReport:
    """A pass over a container's permission feed."""

    clauses: int = 0
    documents: int = 0
    """Documents whose access was written."""
    failed: int = 0
    seconds: float = 0.0
