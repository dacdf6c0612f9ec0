"""unstructured-ingest: local files, local partitioner, chunks by title, embedding, Weaviate.

Runs in the peer's own environment. Its sentence model would be downloaded at the first run; it
gets the same empty pipeline here as in Bailiwick, which is faster. Its local Weaviate connector
knows only the default ports, so that gets the contest's client.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

os.environ.update(SCARF_NO_ANALYTICS="true", UNSTRUCTURED_DISABLE_NOTICE="1", DO_NOT_TRACK="true")

import spacy
import unstructured.nlp.tokenize as tokenize
from unstructured_ingest.embed.interfaces import BaseEmbeddingEncoder, EmbeddingConfig
from unstructured_ingest.interfaces import ProcessorConfig
from unstructured_ingest.pipeline.pipeline import Pipeline
from unstructured_ingest.processes.chunker import Chunker, ChunkerConfig
from unstructured_ingest.processes.connectors.local import (
    LocalConnectionConfig,
    LocalDownloader,
    LocalDownloaderConfig,
    LocalIndexer,
    LocalIndexerConfig,
)
from unstructured_ingest.processes.connectors.weaviate.local import (
    LocalWeaviateConnectionConfig,
    LocalWeaviateUploader,
    LocalWeaviateUploaderConfig,
    LocalWeaviateUploadStager,
)
from unstructured_ingest.processes.embedder import Embedder, EmbedderConfig
from unstructured_ingest.processes.partitioner import Partitioner, PartitionerConfig

from benchmarks.peers.contest import CHUNK_CHARACTERS, COLLECTION, Task, make_collection, run

TASK: list[Task] = []


@cache
def _empty_pipeline() -> Any:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.max_length = 100_000_000
    return pipeline


@cache
def _model() -> Any:
    return TASK[0].embedder()


class Encoder(BaseEmbeddingEncoder):
    """The contest's model as unstructured-ingest wants it."""

    def get_client(self) -> Any:
        """The model; loaded once a process."""
        return _model()

    def embed_batch(self, client: Any, batch: list[str]) -> list[list[float]]:
        """Vectors of a batch."""
        return list(client.passages(batch).tolist())


class Config(EmbedderConfig):
    """Gives the encoder above."""

    def get_embedder(self) -> BaseEmbeddingEncoder:
        """The encoder, all of a document's texts to a batch."""
        return Encoder(config=EmbeddingConfig(batch_size=512))


class Connection(LocalWeaviateConnectionConfig):
    """The contest's server."""

    @contextmanager
    def get_client(self) -> Iterator[Any]:
        """A client; closed afterwards."""
        with TASK[0].client() as client:
            yield client


def prepare(task: Task) -> Callable[[], int]:
    """The pipeline, ready to run, with the two processes that are its default."""
    TASK.append(task)
    tokenize._get_nlp = _empty_pipeline
    with task.client() as client:
        make_collection(client, "text", "type", "element_id", "record_id")
    connection = LocalConnectionConfig()
    pipeline = Pipeline(
        context=ProcessorConfig(work_dir=str(task.kept), reprocess=True, raise_on_error=True),
        indexer=LocalIndexer(
            index_config=LocalIndexerConfig(input_path=str(task.folder)),
            connection_config=connection,
        ),
        downloader=LocalDownloader(
            download_config=LocalDownloaderConfig(), connection_config=connection
        ),
        partitioner=Partitioner(config=PartitionerConfig(strategy="fast")),
        chunker=Chunker(
            config=ChunkerConfig(
                chunking_strategy="by_title",
                chunk_max_characters=CHUNK_CHARACTERS,
                chunk_include_orig_elements=False,
            )
        ),
        embedder=Embedder(config=Config()),
        stager=LocalWeaviateUploadStager(),
        uploader=LocalWeaviateUploader(
            connection_config=Connection(),
            upload_config=LocalWeaviateUploaderConfig(collection=COLLECTION),
        ),
    )

    def work() -> int:
        pipeline.run()
        with task.client() as client:
            return client.collections.get(COLLECTION).aggregate.over_all().total_count or 0

    return work


if __name__ == "__main__":
    run(prepare)
