"""The embedded index: one SQLite file and one matrix of vectors, searched exactly."""

from index.embedded.index import EmbeddedIndex

__all__ = ["EmbeddedIndex"]
