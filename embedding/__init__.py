"""Texts to vectors."""

from embedding.cache import Embedded, MemoryVectorStore, embed_missing, text_hash
from embedding.interface import (
    Embedder,
    EmbeddingError,
    ModelCorrupt,
    ModelMissing,
    Vector,
    Vectors,
    VectorStore,
)

__all__ = [
    "Embedded",
    "Embedder",
    "EmbeddingError",
    "MemoryVectorStore",
    "ModelCorrupt",
    "ModelMissing",
    "Vector",
    "VectorStore",
    "Vectors",
    "embed_missing",
    "text_hash",
]
