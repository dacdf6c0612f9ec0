"""The contract of an embedding model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class EmbeddingError(Exception):
    """Root of every error that an embedder raises."""


class ModelCorrupt(EmbeddingError):
    """A model file's hash is not the one it must have."""


class Embedder(Protocol):
    """Texts to unit vectors.

    Equal texts give equal vectors for one `model` value, whatever stands beside them in the
    batch up to floating-point noise, so vectors may be cached by (model, text hash).
    """

    model: str
    """Names model, revision and settings: a change here makes old vectors unusable."""
    dimensions: int
    """Length of a vector."""
    max_tokens: int
    """What lies beyond this many of the model's own tokens is not seen by it."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: shape (len(texts), dimensions), each of unit length."""
        ...

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question: shape (dimensions,), unit length."""
        ...
