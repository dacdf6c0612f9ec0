"""Versions in Weaviate: a collection each, and an alias that names the one in service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.interface import SearchIndexError, UnknownVersion, VersionServing
from index.settings import IndexSettings
from index.versions import Version
from index.weaviate import schema
from index.weaviate.connection import connect, translated
from index.weaviate.index import WeaviateIndex

if TYPE_CHECKING:
    from weaviate import WeaviateClient


class WeaviateVersions:
    """The versions whose collections begin with the configured name, over one connection."""

    def __init__(self, settings: IndexSettings, client: WeaviateClient | None = None) -> None:
        """The versions on the configured server, over `client` or a connection of its own.

        Raises:
            SearchIndexError: the server can't be used.
        """
        self._settings = settings
        self._alias = settings.weaviate_collection
        self._own = client is None
        self._client = client or connect(settings)

    def all(self) -> Sequence[Version]:
        """See `Versions.all`."""
        found = []
        with translated("listing versions"):
            serving = self._target()
            for name, config in self._client.collections.list_all(simple=True).items():
                told = schema.described(config.description)
                if told is None or name != schema.collection_name(self._alias, told[0]):
                    continue
                counted = self._client.collections.get(name).aggregate.over_all(total_count=True)
                found.append(Version(*told, counted.total_count or 0, name == serving))
        return sorted(found, key=lambda version: version.name)

    def serving(self) -> str | None:
        """See `Versions.serving`. One small request."""
        with translated("asking which version serves"):
            target = self._target()
            if target is None:
                return None
            config = self._client.collections.get(target).config.get(simple=True)
        told = schema.described(config.description)
        if told is None:
            raise SearchIndexError(f"the alias {self._alias} is of {target}, which is not ours")
        return told[0]

    def open(self, version: str, dimensions: int) -> WeaviateIndex:
        """See `Versions.open`."""
        return WeaviateIndex(self._settings, version, dimensions, self._client)

    def switch(self, version: str) -> None:
        """See `Versions.switch`. Moves the alias."""
        name = self._existing(version)
        with translated("switching"):
            if self._target() is None:
                self._client.alias.create(alias_name=self._alias, target_collection=name)
            else:
                self._client.alias.update(alias_name=self._alias, new_target_collection=name)

    def drop(self, version: str) -> None:
        """See `Versions.drop`."""
        name = self._existing(version)
        with translated("dropping"):
            if name == self._target():
                raise VersionServing(version)
            self._client.collections.delete(name)

    def close(self) -> None:
        """See `Versions.close`."""
        if self._own:
            self._client.close()

    def _target(self) -> str | None:
        """The collection that the alias stands for."""
        found = self._client.alias.get(alias_name=self._alias)
        return None if found is None else found.collection

    def _existing(self, version: str) -> str:
        name = schema.collection_name(self._alias, version)
        with translated("looking for a version"):
            if not self._client.collections.exists(name):
                raise UnknownVersion(version)
        return name
