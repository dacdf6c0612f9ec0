"""Partitions: one a container, added as sources show them."""

from __future__ import annotations

import dagster as dg

from access import Source
from catalog import containers
from corpus import Container
from sync.discovery import discover
from workspace.workspace import Workspace


def containers_of(source: Source) -> dg.DynamicPartitionsDefinition:
    """The partition set of a source; keys are the containers' native ids."""
    return dg.DynamicPartitionsDefinition(name=f"{source.value}_containers")


def partition_keys(instance: dg.DagsterInstance, source: Source) -> set[str]:
    """The partitions that a source has in Dagster so far: native ids of containers."""
    return set(instance.get_dynamic_partitions(str(containers_of(source).name)))


def discovered(workspace: Workspace, source: Source) -> list[Container]:
    """The containers that a source shows now; the catalog has them too from here on.

    Raises:
        ConnectorError: the source could not be read.
    """
    connector = workspace.connector(source)
    return discover(workspace.catalog, connector, canonical=workspace.settings.canonical)


def container_of(workspace: Workspace, source: Source, key: str) -> Container:
    """The container that a partition key names.

    Raises:
        dg.Failure: the source has no such container.
        ConnectorError: the source had to be asked and could not be read.
    """
    with workspace.catalog.reading() as connection:
        known = {each.id: each for each in containers.load(connection, source)}
    if key not in known:
        known = {each.id: each for each in discovered(workspace, source)}
    if key not in known:
        raise dg.Failure(
            f"{source.label} shows no container {key!r}; delete the partition, or check what "
            "the settings include",
            allow_retries=False,
        )
    return known[key]
