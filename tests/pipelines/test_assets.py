"""Assets in real Dagster runs: what they do, what they show, and what they never show."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text

from access import Source
from catalog import people
from catalog.database import Catalog
from connectors.directory import directory_of
from pipelines.assets import source_assets
from pipelines.checks import stale_containers
from pipelines.failures import shown
from pipelines.resources import WorkspaceResource
from sync.directory import sync_directory
from tests.pipelines import events
from tests.sync.scripted import PDF, POISON, SOURCE, ScriptedConnector, Text, group, user
from workspace.workspace import Workspace

DRIVE = Source.GOOGLE_DRIVE
RESOURCES = {"workspace": WorkspaceResource()}
BUILT = {source: source_assets(source) for source in (DRIVE, Source.GITHUB)}


def materialize(instance, *names, partition="main", source=DRIVE) -> dg.ExecuteInProcessResult:
    keys = [dg.AssetKey([source.value, name]) for name in names]
    return dg.materialize(
        BUILT[source],
        selection=dg.AssetSelection.assets(*keys),
        partition_key=partition,
        instance=instance,
        resources=RESOURCES,
        raise_on_error=False,
    )


def shown_of(result: dg.ExecuteInProcessResult, name: str) -> dict[str, object]:
    key = dg.AssetKey([DRIVE.value, name])
    (found,) = (
        each.materialization.metadata
        for each in result.get_asset_materialization_events()
        for each in [each.step_materialization_data]
        if each.materialization.asset_key == key
    )
    return {
        name: value.records if isinstance(value, dg.TableMetadataValue) else value.value
        for name, value in found.items()
    }


def checks(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {each.check_name: each for each in result.get_asset_check_evaluations()}


def failure(result: dg.ExecuteInProcessResult) -> str:
    assert not result.success
    (event,) = (each for each in result.all_events if each.is_step_failure)
    told = event.step_failure_data.user_failure_data
    return told.description if told else event.step_failure_data.error.to_string()


def test_a_run_shows_its_counts(script, instance, partitions):
    script.put("bad", Text("Secret poison", POISON, PDF))
    script.put("big", Text("Secret size", None))
    script.put("off", Text("Secret failure", b"x", readable=False))
    result = materialize(instance, "documents", "chunks", "index")
    assert result.success
    documents = shown_of(result, "documents")
    assert documents["documents"] == documents["dagster/partition_row_count"] == 6
    assert (documents["skipped"], documents["failed"]) == (1, 1)
    assert documents["skipped_by_reason"] == {"too large": 1}
    assert documents["unknown_access"] == 0
    (row,) = documents["failures"]
    assert row.data["failure"] == 1
    assert row.data["document"] is None, "it was never stored"
    chunks = shown_of(result, "chunks")
    assert (chunks["documents"], chunks["chunks"], chunks["failed"]) == (6, 6, 1)
    (bad,) = chunks["quarantined"]
    assert isinstance(bad, int)
    assert {each.data["document"] for each in chunks["failures"]} == {bad, None}
    index = shown_of(result, "index")
    assert (index["documents"], index["chunks"], index["embedded"], index["failed"]) == (6, 6, 6, 0)
    for each in (documents, chunks, index):
        assert each["seconds"] >= 0
        assert {"documents", "failed", "skipped", "seconds"} <= each.keys()


def test_groups_and_permissions_show_their_counts(script, instance, partitions):
    result = materialize(instance, "documents", "permissions")
    assert shown_of(result, "permissions")["documents"] == 4
    key = dg.AssetKey([DRIVE.value, "memberships"])
    result = dg.materialize(
        BUILT[DRIVE],
        selection=dg.AssetSelection.assets(key),
        instance=instance,
        resources=RESOURCES,
    )
    shown = shown_of(result, "memberships")
    assert (shown["people"], shown["groups"], shown["members"]) == (0, 0, 0)


def test_a_second_run_embeds_nothing(script, instance, partitions):
    materialize(instance, "documents", "chunks", "index")
    result = materialize(instance, "documents", "chunks", "index")
    assert shown_of(result, "documents")["upserted"] == 0
    assert shown_of(result, "chunks")["documents"] == 0
    index = shown_of(result, "index")
    assert (index["documents"], index["embedded"]) == (0, 0)
    assert index["dagster/partition_row_count"] == 4


def test_no_run_tells_what_documents_say(script, instance, partitions):
    script.put("bad", Text("Secret poison", POISON, PDF))
    script.put("off", Text("Secret failure", b"Secret x", readable=False))
    materialize(instance, "documents", "chunks", "index", "permissions")
    said = events.of_instance(instance)
    assert "partition_row_count" in said
    assert "Secret" not in said
    assert "@example.com" not in said
    assert "The main drive" not in said


def catalog(tmp_path) -> Catalog:
    return Catalog.at(tmp_path / "home")


def test_a_database_error_does_not_show_the_row(script, instance, partitions, tmp_path):
    with catalog(tmp_path) as opened, opened.writing() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON document"
                " BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        )
    result = materialize(instance, "documents")
    assert failure(result) == (
        "the catalog's database failed: IntegrityError (SQLITE_CONSTRAINT_TRIGGER)"
    )
    assert "Secret" not in events.of_instance(instance)


def test_unknown_access_that_nobody_counted_stops_the_run(script, instance, partitions, tmp_path):
    """A scope that lost its clauses guards nothing that SQL could count as unknown."""
    assert materialize(instance, "documents", "chunks", "index").success
    with catalog(tmp_path) as opened, opened.writing() as connection:
        connection.execute(text("DELETE FROM scope_clause"))
    script.edit("d0", body=b"Secret and new.")
    result = materialize(instance, "documents", "chunks", "index")
    assert not result.success
    check = checks(result)["access_known"]
    assert not check.passed
    assert {name: value.value for name, value in check.metadata.items()} == {
        "unknown": 4,
        "counted": 0,
    }
    started = {each.step_key for each in result.all_events if each.is_step_start}
    assert started == {f"{DRIVE}__documents"}


def test_unknown_access_that_was_counted_does_not(script, instance, partitions):
    script.put("odd", Text("Odd", b"odd", shared=("file/odd",)))
    result = materialize(instance, "documents", "chunks", "index")
    assert result.success
    assert checks(result)["access_known"].passed
    assert shown_of(result, "documents")["unknown_access"] == 1


def test_a_partition_without_a_container_is_said_to_be_one(script, instance):
    instance.add_dynamic_partitions(f"{SOURCE}_containers", ["ghost"])
    result = materialize(instance, "documents", partition="ghost")
    assert failure(result).startswith("Google Drive shows no container 'ghost'")


def test_a_source_that_is_not_configured(script, instance):
    instance.add_dynamic_partitions("github_containers", ["1"])
    result = materialize(instance, "documents", partition="1", source=Source.GITHUB)
    assert failure(result) == "github: not configured. Set it up."


def test_a_broken_directory_file_is_named(script, instance, partitions, tmp_path, clean):
    path = tmp_path / "people.yaml"
    path.write_text("people: 7")
    clean.setenv("BAILIWICK_DIRECTORY", str(path))
    key = dg.AssetKey([DRIVE.value, "memberships"])
    result = dg.materialize(
        BUILT[DRIVE],
        selection=dg.AssetSelection.assets(key),
        instance=instance,
        resources=RESOURCES,
        raise_on_error=False,
    )
    assert "people.yaml" in failure(result)


def test_a_directory_file_that_another_run_read_since_changes_nothing(script, instance, clean):
    """The runs of all sources read it in the same minute, and may wait for each other."""
    older, newer = (
        directory_of(Path("directory.yaml"), f"people: [{each}]")
        for each in (
            "{subject: leaver, name: L}, {subject: stays, name: S}",
            "{subject: stays, name: S}",
        )
    )

    def slow(workspace: Workspace):
        sync_directory(workspace.catalog, newer)
        return older

    clean.setattr(Workspace, "directory", property(slow))
    assert materialize(instance, "memberships", partition=None).success
    with Workspace() as workspace, workspace.catalog.reading() as connection:
        assert [each.person.subject for each in people.load(connection)] == ["stays"]


@pytest.mark.parametrize("source", [Source.GOOGLE_DRIVE, Source.GITHUB])
def test_a_wrong_token_is_one_line_and_no_retry(company, instance, clean, source):
    for name, value in company.settings.items():
        if not name.startswith(("BAILIWICK_HOME", "DAGSTER")):
            clean.setenv(name, value)
    clean.setenv("GOOGLE_DRIVE_ACCESS_TOKEN", "wrong-9f3")
    clean.setenv("GITHUB_TOKEN", "wrong-9f3")
    instance.add_dynamic_partitions(f"{source}_containers", ["any"])
    result = materialize(instance, "documents", partition="any", source=source)
    said = failure(result)
    assert "\n" not in said
    assert said.startswith(f"{source}: HTTP 401: ")
    assert "TOKEN" in said, "the remedy names the variable"
    (event,) = (each for each in result.all_events if each.is_step_failure)
    told = event.step_failure_data.user_failure_data
    assert told.metadata["source"].value == source.value
    assert told.metadata["status"].value == 401
    assert not any(each.is_step_up_for_retry for each in result.all_events)
    assert "wrong-9f3" not in events.of_instance(instance)


def test_a_source_that_is_down_is_asked_again(clean):
    from connectors.interface import SourceUnavailable

    with pytest.raises(dg.RetryRequested) as raised, shown():
        raise SourceUnavailable(DRIVE, "gone away", "Wait.", 503)
    assert raised.value.max_retries == 3


def test_a_source_that_stays_down_fails_with_its_one_line(script, instance, partitions, clean):
    from connectors.interface import SourceUnavailable

    clean.setattr("pipelines.failures._WAIT", 0.0)

    def down(call: str) -> None:
        if call == "changes":
            try:
                raise OSError("https://drive.test/Secret path")
            except OSError as error:
                raise SourceUnavailable(DRIVE, "a server error", "Sync later.", 503) from error

    script.before = down
    result = materialize(instance, "documents")
    assert failure(result) == "google_drive: HTTP 503: a server error. Sync later."
    assert script.calls["changes"] == 4
    assert sum(each.is_step_up_for_retry for each in result.all_events) == 3
    (event,) = (each for each in result.all_events if each.is_step_failure)
    told = event.step_failure_data.user_failure_data.metadata
    assert (told["status"].value, told["remedy"].value) == (503, "Sync later.")
    said = events.of_instance(instance)
    assert "a server error" in said
    assert "Secret path" not in said


def test_a_part_that_refuses_keeps_no_edit_elsewhere_from_the_index(
    script, instance, partitions, clean
):
    from connectors.interface import PartUnavailable

    told = ScriptedConnector.changes

    def then_refuses(self, container, since, known):
        yield from told(self, container, since, known)
        raise PartUnavailable(DRIVE, "a list can't be read", "Give access.", 403)

    clean.setattr(ScriptedConnector, "changes", then_refuses)
    result = materialize(instance, "documents", "chunks", "index")
    assert result.success
    check = checks(result)["every_part_read"]
    assert not check.passed
    assert check.description == "google_drive: HTTP 403: a list can't be read. Give access."
    assert shown_of(result, "index")["documents"] == shown_of(result, "documents")["documents"] > 0
    clean.setattr(ScriptedConnector, "changes", told)
    assert checks(materialize(instance, "documents"))["every_part_read"].passed


def test_a_sweep_that_a_part_refused_is_not_tried_again_at_once(
    script, instance, partitions, clean
):
    from connectors.interface import PartUnavailable

    def refuses(self, container, since):
        yield from ()
        raise PartUnavailable(DRIVE, "a list can't be read", "Give access.", 403)

    clean.setattr(ScriptedConnector, "permissions", refuses)
    result = materialize(instance, "permissions")
    assert failure(result) == "google_drive: HTTP 403: a list can't be read. Give access."
    assert not any(each.is_step_up_for_retry for each in result.all_events)


def test_a_comparison_that_a_part_refused_fails_with_its_status(
    script, instance, partitions, clean
):
    from connectors.interface import ListingPage, SourceUnavailable

    assert materialize(instance, "documents").success
    refused = SourceUnavailable(DRIVE, "a part can't be listed", "Wait.", 403)
    last = ListingPage({}, False, parts=frozenset({"list"}), refused=refused)
    clean.setattr("pipelines.failures._WAIT", 0.0)
    clean.setattr(ScriptedConnector, "listing", lambda *asked: iter([last]))
    result = materialize(instance, "reconciled")
    assert failure(result) == "google_drive: HTTP 403: a part can't be listed. Wait."


def test_stale_containers(script, instance, partitions, tmp_path):
    check = stale_containers(DRIVE)

    def evaluate() -> dg.AssetCheckResult:
        result = dg.materialize(
            [*BUILT[DRIVE], check],
            selection=dg.AssetSelection.checks(check.check_key),
            instance=instance,
            resources=RESOURCES,
        )
        (found,) = result.get_asset_check_evaluations()
        return found

    materialize(instance, "documents")
    assert evaluate().passed
    with catalog(tmp_path) as opened, opened.writing() as connection:
        connection.execute(text("UPDATE clause SET synced_at = synced_at - 90000000000"))
    found = evaluate()
    assert not found.passed
    assert found.metadata["stale"].value == ["main"]
    materialize(instance, "permissions")
    assert evaluate().passed


def test_stale_groups_fail_the_same_check(script, instance, partitions, tmp_path):
    check = stale_containers(DRIVE)
    script.groups = {group("g"): frozenset({user("bob")})}
    materialize(instance, "documents")
    materialize(instance, "memberships", partition=None)

    def evaluate() -> dg.AssetCheckResult:
        selection = dg.AssetSelection.checks(check.check_key)
        result = dg.materialize(
            [*BUILT[DRIVE], check], selection=selection, instance=instance, resources=RESOURCES
        )
        (found,) = result.get_asset_check_evaluations()
        return found

    assert evaluate().passed
    with catalog(tmp_path) as opened, opened.writing() as connection:
        connection.execute(text("UPDATE group_feed SET synced_at = synced_at - 90000000000"))
    found = evaluate()
    assert not found.passed
    assert found.metadata["stale"].value == []
    assert found.metadata["stale_groups_and_accounts"].value == 1
    materialize(instance, "memberships", partition=None)
    assert evaluate().passed
