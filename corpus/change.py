"""What a source reports about its documents."""

from __future__ import annotations

from dataclasses import dataclass

from access import AccessControl
from corpus.document import Document


@dataclass(frozen=True, slots=True)
class Upsert:
    """A document is there, new or as it is now."""

    document: Document
    """The document in full."""


@dataclass(frozen=True, slots=True)
class Delete:
    """The source itself said that a document is gone (a tombstone, not a missing row)."""

    document_id: str
    """The document's id within the source."""


@dataclass(frozen=True, slots=True)
class Reacl:
    """Who may read a document has changed; its body has not."""

    document_id: str
    """The document's id within the source."""
    access: AccessControl
    """Who may read it now."""
    part: str = ""
    """The part of the container that it is in now; empty where the source has no parts."""


@dataclass(frozen=True, slots=True)
class Failed:
    """One document could not be read; the rest goes on."""

    document_id: str
    """The document's id within the source."""
    reason: str
    """What went wrong, naming no title, address or text of the document."""
    remedy: str
    """What an operator can do about it."""


Change = Upsert | Delete | Reacl | Failed
