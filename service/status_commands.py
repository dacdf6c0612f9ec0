"""``bailiwick status``: what is synced, how fresh, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import click

from access import Source, utc_now
from catalog import containers, identities, inventory, stages
from catalog.staleness import Belonging, Freshness, belonging, freshness
from connectors.directory import DirectoryError
from service.render import echo, echo_json, table
from workspace.errors import NothingSynced
from workspace.settings import CENTURY
from workspace.workspace import Workspace

_LONGEST = CENTURY * 24
"""In hours."""


def _ahead(_context: click.Context, _parameter: click.Parameter, hours: float) -> float:
    if not 0 <= hours <= _LONGEST:  # nor is what is no number
        raise click.BadParameter(f"{hours:g} is not between 0 and {_LONGEST} hours")
    return hours


@click.command()
@click.option(
    "--within",
    default=6.0,
    show_default=True,
    callback=_ahead,
    help="Hours to look ahead, at most a century.",
)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def status(within: float, as_json: bool) -> None:
    """Every container: documents, chunks, clauses, unknown access, freshness.

    Beneath them stands what is hidden, or soon will be, because who may read it was confirmed
    too long ago, sources whose groups and accounts are as old, how many readers named in grants
    are nobody, and what is wrong with the settings, as far as that shows without a request.
    """
    with Workspace() as workspace:
        told = _Told(
            directory=_directory_problem(workspace),
            settings=workspace.broken_settings(),
            sources=workspace.sources(),
        )
        try:
            _look(workspace.established(), told, timedelta(hours=within))
        except NothingSynced as error:
            told.nothing_synced = str(error)
    synced = {row["source"] for row in told.containers}
    told.unsynced = [
        each for each, wrong in told.sources.items() if not wrong and each.value not in synced
    ]
    if as_json:
        echo_json(told)
    else:
        _say(told)


@dataclass
class _Told:
    """What there is to tell; by these names a program is told."""

    directory: str | None
    settings: Sequence[str]
    sources: Mapping[Source, str]
    nothing_synced: str | None = None
    containers: Sequence[Mapping[str, object]] = ()
    unsynced: Sequence[Source] = ()
    """Sources with settings and without a container."""
    aging: Sequence[Freshness] = ()
    memberships: Sequence[Belonging] = ()
    unresolved: int = 0
    contested: int = 0


def _look(workspace: Workspace, told: _Told, ahead: timedelta) -> None:
    now = utc_now()
    told.containers = summary(workspace)
    with workspace.catalog.reading() as connection:
        aging = freshness(connection, workspace.policy, now, ahead)
        told.aging = [each for each in aging if each.hidden or each.soon]
        members = belonging(connection, workspace.policy, now, ahead)
        told.memberships = [each for each in members if each.hidden or each.soon]
        told.unresolved = len(identities.unresolved(connection, workspace.policy, now))
        told.contested = len(identities.contested(connection))


def _say(told: _Told) -> None:
    if told.nothing_synced:
        echo(told.nothing_synced)
    else:
        heads = ("source", "container", "documents", "chunks", "clauses", "unknown", "synced (UTC)")
        echo(table(heads, [tuple(row.values()) for row in told.containers]))
    for each in told.aging:
        echo(_aging(each))
    for source in told.memberships:
        echo(_belonging(source))
    if told.unresolved or told.contested:
        echo(
            f"readers in grants who are nobody: {told.unresolved}; accounts that several people "
            f"claim: {told.contested} (bailiwick unresolved)"
        )
    if told.directory:
        echo(f"the directory file stops every sync: {told.directory}")
    for wrong in told.settings:
        echo(f"the settings do not fit: {wrong}")
    for name, standing in told.sources.items():
        if standing:
            echo(f"{name.value}: {standing}")
    for name in told.unsynced:
        echo(
            f"{name.value}: configured, not synced yet; `bailiwick check {name.value}` tries its"
            " credentials, and `python -m pipelines.materialize` is a first sync"
        )


def _directory_problem(workspace: Workspace) -> str | None:
    try:
        _ = workspace.directory
    except DirectoryError as error:
        return str(error)
    return None


def _aging(each: Freshness) -> str:
    name = f"{each.source.label} / {each.name}"
    told = []
    if each.hidden:
        told.append(f"{each.hidden} documents are hidden: who may read them was confirmed too")
        told[-1] += f" long ago (oldest: {each.oldest_permission:%Y-%m-%d %H:%M} UTC)"
    if each.soon:
        told.append(f"{each.soon} documents will be hidden from {each.hides_at:%Y-%m-%d %H:%M} UTC")
    return f"{name}: {'; '.join(told)}; sync its permissions"


def _belonging(each: Belonging) -> str:
    told = []
    if each.hidden:
        told.append(f"{each.hidden} groups and accounts admit nobody: confirmed too long ago")
    if each.soon:
        told.append(f"{each.soon} groups and accounts will soon admit nobody")
    dates = [
        f"{name} {at:%Y-%m-%d %H:%M} UTC"
        for name, at in (("oldest group", each.oldest_group), ("oldest link", each.oldest_link))
        if at is not None
    ]
    said = f"{each.source.label}: {'; '.join(told)} ({', '.join(dates)})"
    return f"{said}; materialise {each.source.value}/memberships"


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
            tally = inventory.tally(connection, number)
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
