"""Embeds only the texts whose vectors are not known yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedding.interface import Embedder, EmbeddingError, Vector, Vectors, VectorStore


@dataclass(frozen=True, slots=True)
class Embedded:
    """The outcome of `embed_missing`."""

    vectors: Vectors
    """One row for each text that was asked for, in that order: shape (n, dimensions)."""
    computed: int
    """Texts that the model had to embed."""
    reused: int
    """Texts whose vector was known or that were the same as another one in the call."""


class MemoryVectorStore:
    """A `VectorStore` that forgets when the process ends."""

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, str], Vector] = {}

    def get_many(self, model: str, hashes: Sequence[str]) -> Mapping[str, Vector]:
        """The vectors known for these hashes."""
        return {h: self._vectors[model, h] for h in hashes if (model, h) in self._vectors}

    def put_many(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep copies of these vectors."""
        for text_hash, vector in vectors.items():
            self._vectors[model, text_hash] = vector.copy()

    def __len__(self) -> int:
        """How many vectors are kept."""
        return len(self._vectors)


def text_hash(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, in hexadecimal; lone surrogates have bytes of their own."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def embed_missing(
    texts: Sequence[str], embedder: Embedder, store: VectorStore, *, batch_size: int = 256
) -> Embedded:
    """Vectors of passages, of which only those unknown to `store` are computed.

    Vectors are stored after each batch, so a process that is killed loses one batch at most. A
    stored vector that does not fit the model (wrong length, not finite) is computed again.

    Args:
        texts: Passages; equal ones are embedded once.
        embedder: Makes the vectors. Its `model` is the key beside the text's hash.
        store: Where vectors are kept.
        batch_size: Texts for each call of the embedder and each write to the store. Texts of
            like length go together, so larger is slightly faster.

    Raises:
        EmbeddingError: The embedder failed, or returned something other than one finite vector
            of the right length for each text.
    """
    hashes = [text_hash(text) for text in texts]
    first: dict[str, str] = {}
    for digest, text in zip(hashes, texts, strict=True):
        first.setdefault(digest, text)
    known = {
        digest: vector
        for digest, vector in store.get_many(embedder.model, list(first)).items()
        if _fits(vector, embedder)
    }
    missing = sorted((h for h in first if h not in known), key=lambda h: (len(first[h]), h))
    for start in range(0, len(missing), batch_size):
        batch = missing[start : start + batch_size]
        made = embedder.passages([first[h] for h in batch])
        if made.shape != (len(batch), embedder.dimensions) or not np.isfinite(made).all():
            raise EmbeddingError(
                f"{embedder.model} returned {made.shape} for {len(batch)} texts of"
                f" {embedder.dimensions} dimensions, or values that are not finite"
            )
        new = dict(zip(batch, made, strict=True))
        store.put_many(embedder.model, new)
        known.update(new)
    vectors = np.empty((len(texts), embedder.dimensions), dtype=np.float32)
    for row, digest in enumerate(hashes):
        vectors[row] = known[digest]
    return Embedded(vectors, computed=len(missing), reused=len(texts) - len(missing))


def _fits(vector: Vector, embedder: Embedder) -> bool:
    return vector.shape == (embedder.dimensions,) and bool(np.isfinite(vector).all())
