"""A chunk: the passage that is embedded, searched and cited."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from access import Source

_NAMESPACE = UUID("7d3b1b0e-4a2f-5d0c-9a53-6b6f0c1f8e21")


def chunk_id(source: Source, document_id: str, index_version: str, ordinal: int) -> UUID:
    """The id of a chunk, derived so that writing it again replaces it.

    Each part is written with its length before it, so no two different quadruples share a name.
    """
    parts = (source.value, document_id, index_version, str(ordinal))
    return uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts))


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document within a token budget."""

    ordinal: int
    """Its place in the document, from 0."""
    text: str
    """The passage as a person would read it."""
    tokens: int
    """Its length in tokens of the chunker's tokenizer."""
    headings: tuple[str, ...] = ()
    """The headings that it stands under, outermost first."""
    page: int | None = None
    """The page or slide that it begins on, from 1; None where there are no pages."""
