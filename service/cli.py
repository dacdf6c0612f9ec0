"""The command line: ``bailiwick``."""

from __future__ import annotations

import sys

import click

from access import AccessError
from catalog.errors import CatalogError
from connectors.directory import DirectoryError
from connectors.interface import ConnectorError
from embedding.interface import EmbeddingError
from index.interface import SearchIndexError
from retrieval.errors import RetrievalError
from service.access_commands import explain, what_can_read, who_can_read
from service.catalog_commands import catalog
from service.check_command import check
from service.deletion_commands import deletes
from service.demo import demo, dev
from service.difference import NotAnEarlierAnswer
from service.failures_command import failures
from service.identity_commands import unresolved
from service.index_commands import index
from service.purge_command import purge
from service.render import echo
from service.search_command import search
from service.status_commands import status
from workspace.errors import WorkspaceError

_SHOWN = (
    AccessError,
    CatalogError,
    ConnectorError,
    DirectoryError,
    EmbeddingError,
    NotAnEarlierAnswer,
    RetrievalError,
    SearchIndexError,
    WorkspaceError,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bailiwick")
def bailiwick() -> None:
    """Search a company's documents as one of its people, and see why they may read what."""


for command in (
    demo,
    dev,
    check,
    search,
    explain,
    who_can_read,
    what_can_read,
    unresolved,
    deletes,
    failures,
    purge,
    status,
    index,
    catalog,
):
    bailiwick.add_command(command)


def main() -> None:
    """Run the command line; errors of the product and of files are one line and exit code 1."""
    try:
        bailiwick()
    except _SHOWN as error:
        echo(f"bailiwick: {error}", err=True)
    except OSError as error:
        if error.filename is None:
            raise
        echo(f"bailiwick: {error.filename} can't be used ({error.strerror})", err=True)
    else:
        return
    sys.exit(1)
