"""The providers, one line each."""

from __future__ import annotations

from collections.abc import Callable

from embedding.interface import Embedder
from embedding.prefixes import Prefixes, prefixes_for
from embedding.settings import EmbeddingSettings


def build_embedder(settings: EmbeddingSettings | None = None) -> Embedder:
    """The embedder that the settings choose; by default those of the environment.

    Nothing is loaded or sent yet: that happens with its first text.

    Raises:
        pydantic.ValidationError: The environment's settings are incomplete or wrong.
        ValueError: The endpoint's address is none.
    """
    settings = settings or EmbeddingSettings()
    return PROVIDERS[settings.provider](settings)


def _bundled(settings: EmbeddingSettings) -> Embedder:
    from embedding.bundled import BundledModel

    return BundledModel(
        precision=settings.precision, threads=settings.threads, batch_size=settings.batch_size
    )


def _openai(settings: EmbeddingSettings) -> Embedder:
    from embedding.openai import Endpoint, OpenAIModel

    return OpenAIModel(
        Endpoint(
            url=settings.url,
            model=settings.model,
            dimensions=settings.dimensions or 0,
            shortened=settings.shortened,
            api_key=settings.api_key,
            key_header=settings.key_header,
            prefixes=_prefixes(settings),
            max_tokens=settings.max_tokens or 8191,
            batch_texts=settings.batch_texts,
            batch_tokens=settings.batch_tokens,
            concurrency=settings.concurrency,
            timeout=settings.timeout,
        )
    )


def _fastembed(settings: EmbeddingSettings) -> Embedder:
    from embedding.fastembed import FastembedModel

    return FastembedModel(
        settings.model,
        settings.dimensions or 0,
        allow_download=settings.allow_download,
        cache_folder=settings.cache_folder,
        max_tokens=settings.max_tokens or 512,
        prefixes=_prefixes(settings),
        threads=settings.threads,
        batch_size=settings.batch_size,
    )


def _hashing(settings: EmbeddingSettings) -> Embedder:
    from embedding.hashing import HashingEmbedder

    return HashingEmbedder(settings.dimensions or 64)


def _prefixes(settings: EmbeddingSettings) -> Prefixes:
    known = prefixes_for(settings.model)
    return Prefixes(
        known.query if settings.query_prefix is None else settings.query_prefix,
        known.passage if settings.passage_prefix is None else settings.passage_prefix,
    )


PROVIDERS: dict[str, Callable[[EmbeddingSettings], Embedder]] = {
    "bundled": _bundled,
    "openai": _openai,
    "fastembed": _fastembed,
    "hashing": _hashing,
}
