"""Every configured source once, through real Dagster runs: ``python -m pipelines.materialize``.

For a first sync, a demonstration, or a machine without the Dagster daemon. Runs and their
events are kept in ``DAGSTER_HOME`` (``dagster`` in the workspace's home when not set), where the
UI shows them like any others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import dagster as dg

from access import Source, utc_now
from catalog.errors import CatalogError
from catalog.staleness import freshness
from connectors.directory import DirectoryError
from connectors.interface import ConnectorError
from connectors.registry import absence, available_sources, settings_of
from corpus import Container
from pipelines.definitions import defs
from pipelines.due import overdue_permissions
from pipelines.home import use_home
from pipelines.jobs import memberships_job, permissions_job, sync_job
from pipelines.partitions import containers_of, discovered
from workspace.errors import WorkspaceError
from workspace.settings import load_settings
from workspace.terminal import plain
from workspace.workspace import Workspace

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""What goes wrong is told here in one line; the whole story is in the run's event log."""


_TOLD = {
    "groups": "groups",
    "upserted": "documents read",
    "unchanged": "unchanged",
    "embedded": "texts embedded",
    "failed": "failed",
}
"""What is said of a run, by the name of its metadata."""


def main() -> int:
    """Run everything; gives the exit code: 0, or 1 if any source or container failed."""
    argparse.ArgumentParser(
        "python -m pipelines.materialize", description=(__doc__ or "").partition(":")[0]
    ).parse_args()
    code = 0
    try:
        use_home(load_settings().home)
    except WorkspaceError as error:
        _complain(str(error))
        return 1
    definitions = defs()
    with dg.DagsterInstance.get() as instance:
        for source in available_sources():
            try:
                for problem in _source(definitions, instance, source):
                    _complain(problem)
                    code = 1
            except DirectoryError as error:
                # It is one file for all of them: the other sources would only say it again.
                _complain(f"the directory file stops every sync:\n{error}")
                return 1
    return code


def _source(
    definitions: dg.Definitions, instance: dg.DagsterInstance, source: Source
) -> Iterator[str]:
    try:
        if not settings_of(source).configured:
            _say(f"{source.label}: {absence(source)}")
            return
        with Workspace() as workspace:
            _ = workspace.directory  # what is wrong there is told in full here, and in no event log
            found = discovered(workspace, source)
            now = utc_now()
            with workspace.catalog.reading() as connection:
                states = freshness(connection, workspace.policy, now)
            unconfirmed = overdue_permissions(states, source, workspace.policy, now)
    except ConnectorError as error:
        yield str(error)
        return
    except (CatalogError, WorkspaceError) as error:
        yield f"{source.value}: failed: {error}"
        return
    name = str(containers_of(source).name)
    instance.add_dynamic_partitions(name, [each.id for each in found])
    yield from _run(definitions, instance, memberships_job(source).name, source, None)
    for container in found:
        yield from _run(definitions, instance, sync_job(source).name, source, container)
        if container.id in unconfirmed:
            yield from _run(definitions, instance, permissions_job(source).name, source, container)


def _run(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    job: str,
    source: Source,
    container: Container | None,
) -> Iterator[str]:
    result = definitions.resolve_job_def(job).execute_in_process(
        instance=instance,
        partition_key=None if container is None else container.id,
        tags={"source": source.value},
        run_config=_QUIET,
        raise_on_error=False,
    )
    told = {
        name: entry.value
        for event in result.get_asset_materialization_events()
        for name, entry in event.materialization.metadata.items()
    }
    name = f"{source.label}: {'memberships' if container is None else container.name}"
    counts = [f"{told[key]} {said}" for key, said in _TOLD.items() if key in told]
    _say(f"{name}: {', '.join([*counts, *([] if result.success else ['the run failed'])])}")
    for check in result.get_asset_check_evaluations():
        if not check.passed:
            yield f"{name}: {check.description}"
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            said = failure.user_failure_data.description if failure.user_failure_data else None
            yield said or f"{source.value}: {event.step_key} failed; see run {result.run_id}"


def _complain(problem: str) -> None:
    print(plain(problem), file=sys.stderr)  # noqa: T201


def _say(line: str) -> None:
    print(plain(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
