"""``bailiwick demo`` and ``bailiwick dev``: the whole path on a small workspace."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from catalog import documents, people
from catalog.database import CATALOG_FILE
from retrieval.audience import audience
from service.render import echo, table
from service.search_command import shown
from service.simulated import LOG, simulated
from service.status_commands import summary
from workspace.misspelt import ours
from workspace.workspace import Workspace

HOME = Path(".bailiwick") / "demo"
QUESTIONS = (
    "How do we rotate the keys that sign frames?",
    "Which hotel costs can I claim on a trip?",
    "What are the salary bands for engineers?",
)
_ROOT = Path(__file__).parents[1]
ASKING = ("ada", "ingrid", "petra")
"""An engineer, the chief financial officer, and a guest from another company."""


@click.command()
@click.option("--home", type=click.Path(path_type=Path), default=HOME, show_default=True)
def demo(home: Path) -> None:
    """Sync a small workspace through Dagster, then ask it questions as three people."""
    began = time.monotonic()
    with _prepared(home):
        echo("Syncing Google Drive, SharePoint and GitHub of a small company through Dagster")
        code = subprocess.call([sys.executable, "-m", "pipelines.materialize"])
        if code:
            sys.exit(code)
    with Workspace() as workspace:
        heads = ("source", "container", "documents", "chunks", "clauses", "unknown", "synced (UTC)")
        echo("")
        echo(table(heads, [tuple(row.values()) for row in summary(workspace)]))
        for question in QUESTIONS:
            for who in ASKING:
                echo("")
                _ask(workspace, question, who)
    echo(f"\nDone in {time.monotonic() - began:.0f} s. `make dev` shows the runs.")


@click.command()
@click.option("--home", type=click.Path(path_type=Path), default=HOME, show_default=True)
@click.option("--port", default=3000, show_default=True)
def dev(home: Path, port: int) -> None:
    """The Dagster UI on the demo workspace."""
    with _prepared(home):
        echo(f"The Dagster UI is at http://127.0.0.1:{port} (ctrl-c ends it)")
        dg = str(Path(sys.executable).with_name("dg"))
        command = [dg, "dev", "-w", str(_ROOT / "workspace.yaml"), "--port", str(port)]
        sys.exit(_until_stopped(command))


def _until_stopped(command: list[str]) -> int:
    """Run a command that starts processes of its own, and end them all when told to stop."""
    begun: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        for group in begun:
            os.killpg(group, number)

    # Before the command: a signal that we ignore, as in the background of a script, it would too,
    # and Dagster ends its own processes by SIGINT.
    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    process = subprocess.Popen(command, start_new_session=True)  # noqa: S603
    begun.append(process.pid)
    try:
        return process.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)


@contextmanager
def _prepared(home: Path) -> Iterator[None]:
    """Run the simulator, and be where nothing but the demo's settings is read.

    Of a real installation neither variables nor an `.env` may tell: the first are taken out of
    this process, and the second is read in the folder that a process is in (Dagster's command
    line has it count more than the environment), so that is the demo's home from here on.

    Raises:
        click.ClickException: there is an `.env` in that home too, or a catalog of no demo.
    """
    home = home.resolve()
    if (home / ".env").exists():
        raise click.ClickException(
            f"the demo would use what {home / '.env'} says: name another folder in --home"
        )
    if (home / CATALOG_FILE).exists() and not (home / LOG).exists():
        raise click.ClickException(
            f"{home} has a catalog that no demo made: name another folder in --home"
        )
    for name in [name for name in os.environ if ours(name)]:
        del os.environ[name]
    with simulated(home) as environment:
        dagster_home = home / "dagster"
        dagster_home.mkdir(parents=True, exist_ok=True)
        shutil.copy(_ROOT / "pipelines" / "dagster.yaml", dagster_home)
        os.environ.update(
            environment,
            DAGSTER_HOME=str(dagster_home),
            DAGSTER_DISABLE_TELEMETRY="1",
            PYTHONLOGLEVEL="ERROR",
        )
        os.chdir(home)
        yield


def _ask(workspace: Workspace, question: str, who: str) -> None:
    with workspace.catalog.reading() as connection:
        person = people.find(connection, who)
    echo(f"{person.name} asks: {question}")
    results = workspace.retrieval.search(question, person.person, k=2)
    if not results:
        echo("   nothing found")
    for rank, each in enumerate(results, start=1):
        with workspace.catalog.reading() as connection:
            number = documents.find(connection, each.document).id
        readers = len(audience(workspace.catalog, workspace.policy, number))
        echo(shown(rank, each, readers))
