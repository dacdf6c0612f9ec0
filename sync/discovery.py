"""Which containers a source has."""

from __future__ import annotations

from access import Clock, utc_now
from catalog import containers
from catalog.database import Catalog
from connectors.interface import SourceConnector
from corpus import Container


def discover(
    catalog: Catalog, connector: SourceConnector, clock: Clock = utc_now
) -> list[Container]:
    """Ask a source for its containers and write them to the catalog.

    Raises:
        ConnectorError: the source could not be read.
    """
    found = list(connector.containers())
    with catalog.writing() as connection:
        containers.store(connection, found, clock())
    return found
