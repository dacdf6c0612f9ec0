"""``bailiwick check``: whether a source's credentials work, and what they let us see."""

from __future__ import annotations

from collections.abc import Sequence

import click

from access import Source
from connectors import registry
from connectors.capability import Capability, Outcome
from connectors.interface import ConnectorError
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
@click.pass_context
def check(context: click.Context, source: str, as_json: bool) -> None:
    """Try the credentials of SOURCE: all that a sync needs to do, and what would be synced.

    What fails is told with what it is needed for and what to grant, and the exit code is 1.

    Or read the directory file: what is wrong in it is told in full here, and nowhere else.
    """
    if source == _DIRECTORY:
        _check_directory(as_json)
        return
    with Workspace() as workspace:
        connector = workspace.connector(Source(source), looking=True)
        tried = list(connector.capabilities())
        broken = any(each.outcome is Outcome.FAILS for each in tried)
        try:
            found = list(connector.containers())
        except ConnectorError:
            if not broken:
                raise
            found = []  # what listing them takes is told already
    if as_json:
        echo_json({"capabilities": tried, "containers": found})
    else:
        _say(source, tried)
        if not broken and not found:
            echo(f"{source}: the credentials work, and show no container")
        for each in found:
            echo(f"{line(each.id)}  {line(each.name)}")
    if broken:
        context.exit(1)


def _say(source: str, tried: Sequence[Capability]) -> None:
    for each in tried:
        if each.outcome is Outcome.FAILS:
            echo(f"FAILS    {each.name}: {line(each.reason)}")
            echo(f"         needed for {each.needed_for}")
            if each.remedy:
                echo(f"         {line(each.remedy)}")
        elif each.outcome is Outcome.UNTRIED:
            echo(f"untried  {each.name}: {line(each.reason)}")
        else:
            echo(f"works    {each.name}")
    if any(each.outcome is Outcome.FAILS for each in tried):
        echo(f"docs/sources/{source}.md tells what to grant")
    echo("")


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
        counted = f"{counts['people']} people, {counts['groups']} groups"
        echo(f"the directory file is sound: {counted} in {workspace.settings.directory.absolute()}")
