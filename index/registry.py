"""The configured backend."""

from __future__ import annotations

from index.interface import Index
from index.settings import IndexSettings
from index.versions import Versions


def open_versions(settings: IndexSettings) -> Versions:
    """The versions that the configured backend holds. The caller closes them.

    Raises:
        SearchIndexError: the backend can't be used; the message says what to do.
    """
    if settings.backend == "weaviate":
        from index.weaviate.versions import WeaviateVersions

        return WeaviateVersions(settings)
    from index.embedded.versions import EmbeddedVersions

    return EmbeddedVersions(settings.folder)


def open_index(settings: IndexSettings, version: str, dimensions: int) -> Index:
    """The index of one version in the configured backend, made where missing.

    Raises:
        SearchIndexError: the backend can't be used, or the version has other vectors.
    """
    if settings.backend == "weaviate":
        from index.weaviate.index import WeaviateIndex

        return WeaviateIndex(settings, version, dimensions)
    return open_versions(settings).open(version, dimensions)
