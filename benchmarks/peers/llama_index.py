"""LlamaIndex: directory reader, sentence splitter, embedding, Weaviate vector store.

Runs in the peer's own environment, which has none of Bailiwick's packages but the model's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llama_index.core import SimpleDirectoryReader
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.readers.file import HTMLTagReader
from llama_index.vector_stores.weaviate import WeaviateVectorStore
from pydantic import PrivateAttr

from benchmarks.peers.contest import CHUNK_TOKENS, COLLECTION, Task, run


class Embedding(BaseEmbedding):
    """The contest's model as LlamaIndex wants it."""

    _model: Any = PrivateAttr()

    def __init__(self, model: Any) -> None:
        # A batch of theirs is one call of the model, which sorts by length within it.
        super().__init__(embed_batch_size=512)
        self._model = model

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return list(self._model.passages(texts).tolist())

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return list(self._model.query(query).tolist())

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def prepare(task: Task) -> Callable[[], int]:
    """The pipeline, ready to run."""
    client = task.client()
    if client.collections.exists(COLLECTION):
        client.collections.delete(COLLECTION)
    store = WeaviateVectorStore(weaviate_client=client, index_name=COLLECTION)
    splitter = SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=16, include_metadata=False)
    pipeline = IngestionPipeline(
        transformations=[splitter, Embedding(task.embedder())], vector_store=store
    )
    reader = SimpleDirectoryReader(
        str(task.folder), file_extractor={".html": HTMLTagReader(tag="body")}
    )

    def work() -> int:
        pipeline.run(documents=reader.load_data())
        return client.collections.get(COLLECTION).aggregate.over_all().total_count or 0

    return work


if __name__ == "__main__":
    run(prepare)
