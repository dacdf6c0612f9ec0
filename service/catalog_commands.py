"""``bailiwick catalog``: the catalog's database."""

from __future__ import annotations

import click

from catalog.database import Catalog
from catalog.transfer import copy as copy_catalog
from service.render import echo, echo_json, table
from workspace.workspace import Workspace


@click.group()
def catalog() -> None:
    """The database that knows who may read what."""


@catalog.command()
@click.option(
    "--to",
    "url",
    required=True,
    envvar="BAILIWICK_COPY_TO",
    metavar="URL",
    help="Such as postgresql+psycopg2://user:password@host/name. A password is safer in"
    " BAILIWICK_COPY_TO than on the command line.",
)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def copy(url: str, as_json: bool) -> None:
    """Copy the whole catalog to an empty database: from SQLite to PostgreSQL in one step.

    Stop syncs first, then set BAILIWICK_CATALOG_URL to the new database. The content store and
    the index stay as they are. The copy is one transaction: if it fails, ask again.
    """
    with Workspace().established() as workspace, Catalog.open(url) as target:
        counts = copy_catalog(workspace.catalog, target)
    if as_json:
        echo_json(counts)
    else:
        echo(table(("table", "rows"), list(counts.items())))
