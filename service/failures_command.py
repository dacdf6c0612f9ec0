"""``bailiwick failures``: single documents that could not be finished."""

from __future__ import annotations

import click

from access import Source
from catalog import failures as kept
from connectors import registry
from service.document_names import typed
from service.render import echo, echo_json, table
from workspace.workspace import Workspace


@click.command()
@click.argument(
    "source",
    required=False,
    type=click.Choice([each.value for each in registry.available_sources()]),
)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def failures(source: str | None, as_json: bool) -> None:
    """Documents that could not be read, parsed or indexed, of SOURCE or of all.

    A run's metadata has their numbers alone, since a native id may be a file's path.
    """
    wanted = registry.available_sources() if source is None else (Source(source),)
    with Workspace().established() as workspace, workspace.catalog.reading() as connection:
        found = [each for one in wanted for each in kept.load(connection, one)]
    if as_json:
        echo_json(found)
    elif not found:
        echo("no document has failed")
    else:
        heads = ("failure", "number", "document", "stage", "tries", "last (UTC)", "reason")
        rows = [
            (
                each.id,
                each.row,
                typed(f"{each.source}:{each.document}"),
                each.stage,
                each.attempts,
                each.last_at,
                f"{each.reason}; {each.remedy}",
            )
            for each in found
        ]
        echo(table(heads, rows))
