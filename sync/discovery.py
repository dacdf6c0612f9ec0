"""Which containers a source has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from access import Clock, utc_now
from catalog import again, containers
from catalog.database import Catalog
from connectors.interface import SourceConnector
from corpus import Container


def discover(
    catalog: Catalog,
    connector: SourceConnector,
    clock: Clock = utc_now,
    canonical: Collection[str] = (),
) -> list[Container]:
    """Ask a source for its containers and write them to the catalog.

    Args:
        catalog: where they are kept.
        connector: the source.
        clock: gives the present instant.
        canonical: containers whose documents are preferred, as ``source:container id``. Where
            that has changed since, the container's documents become due for the index.

    Raises:
        ConnectorError: the source could not be read.
    """
    found = [
        replace(each, canonical=each.canonical or f"{each.source}:{each.id}" in canonical)
        for each in connector.containers()
    ]
    with catalog.writing() as connection:
        before = {each.id: each.canonical for each in containers.load(connection, connector.source)}
        containers.store(connection, found, clock())
        for each in found:
            if before.get(each.id, each.canonical) is not each.canonical:
                number = containers.number(connection, each.source, each.id)
                again.index_anew(connection, number)
    return found
