"""The assets of one source: each is one call into `sync`."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from access import Source, utc_now
from catalog import failures
from corpus import Container
from pipelines import metadata
from pipelines.checks import ACCESS_KNOWN, PARTS_READ, access_known, every_part_read
from pipelines.failures import shown
from pipelines.keys import asset_key
from pipelines.partitions import container_of, containers_of
from pipelines.resources import WorkspaceResource
from sync.chunks import sync_chunks
from sync.directory import sync_directory
from sync.documents import sync_documents
from sync.memberships import sync_memberships
from sync.permissions import sync_permissions
from sync.reconcile import reconcile
from workspace.workspace import Workspace

OWNERS = ["team:data-platform"]
_FRESH = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=24), warn_window=timedelta(hours=6)
)


def source_assets(source: Source) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """What Dagster shows of one source: the system itself, its people's groups, its content."""
    return [
        _source_system(source),
        _memberships(source),
        _permissions(source),
        _documents(source),
        _reconciled(source),
        _chunks(source),
        _index(source),
    ]


def _source_system(source: Source) -> dg.AssetSpec:
    return dg.AssetSpec(
        asset_key(source, "source_system"),
        group_name=source.value,
        kinds={source.value},
        owners=OWNERS,
        description=f"{source.label} itself, outside of our hands.",
    )


def _memberships(source: Source) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(source, "memberships"),
        group_name=source.value,
        deps=[asset_key(source, "source_system")],
        kinds={source.value},
        owners=OWNERS,
        pool=f"{source.value}_api",
        freshness_policy=_FRESH,
        description="Who is in which group, from the source's API and the directory file.",
    )
    def memberships(
        context: dg.AssetExecutionContext, workspace: WorkspaceResource
    ) -> dg.MaterializeResult[None]:
        with shown(context.retry_number):
            parts = workspace.parts
            read_at = utc_now()
            directory = parts.directory
            people = 0
            if directory is not None:
                people = sync_directory(parts.catalog, directory, read_at=read_at)
            connector = parts.connector(source)
            report = sync_memberships(parts.catalog, connector, directory, read_at=read_at)
        return dg.MaterializeResult(metadata=metadata.of_memberships(report, people))

    return memberships


def _permissions(source: Source) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(source, "permissions"),
        group_name=source.value,
        partitions_def=containers_of(source),
        deps=[asset_key(source, "source_system")],
        kinds={source.value},
        owners=OWNERS,
        pool=f"{source.value}_api",
        freshness_policy=_FRESH,
        description="Who may read what, read on its own: re-sharing often changes nothing else.",
    )
    def permissions(
        context: dg.AssetExecutionContext, workspace: WorkspaceResource
    ) -> dg.MaterializeResult[None]:
        with shown(context.retry_number):
            parts = workspace.parts
            container = container_of(parts, source, context.partition_key)
            report = sync_permissions(parts.catalog, parts.connector(source), container)
        return dg.MaterializeResult(metadata=metadata.of_permissions(report))

    return permissions


def _documents(source: Source) -> dg.AssetsDefinition:
    key = asset_key(source, "documents")

    @dg.asset(
        key=key,
        group_name=source.value,
        partitions_def=containers_of(source),
        deps=[asset_key(source, "source_system")],
        kinds={source.value},
        owners=OWNERS,
        pool=f"{source.value}_api",
        freshness_policy=_FRESH,
        check_specs=[
            dg.AssetCheckSpec(ACCESS_KNOWN, asset=key, blocking=True),
            dg.AssetCheckSpec(PARTS_READ, asset=key),
        ],
        description="Bodies and access of a container's documents, in the catalog.",
    )
    def documents(
        context: dg.AssetExecutionContext, workspace: WorkspaceResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        with shown(context.retry_number):
            parts = workspace.parts
            container = container_of(parts, source, context.partition_key)
            report = sync_documents(
                parts.catalog,
                parts.content,
                parts.connector(source),
                container,
                guard=parts.settings.guard,
            )
            checks = [
                access_known(parts.catalog, container, key),
                every_part_read(report.refused, key),
            ]
            found = metadata.of_documents(report) | _failures(parts, container)
        yield dg.MaterializeResult(metadata=found, check_results=checks)

    return documents


def _reconciled(source: Source) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(source, "reconciled"),
        group_name=source.value,
        partitions_def=containers_of(source),
        deps=[asset_key(source, "documents")],
        kinds={source.value},
        owners=OWNERS,
        pool=f"{source.value}_api",
        description="A container's documents against the source's whole listing: what a change"
        " log left out goes, or is read at the next sync.",
    )
    def reconciled(
        context: dg.AssetExecutionContext, workspace: WorkspaceResource
    ) -> dg.MaterializeResult[None]:
        with shown(context.retry_number):
            parts = workspace.parts
            container = container_of(parts, source, context.partition_key)
            connector = parts.connector(source)
            found = reconcile(parts.catalog, connector, container, parts.settings.guard)
            if found.refused is not None:
                raise found.refused
        return dg.MaterializeResult(metadata=metadata.of_reconciliation(found))

    return reconciled


def _chunks(source: Source) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(source, "chunks"),
        group_name=source.value,
        partitions_def=containers_of(source),
        deps=[asset_key(source, "documents")],
        kinds={"python"},
        owners=OWNERS,
        description="Passages within a token budget; bodies that can't be parsed are quarantined.",
    )
    def chunks(
        context: dg.AssetExecutionContext, workspace: WorkspaceResource
    ) -> dg.MaterializeResult[None]:
        with shown(context.retry_number):
            parts = workspace.parts
            container = container_of(parts, source, context.partition_key)
            report = sync_chunks(parts.catalog, parts.content, parts.chunker, container)
            found = metadata.of_chunks(report) | _failures(parts, container)
        return dg.MaterializeResult(metadata=found)

    return chunks


def _index(source: Source) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(source, "index"),
        group_name=source.value,
        partitions_def=containers_of(source),
        deps=[asset_key(source, "chunks")],
        kinds={"weaviate"},
        owners=OWNERS,
        pool="index",
        freshness_policy=_FRESH,
        description="Vectors and words of a container's passages, in the search index.",
    )
    def index(
        context: dg.AssetExecutionContext, workspace: WorkspaceResource
    ) -> dg.MaterializeResult[None]:
        with shown(context.retry_number):
            parts = workspace.parts
            container = container_of(parts, source, context.partition_key)
            report = parts.indexer.run(container)
            found = metadata.of_index(report) | _failures(parts, container)
        return dg.MaterializeResult(metadata=found)

    return index


def _failures(workspace: Workspace, container: Container) -> metadata.Metadata:
    with workspace.catalog.reading() as connection:
        return metadata.of_failures(failures.load(connection, container.source, container.id))
