"""``bailiwick status``: what is synced, how fresh, and what is wrong."""

from __future__ import annotations

from datetime import timedelta

import click

from access import utc_now
from catalog import containers, identities, inventory, stages
from catalog.staleness import Belonging, Freshness, belonging, freshness
from connectors import registry
from connectors.directory import DirectoryError
from service.render import echo, echo_json, table
from workspace.workspace import Workspace


@click.command()
@click.option("--within", default=6.0, show_default=True, help="Hours to look ahead.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def status(within: float, as_json: bool) -> None:
    """Every container: documents, chunks, clauses, unknown access, freshness.

    Beneath them stands what is hidden, or soon will be, because who may read it was confirmed
    too long ago, sources whose groups and accounts are as old, and how many readers named in
    grants are nobody.
    """
    now = utc_now()
    with Workspace() as workspace:
        unreadable = _directory_problem(workspace)
        rows = summary(workspace)
        configured = workspace.sources()
        with workspace.catalog.reading() as connection:
            aging = [
                each
                for each in freshness(connection, workspace.policy, now, timedelta(hours=within))
                if each.hidden or each.soon
            ]
            members = [
                each
                for each in belonging(connection, workspace.policy, now, timedelta(hours=within))
                if each.hidden or each.soon
            ]
            nobody = len(identities.unresolved(connection, workspace.policy, now))
            claimed = len(identities.contested(connection))
    if as_json:
        echo_json(
            {
                "containers": rows,
                "aging": aging,
                "memberships": members,
                "unresolved": nobody,
                "contested": claimed,
                "directory": unreadable,
            }
        )
        return
    heads = ("source", "container", "documents", "chunks", "clauses", "unknown", "synced (UTC)")
    echo(table(heads, [tuple(row.values()) for row in rows]))
    for each in aging:
        echo(_aging(each))
    for source in members:
        echo(_belonging(source))
    if nobody or claimed:
        echo(
            f"readers in grants who are nobody: {nobody}; accounts that several people claim: "
            f"{claimed} (bailiwick unresolved)"
        )
    if unreadable:
        echo(f"the directory file stops every sync: {unreadable}")
    for absent in registry.available_sources():
        if absent not in configured:
            echo(f"{absent.value}: {registry.absence(absent)}")


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
