"""``bailiwick search``."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import Connection

from catalog import inventory, people
from connectors import registry
from index.interface import Where
from retrieval.search import Result
from service.document_names import address, typed
from service.render import echo, echo_json, paragraph
from workspace.terminal import line
from workspace.workspace import Workspace


@click.command()
@click.argument("query")
@click.option("--as", "who", required=True, metavar="PERSON", help="Subject or e-mail address.")
@click.option("-k", default=5, show_default=True, help="How many passages.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Choice([each.value for each in registry.available_sources()]),
)
@click.option("--kind", "kinds", multiple=True, help="Such as file, issue, pull_request.")
@click.option("--owner", "owners", multiple=True, help="Owner as the source shows it.")
@click.option("--since", type=click.DateTime(), help="Modified at or after this time (UTC).")
@click.option("--until", type=click.DateTime(), help="Modified before this time (UTC).")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def search(
    query: str,
    who: str,
    k: int,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    owners: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Find passages that PERSON may read."""
    where = Where(
        sources=sources,
        kinds=kinds,
        owners=owners,
        modified_from=since and since.replace(tzinfo=UTC),
        modified_until=until and until.replace(tzinfo=UTC),
    )
    with Workspace().established() as workspace:
        with workspace.catalog.reading() as connection:
            person = people.find(connection, who).person
            _refuse_unknown(connection, kinds)
        results = workspace.retrieval.search(query, person, k, where)
    if as_json:
        echo_json(results)
    elif not results:
        echo("nothing found")
    else:
        echo("\n".join(shown(rank, each) for rank, each in enumerate(results, start=1)))


def _refuse_unknown(connection: Connection, kinds: tuple[str, ...]) -> None:
    """Connectors make kinds, so those that documents have are the ones that exist.

    Raises:
        click.BadParameter: no document has one of these kinds.
    """
    if absent := inventory.without_documents(connection, kinds):
        there = ", ".join(inventory.kinds(connection)) or "none, for there is no document"
        raise click.BadParameter(
            f"no document has the kind {', '.join(map(repr, absent))}; there are: {there}",
            param_hint="'--kind'",
        )


def shown(rank: int, result: Result, readers: int | None = None) -> str:
    """A result as lines of text; by the last but one other commands know the document."""
    where = f"{result.source.label} / {result.container}"
    facts = [where, result.kind]
    if result.owners:
        facts.append(", ".join(result.owners))
    if result.modified_at is not None:
        facts.append(f"modified {result.modified_at:%Y-%m-%d}")
    facts.append("matched by " + " and ".join(result.matched))
    if readers is not None:
        facts.append(f"{readers} people may read it")
    return "\n".join(
        (
            f"{rank}. {line(result.title)}",
            paragraph(result.passage, "   "),
            f"   {line(' · '.join(facts))}",
            f"   {typed(result.document)}",
            f"   {address(result.url)}",
        )
    )
