"""Models that fastembed runs, as an option: ``pip install 'bailiwick[fastembed]'``."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embedding.interface import EmbeddingError, ModelMissing, Vector, Vectors
from embedding.prefixes import Prefixes, prefixes_for


class FastembedModel:
    """A model of fastembed's list, downloaded by it only where that is allowed."""

    def __init__(
        self,
        name: str,
        dimensions: int,
        *,
        allow_download: bool = False,
        cache_folder: Path | None = None,
        max_tokens: int = 512,
        prefixes: Prefixes | None = None,
        threads: int | None = None,
        batch_size: int = 32,
    ) -> None:
        """Remember the settings; the model is loaded when it is first asked.

        Args:
            name: As fastembed lists it, such as ``BAAI/bge-small-en-v1.5``.
            dimensions: Length of its vectors.
            allow_download: Whether fastembed may fetch a model that is not in the folder yet.
            cache_folder: Where models are; None for fastembed's own choice.
            max_tokens: What the model reads of a text; fastembed does the cutting.
            prefixes: Put before texts; None for those that the model is known to want.
            threads: CPU threads; None for all.
            batch_size: Texts run at once.
        """
        self.dimensions = dimensions
        self.max_tokens = max_tokens
        self.model = f"fastembed:{name}:{dimensions}"
        self._prefixes = prefixes_for(name) if prefixes is None else prefixes
        self._name, self._threads, self._batch_size = name, threads, batch_size
        self._allow_download, self._folder = allow_download, cache_folder
        self._lock = threading.Lock()
        self._loaded: Any = None

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: shape (len(texts), dimensions), each of unit length.

        Raises:
            ModelMissing: fastembed is not installed, or the model is not there and may not be
                downloaded.
            EmbeddingError: It failed, or its vectors have another length.
        """
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return self._embed([self._prefixes.passage + text for text in texts])

    def query(self, text: str) -> Vector:
        """The vector of a question: shape (dimensions,), unit length. Raises as `passages`."""
        vector: Vector = self._embed([self._prefixes.query + text])[0]
        return vector

    def _embed(self, texts: list[str]) -> Vectors:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            try:
                rows = list(self._loaded.embed(texts, batch_size=self._batch_size))
            except Exception as error:
                raise EmbeddingError(f"fastembed failed: {type(error).__name__}") from error
        vectors = np.array(rows, dtype=np.float32)
        if vectors.shape != (len(texts), self.dimensions):
            raise EmbeddingError(
                f"{self._name} gave {vectors.shape} for {len(texts)} texts, the settings say"
                f" {self.dimensions} dimensions: correct BAILIWICK_EMBEDDING_DIMENSIONS"
            )
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _load(self) -> Any:
        try:
            fastembed = importlib.import_module("fastembed")
        except ImportError as error:
            raise ModelMissing(
                "fastembed is not installed: pip install 'bailiwick[fastembed]'"
            ) from error
        try:
            return fastembed.TextEmbedding(
                model_name=self._name,
                cache_dir=str(self._folder) if self._folder else None,
                threads=self._threads,
                local_files_only=not self._allow_download,
            )
        except Exception as error:
            remedy = (
                "check its name and the network"
                if self._allow_download
                else "put it into BAILIWICK_EMBEDDING_CACHE_FOLDER, or allow the download with"
                " BAILIWICK_EMBEDDING_ALLOW_DOWNLOAD=true"
            )
            raise ModelMissing(f"fastembed could not load {self._name}: {remedy}") from error
