"""A deterministic embedder without a model, for tests and dry runs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from embedding.interface import Vector, Vectors

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Words and their three-letter pieces, hashed into signed buckets.

    Texts that share words, or parts of words, get a higher cosine than texts that share none.
    It knows no meaning: "car" and "automobile" are strangers.
    """

    max_tokens = 2**31

    def __init__(self, dimensions: int = 64) -> None:
        """Choose the length of a vector; short ones collide more."""
        if dimensions < 2:
            raise ValueError("dimensions must be at least 2")
        self.dimensions = dimensions
        self.model = f"hashing-v1:{dimensions}"

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: shape (len(texts), dimensions), each of unit length."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                self._add(vector, word, 1.0)
                padded = f"^{word}$"
                for start in range(len(padded) - 2):
                    self._add(vector, padded[start : start + 3], 0.25)
            length = float(np.linalg.norm(vector))
            if length < 1e-6:
                vector[0] = length = 1.0
            vector /= length
        return vectors

    def query(self, text: str) -> Vector:
        """The vector of a question: shape (dimensions,), unit length."""
        vector: Vector = self.passages([text])[0]
        return vector

    def _add(self, vector: Vector, feature: str, weight: float) -> None:
        digest = hashlib.blake2b(feature.encode(errors="replace"), digest_size=8).digest()
        number = int.from_bytes(digest, "little")
        vector[(number >> 1) % self.dimensions] += weight if number & 1 else -weight
