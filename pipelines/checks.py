"""Checks: that no access is unknown unnoticed, and no container forgotten."""

import dagster as dg

from access import AccessControl, Source, utc_now
from catalog import clauses, containers, inventory
from catalog.database import Catalog
from catalog.staleness import belonging, freshness
from connectors.interface import ConnectorError
from corpus import Container
from pipelines.failures import shown
from pipelines.keys import asset_key
from pipelines.resources import WorkspaceResource
from sync.repair import compare

ACCESS_KNOWN = "access_known"
"""Blocks what comes after `documents` when documents lack a known access uncounted."""
PARTS_READ = "every_part_read"
"""Blocks nothing: what was read goes on to the index. It fails until the part answers."""
STALE_CONTAINERS = "stale_containers"
INDEX_AGREES = "agrees_with_catalog"


def access_known(catalog: Catalog, container: Container, key: dg.AssetKey) -> dg.AssetCheckResult:
    """Whether every document without a known access control is in the count of such documents.

    The count comes from SQL; it is compared with what the clauses say when each document's
    access control is put together and asked. A difference means that one of the two is wrong
    about who may read, so nothing goes on to the index.
    """
    with catalog.reading() as connection:
        number = containers.number(connection, container.source, container.id)
        counted = inventory.tally(connection, number).unknown
        found = 0
        for scope, count in inventory.by_scope(connection, number).items():
            guarded = scope is not None and AccessControl(
                frozenset(clauses.of_scope(connection, scope))
            )
            if not (guarded and guarded.known):
                found += count
    return dg.AssetCheckResult(
        passed=found == counted,
        check_name=ACCESS_KNOWN,
        asset_key=key,
        metadata={"unknown": found, "counted": counted},
        description=f"{found} documents have no known access and are hidden from everyone"
        if found
        else "the access of every document is known",
    )


def every_part_read(refused: ConnectorError | None, key: dg.AssetKey) -> dg.AssetCheckResult:
    """Whether each part of a container (a library, a list) could be read and compared."""
    return dg.AssetCheckResult(
        passed=refused is None,
        check_name=PARTS_READ,
        asset_key=key,
        description="every part was read" if refused is None else str(refused),
    )


def stale_containers(source: Source) -> dg.AssetChecksDefinition:
    """A check over all containers of a source: Dagster's own freshness sees only the newest.

    Groups and accounts count too: while theirs are too old, what they may read is hidden alike.
    """

    @dg.asset_check(
        asset=asset_key(source, "documents"),
        name=STALE_CONTAINERS,
        description="Containers, groups and accounts whose permissions are hidden for their age.",
    )
    def check(workspace: WorkspaceResource) -> dg.AssetCheckResult:
        now, policy = utc_now(), workspace.parts.policy
        with shown(), workspace.parts.catalog.reading() as connection:
            states = [e for e in freshness(connection, policy, now) if e.source is source]
            belong = [e for e in belonging(connection, policy, now) if e.source is source]
        stale = [each for each in states if each.stale or each.synced_at is None]
        hidden = sum(each.hidden for each in belong)
        return dg.AssetCheckResult(
            passed=not stale and not hidden,
            metadata={
                "containers": len(states),
                "stale": dg.MetadataValue.json([each.container for each in stale[:50]]),
                "stale_groups_and_accounts": hidden,
            },
        )

    return check


def index_agrees(source: Source) -> dg.AssetChecksDefinition:
    """A check that the index holds what the catalog says, for the containers of a source."""

    @dg.asset_check(
        asset=asset_key(source, "index"),
        name=INDEX_AGREES,
        description="Counts, ids and scopes; `bailiwick index reconcile --repair` mends.",
    )
    def check(workspace: WorkspaceResource) -> dg.AssetCheckResult:
        with shown():
            parts = workspace.parts
            with parts.catalog.reading() as connection:
                ours = {
                    containers.number(connection, source, each.id): each.id
                    for each in containers.load(connection, source)
                }
            found = compare(parts.catalog, parts.index, parts.chunker.version).containers
        wrong = {ours[row]: tally.differences for row, tally in found.items() if row in ours}
        differing = {name: count for name, count in wrong.items() if count}
        return dg.AssetCheckResult(
            passed=not differing,
            metadata={
                "containers": len(wrong),
                "differences": dg.MetadataValue.json(dict(list(differing.items())[:50])),
            },
        )

    return check
