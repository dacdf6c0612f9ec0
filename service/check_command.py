"""``bailiwick check``: whether a source's credentials work, and what they let us see."""

from __future__ import annotations

import click

from access import Source
from connectors import registry
from service.render import echo, echo_json
from workspace.terminal import line
from workspace.workspace import Workspace

_DIRECTORY = "directory"


@click.command()
@click.argument(
    "source",
    type=click.Choice([*(each.value for each in registry.available_sources()), _DIRECTORY]),
)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def check(source: str, as_json: bool) -> None:
    """Try the credentials of SOURCE: list the containers that would be synced.

    Or read the directory file: what is wrong in it is told in full here, and nowhere else.
    """
    if source == _DIRECTORY:
        _check_directory(as_json)
        return
    found = list(registry.open_connector(Source(source)).containers())
    if as_json:
        echo_json(found)
    elif not found:
        echo(f"{source}: the credentials work, and show no container")
    else:
        echo("\n".join(f"{line(each.id)}  {line(each.name)}" for each in found))


def _check_directory(as_json: bool) -> None:
    with Workspace() as workspace:
        found = workspace.directory
    counts = {
        "people": 0 if found is None else len(found.people),
        "groups": 0 if found is None else len(found.groups),
    }
    if as_json:
        echo_json(counts)
    elif found is None:
        echo("there is no directory file, and the settings name none")
    else:
        echo(f"the directory file is sound: {counts['people']} people, {counts['groups']} groups")
