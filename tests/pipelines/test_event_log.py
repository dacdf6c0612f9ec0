"""Nothing that a company's people wrote, and none of their names, is in what Dagster keeps."""

from __future__ import annotations

import dagster as dg
import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from catalog import database
from catalog.database import Catalog
from catalog.tables import container, document, person
from connectors.interface import PartUnavailable
from index.embedded import EmbeddedIndex
from index.interface import WriteFailure
from pipelines.definitions import defs
from pipelines.materialize import main
from tests.pipelines import events
from tests.sync.scripted import PDF, POISON, SOURCE, ScriptedConnector, Text
from workspace.settings import WorkspaceSettings
from workspace.workspace import Workspace


@pytest.fixture(scope="module")
def said(company) -> str:
    """All of the event log, and what runs printed."""
    assert company.ran.returncode == 0, company.ran.stderr
    return "\n".join(events.of_home(company.home / "dagster"))


@pytest.fixture(scope="module")
def workspace(company):
    with Workspace(WorkspaceSettings(_env_file=None, home=company.home)) as opened:
        yield opened


def test_the_log_is_there(said):
    assert "partition_row_count" in said
    assert "ASSET_MATERIALIZATION" in said


def test_no_titles_and_no_names(said, workspace):
    with workspace.catalog.reading() as connection:
        secrets = {row.title for row in connection.execute(select(document))}
        secrets |= {row.name for row in connection.execute(select(container))}
        for row in connection.execute(select(person)):
            secrets |= {row.name, row.email}
    assert len(secrets) > 30
    assert [each for each in secrets if each in said] == []


def test_no_addresses(said, company):
    for address in company.emulator.people:
        assert address not in said
        assert address.replace("@", "%40") not in said


def test_partitions_are_named_by_ids(workspace):
    with workspace.catalog.reading() as connection:
        for row in connection.execute(select(container)):
            assert "@" not in row.native_id
            assert row.native_id != row.name


def test_no_text(said, workspace):
    with workspace.catalog.reading() as connection:
        found = connection.execute(select(document.c.content_hash)).scalars().all()
    samples = set()
    for digest in filter(None, found):
        words = workspace.content.get(digest).decode(errors="ignore").split()
        for start in range(0, max(len(words) - 4, 0), 5):
            samples.add(" ".join(words[start : start + 4]))
    assert len(samples) > 100
    assert [each for each in samples if each in said] == []


def test_no_token(said, company):
    for token in (company.emulator.token, *company.emulator.people.values()):
        assert token not in said


@pytest.fixture
def run(script, clean, tmp_path, capsys):
    """Syncs everything as a person on the command line does; gives what Dagster kept."""
    clean.delenv("DAGSTER_HOME", raising=False)
    clean.setenv("GOOGLE_DRIVE_ACCESS_TOKEN", "any")  # what it opens is the script
    clean.setattr("sys.argv", ["materialize"])

    def run(code: int) -> str:
        assert main() == code
        return "\n".join(events.of_home(tmp_path / "home" / "dagster"))

    return run


_PEOPLE = """people:
  - subject: ada.secret@example.com
    name: Ada Secret
    accounts: {google_drive: [ada.secret@example.com]}
"""


def directory(tmp_path, clean, text: str) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text)
    clean.setenv("BAILIWICK_DIRECTORY", str(path))


def memberships(tmp_path) -> str:
    """A run as the schedule starts it, which nobody reads the directory before."""
    with dg.DagsterInstance.get() as instance:
        job = defs().resolve_job_def("google_drive_memberships")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        assert not result.success
    return "\n".join(events.of_home(tmp_path / "home" / "dagster"))


def test_a_wrong_directory_file(run, tmp_path, clean, capsys):
    assert "partition_row_count" in run(0)
    directory(tmp_path, clean, _PEOPLE + _PEOPLE.partition("\n")[2])
    said = memberships(tmp_path)
    assert "people.yaml: wrong at line 5" in said
    assert "ada.secret" not in said
    capsys.readouterr()
    assert "ada.secret" not in run(1)
    told = capsys.readouterr().err
    assert "ada.secret@example.com" in told, "the command line tells it in full"


def test_a_full_disk(run, tmp_path, clean):
    run(0)
    people = "\n".join(
        f"  - {{subject: ada.secret{n}@example.com, name: {'Secret' * 200}}}" for n in range(400)
    )
    directory(tmp_path, clean, f"people:\n{people}\n")
    real = database._prepare_sqlite

    def full(connection, record):
        real(connection, record)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")

    clean.setattr(database, "_prepare_sqlite", full)
    said = memberships(tmp_path)
    assert "OperationalError (SQLITE_FULL)" in said
    assert "ecret" not in said


def test_database_errors_hide_what_was_written(tmp_path):
    with Catalog.at(tmp_path) as opened:
        row = {"subject": "ada.secret@example.com", "name": "Ada"}
        with pytest.raises(DBAPIError) as raised, opened.writing() as connection:
            connection.execute(insert(person), row)
    assert "ada.secret" not in str(raised.value)


def test_bodies_that_fail_and_an_index_that_refuses(run, script, clean):
    script.put("1/file/Secret plan.pdf", Text("Secret plan.pdf", POISON, PDF))
    script.put("1/file/Secret page.md", Text("Secret page.md", b"x", readable=False))
    script.put("1/file/Secret big.md", Text("Secret big.md", None))
    clean.setattr(
        EmbeddedIndex,
        "put",
        lambda self, documents: [WriteFailure(each, "refused") for each, _ in documents],
    )
    said = run(0)
    assert "could not be parsed" in said or "is damaged" in said
    assert "refused" in said
    assert "ecret" not in said


def test_an_error_that_nobody_foresaw(run, script):
    def fail(call: str) -> None:
        if call == "read":
            raise ValueError("Secret title")

    script.before = fail
    said = run(1)
    assert "ValueError at " in said
    assert "Secret title" not in said


def test_a_part_that_refuses_is_told_on_the_command_line(run, clean, capsys):
    told = ScriptedConnector.changes

    def then_refuses(self, container, since, known):
        yield from told(self, container, since, known)
        raise PartUnavailable(SOURCE, "a list can't be read", "Give access.", 403)

    clean.setattr(ScriptedConnector, "changes", then_refuses)
    assert "HTTP 403: a list can" in run(1)
    out, err = capsys.readouterr()
    assert "4 texts embedded" in out, "what was read is in the index"
    assert "HTTP 403: a list can't be read. Give access." in err
