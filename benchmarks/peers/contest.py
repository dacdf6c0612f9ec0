"""What every contestant shares: its task, the model, the stop-watch and how it reports."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from weaviate import WeaviateClient

DIMENSIONS = 384
CHUNK_TOKENS = 200
"""The length of a chunk; Bailiwick's default."""
CHUNK_CHARACTERS = 800
"""The same for a peer that counts characters, at four to a token."""
COLLECTION = "Peer"
PROPERTIES = ("text", "path")


class Free:
    """Vectors that cost nothing: different, of unit length, and without meaning."""

    model = "free"
    dimensions = DIMENSIONS
    max_tokens = 256

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages: shape (len(texts), 384)."""
        vectors = self._random.standard_normal((len(texts), DIMENSIONS), np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question: shape (384,)."""
        return np.asarray(self.passages([text])[0])


class Task:
    """What a contestant is told on its command line."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Take folder, host, ports, key and model.

        Args:
            arguments: the folder of files, the REST port, the gRPC port, the server's key,
                ``free`` or ``bundled``, and a folder for what the contestant keeps.
        """
        folder, rest, grpc, self.key, self.model, kept = arguments
        self.folder, self.kept = Path(folder), Path(kept)
        self.rest, self.grpc = int(rest), int(grpc)

    def embedder(self) -> Any:
        """The model, loaded and warm."""
        if self.model == "free":
            return Free()
        from embedding.bundled import BundledModel

        model = BundledModel()
        model.passages(["warm"])
        return model

    def client(self) -> WeaviateClient:
        """A client of the server."""
        import weaviate

        return weaviate.connect_to_local(
            port=self.rest,
            grpc_port=self.grpc,
            auth_credentials=weaviate.auth.AuthApiKey(self.key),
            skip_init_checks=True,
        )


def make_collection(client: WeaviateClient, *names: str) -> None:
    """A new, empty collection with text properties, as a peer's documentation would have it."""
    from weaviate.classes.config import Configure, DataType, Property

    if client.collections.exists(COLLECTION):
        client.collections.delete(COLLECTION)
    client.collections.create(
        COLLECTION,
        vector_config=Configure.Vectors.self_provided(),
        properties=[Property(name=name, data_type=DataType.TEXT) for name in names],
    )


def run(prepare: Callable[[Task], Callable[[], int]]) -> None:
    """Prepare, then run against the clock and report one line of JSON.

    Args:
        prepare: does what is not counted, and gives what is: a function that ingests the folder
            and gives how many chunks the server then holds.
    """
    work = prepare(Task(sys.argv[1:]))
    began = time.perf_counter()
    chunks = work()
    print(json.dumps({"seconds": time.perf_counter() - began, "chunks": chunks}))
