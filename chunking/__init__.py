"""Bodies to passages: bytes to blocks, blocks to chunks within a token budget."""

from chunking.chunker import Chunked, Chunker
from chunking.errors import ChunkingError, Encrypted, TooLarge, Unparsable

__all__ = ["Chunked", "Chunker", "ChunkingError", "Encrypted", "TooLarge", "Unparsable"]
