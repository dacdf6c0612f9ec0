"""The collection of one index version, property by property. Nothing is left to auto-schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from index.interface import SearchIndexError
from index.settings import IndexSettings

if TYPE_CHECKING:
    from weaviate import WeaviateClient

FORMAT = "1"
"""Of the properties below."""


def collection_name(prefix: str, version: str) -> str:
    """The name of a version's collection: letters and digits as they are, the rest by code."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in version)
    return f"{prefix}_{plain}"


def description(version: str, dimensions: int) -> str:
    """What the collection says of itself, for `described`."""
    return json.dumps({"bailiwick": FORMAT, "version": version, "dimensions": dimensions})


def described(text: str | None) -> tuple[str, int] | None:
    """The version and the size of vector that a collection is for; None if it is not ours."""
    try:
        told = json.loads(text or "")
        if told["bailiwick"] != FORMAT:
            return None
        return str(told["version"]), int(told["dimensions"])
    except (ValueError, KeyError, TypeError):
        return None


def create(client: WeaviateClient, settings: IndexSettings, version: str, dimensions: int) -> str:
    """Make a version's collection where there is none; its name.

    Raises:
        SearchIndexError: there is one by that name for something else.
    """
    from weaviate.classes.config import (
        Configure,
        DataType,
        Property,
        StopwordsPreset,
        Tokenization,
        VectorDistances,
        VectorFilterStrategy,
    )
    from weaviate.exceptions import UnexpectedStatusCodeError

    name = collection_name(settings.weaviate_collection, version)

    def number(of: str, ranges: bool = False) -> Property:
        return Property(
            name=of, data_type=DataType.INT, index_filterable=True, index_range_filters=ranges
        )

    def exact(of: str, kind: DataType = DataType.TEXT) -> Property:
        return Property(
            name=of,
            data_type=kind,
            tokenization=Tokenization.FIELD,
            index_filterable=True,
            index_searchable=False,
        )

    def kept(of: str, kind: DataType = DataType.TEXT) -> Property:
        searchable = False if kind in (DataType.TEXT, DataType.TEXT_ARRAY) else None
        return Property(
            name=of, data_type=kind, index_filterable=False, index_searchable=searchable
        )

    def time(of: str) -> Property:
        return Property(
            name=of, data_type=DataType.DATE, index_filterable=False, index_range_filters=True
        )

    if not client.collections.exists(name):
        try:
            client.collections.create(
                name,
                description=description(version, dimensions),
                vector_config=Configure.Vectors.self_provided(
                    quantizer=Configure.VectorIndex.Quantizer.rq(bits=8)
                    if settings.weaviate_quantizer == "rq8"
                    else Configure.VectorIndex.Quantizer.none(),
                    vector_index_config=Configure.VectorIndex.hnsw(
                        distance_metric=VectorDistances.COSINE,
                        filter_strategy=VectorFilterStrategy(settings.weaviate_filter_strategy),
                    ),
                ),
                inverted_index_config=Configure.inverted_index(
                    bm25_k1=1.2, bm25_b=0.75, stopwords_preset=StopwordsPreset.NONE
                ),
                replication_config=Configure.replication(factor=settings.weaviate_replication),
                properties=[
                    number("document"),
                    number("container"),
                    number("scope"),
                    number("ordinal", ranges=True),
                    exact("source"),
                    exact("kind"),
                    exact("media_type"),
                    exact("owners", DataType.TEXT_ARRAY),
                    Property(name="canonical", data_type=DataType.BOOL, index_filterable=True),
                    time("created_at"),
                    time("modified_at"),
                    time("indexed_at"),
                    Property(
                        name="analysed",
                        data_type=DataType.TEXT,
                        tokenization=Tokenization.WHITESPACE,
                        index_filterable=False,
                        index_searchable=True,
                    ),
                    kept("text"),
                    kept("title"),
                    kept("headings", DataType.TEXT_ARRAY),
                    kept("url"),
                    kept("created_number", DataType.INT),
                    kept("modified_number", DataType.INT),
                    kept("indexed_number", DataType.INT),
                    kept("content_hash"),
                    kept("content_print"),
                    kept("metadata_print"),
                ],
            )
        except UnexpectedStatusCodeError:
            if not client.collections.exists(name):  # another process was quicker
                raise
    found = described(client.collections.get(name).config.get(simple=True).description)
    if found != (version, dimensions):
        raise SearchIndexError(f"the collection {name} is {found}, not {(version, dimensions)}")
    return name
