"""``bailiwick check``: whether a source's credentials work, and what they let us see."""

from __future__ import annotations

import click

from access import Source
from connectors import registry
from service.render import echo_json


@click.command()
@click.argument("source", type=click.Choice([each.value for each in registry.available_sources()]))
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def check(source: str, as_json: bool) -> None:
    """Try the credentials of SOURCE: list the containers that would be synced."""
    found = list(registry.open_connector(Source(source)).containers())
    if as_json:
        echo_json(found)
    elif not found:
        click.echo(f"{source}: the credentials work, and show no container")
    else:
        click.echo("\n".join(f"{each.id}  {each.name}" for each in found))
