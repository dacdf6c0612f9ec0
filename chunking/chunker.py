"""The chunker: a document's content to its passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chunking.blocks import clean
from chunking.elements import read_blocks
from chunking.sniff import NoText
from chunking.splitter import Splitter
from chunking.tokens import ENCODING, count, pieces
from corpus import Chunk, Content

CODE_VERSION = 1
"""Raise this when the same body would come out differently, a parser's upgrade included."""
DEFAULT_BUDGET = 200
DEFAULT_OVERLAP = 16
DEFAULT_MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Chunked:
    """The passages of a body."""

    chunks: tuple[Chunk, ...]
    """In order, numbered from 0; none where there is no text."""
    notes: tuple[str, ...] = ()
    """What was odd about the body, in words that are the same for every document."""
    no_text: str = ""
    """Why there are no chunks, in such words too; empty where there are some."""


class Chunker:
    """Parses bodies and cuts them into chunks; holds no state, safe to share between threads."""

    def __init__(
        self,
        *,
        budget: int = DEFAULT_BUDGET,
        overlap: int = DEFAULT_OVERLAP,
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        """Choose the sizes.

        Args:
            budget: Most tokens (cl100k_base) of a chunk, repeated text counted.
            overlap: Most tokens that a chunk repeats from the one before it; 0 repeats nothing.
            max_bytes: Bodies beyond this are refused.

        Raises:
            ValueError: The budget is below 16 or the overlap above a quarter of it.
        """
        self._splitter = Splitter(budget, overlap)
        self._max_bytes = max_bytes
        self.version = f"chunks-{CODE_VERSION}:{ENCODING}:{budget}:{overlap}"
        """Equal versions give equal chunks for equal content and titles."""

    def chunk(self, content: Content, title: str) -> Chunked:
        """The chunks of a document's body.

        Args:
            content: The body.
            title: The document's name; only its extension is used, to tell text from code.

        Raises:
            ChunkingError: The body is damaged, encrypted or too large.
        """
        if content.data is None:
            return Chunked((), (), content.skipped or "no body")
        blocks, notes = read_blocks(content.data, content.media_type, title, self._max_bytes)
        if isinstance(blocks, NoText):
            return Chunked((), notes, blocks.reason)
        chunks = self._splitter.split(blocks)
        return Chunked(chunks, notes, "" if chunks else "empty")

    def title_only(self, title: str, headings: Sequence[str] = ()) -> Chunk:
        """The one chunk of a document that has no body text, so that it can still be found.

        Args:
            title: The document's name; a title without any text becomes ``Untitled``.
            headings: What it stands under, outermost first, such as its container's name.
        """
        words = " ".join(clean(title).split()) or "Untitled"
        text = pieces(words, self._splitter.budget)[0]
        return Chunk(0, text, count(text), tuple(headings))
