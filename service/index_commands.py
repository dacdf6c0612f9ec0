"""``bailiwick index``: versions of the search index, and its agreement with the catalog."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

import click

from catalog import containers
from index.reconcile import Differences
from service.render import echo, echo_json, table
from sync.chunks import sync_chunks
from sync.repair import compare, repair
from workspace.workspace import Workspace

_JSON = click.option("--json", "as_json", is_flag=True, help="For a program.")


@click.group()
def index() -> None:
    """Versions of the search index.

    A version is a chunker, an analyser and an embedding model. A change of one of them is
    filled beside the version in service, compared with the catalog, and switched to at once.
    """


@index.command()
def init() -> None:
    """Make the writer and reader roles of a Weaviate server (needs a key that may)."""
    with Workspace() as workspace:
        settings = workspace.index_settings
        if settings.backend != "weaviate":
            echo("the embedded index needs no roles")
            return
        from index.weaviate.roles import create_roles

        roles = create_roles(settings)
    echo(f"writer role: {roles.writer}\nreader role: {roles.reader}")


@index.command()
@_JSON
def status(as_json: bool) -> None:
    """Every version: its chunks, which is in service, which the settings make."""
    with _holding() as workspace:
        wanted = workspace.index_version
        found = workspace.versions.all()
    if as_json:
        echo_json({"settings_make": wanted, "versions": found})
        return
    rows = [
        (
            each.name,
            each.chunks,
            each.dimensions,
            "in service" if each.serving else "",
            "these settings" if each.name == wanted else "",
        )
        for each in found
    ]
    echo(table(("version", "chunks", "dimensions", "", ""), rows))
    if wanted not in {each.name for each in found}:
        echo(f"{wanted}: these settings make it, and it is not built yet")


@index.command()
@_JSON
def rebuild(as_json: bool) -> None:
    """Fill the version that the settings make, without asking a source or embedding anew."""
    with Workspace().established() as workspace:
        chunks, embedded = _mended(workspace, _compared(workspace))
        version = workspace.index.version
        differences = _compared(workspace)
    if as_json:
        echo_json({"version": version, "chunks": chunks, "embedded": embedded})
    else:
        echo(f"{version}: {chunks} chunks written, {embedded} texts embedded")
        echo(_told(differences))


@index.command()
def switch() -> None:
    """Send searches to the version that the settings make, if it agrees with the catalog."""
    with Workspace().established() as workspace:
        differences = _looked(workspace)
        if differences:
            raise click.ClickException(
                f"not switched: {_told(differences)}; run `bailiwick index rebuild`"
            )
        workspace.versions.switch(workspace.index_version)
        echo(f"{workspace.index_version} is in service")


@index.command()
@click.argument("version")
def drop(version: str) -> None:
    """Delete a VERSION for good; never the one in service."""
    with _holding() as workspace:
        workspace.versions.drop(version)
    echo(f"{version} is dropped")


@index.command()
@click.option("--repair", "mend", is_flag=True, help="Mend what differs.")
@_JSON
def reconcile(mend: bool, as_json: bool) -> None:
    """Compare the index with the catalog."""
    with Workspace().established() as workspace:
        if not mend:
            differences = _looked(workspace)
        elif differences := _compared(workspace):
            _mended(workspace, differences)
    if as_json:
        echo_json(asdict(differences))
    else:
        echo(_told(differences) + ("; mended" if mend and differences else ""))


def _looked(workspace: Workspace) -> Differences:
    """What differs in the version that the settings make; it is not made, nor put in service.

    Raises:
        click.ClickException: that version is not built yet.
    """
    wanted = workspace.index_version
    if not workspace.index_is_built:
        raise click.ClickException(
            f"the index version {wanted}, which these settings make, is not built yet; a sync"
            " builds it, and so does `bailiwick index rebuild`"
        )
    with closing(workspace.versions.open(wanted, workspace.embedder.dimensions)) as index:
        return compare(workspace.catalog, index, workspace.chunker.version)


def _compared(workspace: Workspace) -> Differences:
    return compare(workspace.catalog, workspace.index, workspace.chunker.version)


def _mended(workspace: Workspace, differences: Differences) -> tuple[int, int]:
    """Mend what differs, and all else that is due; as `_fill`."""
    repair(workspace.catalog, workspace.index, workspace.indexer.stage, differences)
    return _fill(workspace)


def _holding() -> Workspace:
    """The workspace for whoever asks the index alone: a server has one without a catalog here."""
    workspace = Workspace()
    if workspace.index_settings.backend == "embedded":
        workspace.established()
    return workspace


def _fill(workspace: Workspace) -> tuple[int, int]:
    """Chunk and index what is due everywhere; gives chunks written and texts embedded."""
    with workspace.catalog.reading() as connection:
        every = containers.load(connection)
    chunks = embedded = 0
    for each in every:
        sync_chunks(workspace.catalog, workspace.content, workspace.chunker, each)
        report = workspace.indexer.run(each)
        chunks += report.chunks
        embedded += report.embedded
    return chunks, embedded


def _told(differences: Differences) -> str:
    if not differences:
        return "the index agrees with the catalog"
    return (
        f"{len(differences.missing)} documents are missing, {len(differences.altered)} altered, "
        f"{len(differences.misplaced)} under another scope, {len(differences.surplus)} surplus"
    )
