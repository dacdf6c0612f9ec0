"""The contracts of an embedding model and of the place where its vectors are kept.

Errors::

    EmbeddingError
    ├── ModelMissing             a package or file is not installed
    ├── ModelCorrupt             a file's hash is wrong
    ├── ProviderUnavailable      no answer, or "later" too often        (openai.py)
    ├── ProviderRefused          the request was rejected               (openai.py)
    └── BadAnswer                not the vectors asked for              (openai.py)
        └── DimensionMismatch    vectors of another length              (openai.py)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]


class EmbeddingError(Exception):
    """Root of every error that an embedder raises."""


class EmbeddingRefused(EmbeddingError):
    """The texts, or our credentials, were not taken; sending the same again would not help."""


class ModelMissing(EmbeddingError):
    """A package or file that the model needs is not installed."""


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

    def query(self, text: str) -> Vector:
        """The vector of a question: shape (dimensions,), unit length."""
        ...


class VectorStore(Protocol):
    """Keeps vectors by (model, SHA-256 of the text), so that no text is paid for twice."""

    def get_many(self, model: str, hashes: Sequence[str]) -> Mapping[str, Vector]:
        """The vectors known for these hashes; an unknown hash is absent from the answer."""
        ...

    def put_many(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep these vectors, durably once it returns; one that is already there may stay."""
        ...
