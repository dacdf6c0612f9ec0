"""``bailiwick purge``: the text of documents that were removed long enough ago."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import click

from access import utc_now
from catalog import orphans
from service.render import echo, echo_json
from sync.retention import purge as purge_texts
from workspace.workspace import Workspace


@click.command()
@click.option("--days", type=click.FloatRange(min=0), help="Instead of the retention period set.")
@click.option("--keep-vectors", is_flag=True, help="Keep the vectors of what is purged.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def purge(days: float | None, keep_vectors: bool, as_json: bool) -> None:
    """Purge texts of documents removed longer ago than the retention period.

    Such documents vanished from answers when they were removed. Now their bodies, chunks and
    vectors go for good, and with them the access rules that nothing refers to any more. Run it
    from a timer, once a day.
    """
    with Workspace().established() as workspace:
        kept = workspace.settings.text_retention_days if days is None else days
        purged = purge_texts(
            workspace.catalog, workspace.content, timedelta(days=kept), vectors=not keep_vectors
        )
        with workspace.catalog.writing() as connection:
            swept = orphans.sweep(connection, workspace.policy, utc_now())
    if as_json:
        echo_json(asdict(purged) | {"swept": asdict(swept)})
        return
    echo(
        f"{purged.documents} documents purged: {purged.bodies} bodies, {purged.chunks} sets of"
        f" chunks, {purged.vectors} vectors"
    )
    echo(
        f"{swept.scopes} scopes, {swept.clauses} clauses, {swept.principals} readers and"
        f" {swept.parts} parts of containers swept"
    )
    if purged.still_indexed:
        echo(
            f"{purged.still_indexed} removed documents are still in an index: sync the `index`"
            " asset of their containers, or drop the index version"
        )
