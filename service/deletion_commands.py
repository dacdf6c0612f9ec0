"""``bailiwick deletes``: deletions that wait for a person."""

from __future__ import annotations

import click

from access import Source, utc_now
from catalog import deletions
from connectors import registry
from service.render import echo, echo_json, table
from sync import removal
from workspace.workspace import Workspace


@click.group()
def deletes() -> None:
    """Deletions on hold, because a container lost too many documents at once."""


@deletes.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def held(as_json: bool) -> None:
    """List them."""
    with Workspace().established() as workspace, workspace.catalog.reading() as connection:
        found = deletions.held(connection)
    if as_json:
        echo_json(found)
    elif not found:
        echo("no deletion is on hold")
    else:
        rows = [
            (each.source, each.container, each.name, each.documents, each.since) for each in found
        ]
        echo(table(("source", "container", "name", "documents", "since (UTC)"), rows))


@deletes.command()
@click.argument("source", type=click.Choice([each.value for each in registry.available_sources()]))
@click.argument("container")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def accept(source: str, container: str, as_json: bool) -> None:
    """Carry out the held deletions of one CONTAINER (its id, as `held` lists it)."""
    with Workspace().established() as workspace, workspace.catalog.writing() as connection:
        removed = removal.accept(connection, Source(source), container, utc_now())
    if as_json:
        echo_json({"removed": removed})
    else:
        echo(f"{removed} documents removed")
