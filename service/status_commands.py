"""``bailiwick status``: what is synced, how fresh, and what is wrong."""

from __future__ import annotations

import click

from access import utc_now
from catalog import containers, documents, stages
from catalog.staleness import freshness
from connectors import registry
from service.render import echo_json, table
from workspace.workspace import Workspace


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def status(as_json: bool) -> None:
    """Every container: documents, chunks, clauses, unknown access, freshness."""
    with Workspace() as workspace:
        rows = summary(workspace)
        configured = workspace.sources()
    if as_json:
        echo_json(rows)
        return
    heads = ("source", "container", "documents", "chunks", "clauses", "unknown", "synced (UTC)")
    click.echo(table(heads, [tuple(row.values()) for row in rows]))
    for source in registry.available_sources():
        if source not in configured:
            click.echo(f"{source.value}: not configured")


def summary(workspace: Workspace) -> list[dict[str, object]]:
    """One row a container, in order of source and name."""
    with workspace.catalog.reading() as connection:
        states = {
            (each.source, each.container): each
            for each in freshness(connection, workspace.policy, utc_now())
        }
        rows: list[dict[str, object]] = []
        for each in containers.load(connection):
            number = containers.number(connection, each.source, each.id)
            tally = documents.tally(connection, number)
            state = states[each.source, each.id]
            stale = " (stale: hidden)" if state.stale else ""
            synced = f"{state.synced_at:%Y-%m-%d %H:%M}{stale}" if state.synced_at else "never"
            rows.append(
                {
                    "source": each.source.value,
                    "container": each.name,
                    "documents": tally.documents,
                    "chunks": stages.items(connection, number, stages.CHUNKS),
                    "clauses": tally.clauses,
                    "unknown": tally.unknown,
                    "synced": synced,
                }
            )
    return rows
