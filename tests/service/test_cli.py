"""The command line, as an operator types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from access import Source, utc_now
from catalog.database import Catalog
from catalog.failures import Failure, record
from service.cli import bailiwick
from tests.fixtures.company import Company, without_sources

ROOT = Path(__file__).resolve().parents[2]
WHO = "mia.okafor@acme.com"


def run(
    *arguments: str, environment: dict[str, str], module: str = "service"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**environment, "PYTHONPATH": str(ROOT), "DAGSTER_DISABLE_TELEMETRY": "1"},
        cwd=environment.get("BAILIWICK_HOME"),
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def ask(company: Company, monkeypatch, tmp_path):
    """Calls a command in this process, on the synced company."""
    for name, value in company.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, catch: bool = False) -> str:
        result = CliRunner().invoke(bailiwick, arguments, catch_exceptions=catch)
        assert result.exit_code == 0, result.output
        return result.output

    return call


def test_search_by_a_process(company):
    done = run("search", "ingest lag", "--as", WHO, "-k", "2", environment=company.environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1. ")
    assert "2. " in done.stdout
    assert "http" in done.stdout
    assert "matched by" in done.stdout


def test_search_for_a_program(ask):
    found = json.loads(ask("search", "ingest lag", "--as", WHO, "-k", "3", "--json"))
    assert len(found) == 3
    first = found[0]
    for name in ("evidence", "document", "title", "passage", "url", "synced_at", "matched"):
        assert first[name]


def test_conditions_narrow(ask):
    found = json.loads(
        ask("search", "ingest lag", "--as", WHO, "--source", "github", "--kind", "issue", "--json")
    )
    assert found
    assert {(each["source"], each["kind"]) for each in found} == {("github", "issue")}
    late = ("--since", "2999-01-01")
    assert ask("search", "ingest lag", "--as", WHO, *late) == "nothing found\n"
    early = ("--until", "1999-01-01")
    assert ask("search", "ingest lag", "--as", WHO, *early) == "nothing found\n"


def document_of(ask, who: str = WHO) -> str:
    return json.loads(ask("search", "ingest lag", "--as", who, "-k", "1", "--json"))[0]["document"]


def test_explain_says_which_clause(ask):
    document = document_of(ask)
    said = ask("explain", document, "--as", WHO)
    assert said.splitlines()[0].endswith(f" ({WHO}) can read {document}")
    assert "admits" in said
    told = json.loads(ask("explain", document, "--as", WHO, "--json"))
    assert told["readable"] is True
    assert told["clauses"]


def test_the_commands_agree_with_each_other(ask, company):
    readers = {}
    for person in company.emulator.people:
        for each in json.loads(ask("what-can-read", person, "--json")):
            readers.setdefault(each["document"], set()).add(person)
    assert len(readers) > 10
    for document in sorted(readers)[::5]:
        told = json.loads(ask("who-can-read", document, "--json"))
        assert {each["person"]["subject"] for each in told} == readers[document]
        outsiders = sorted(set(company.emulator.people) - readers[document])
        for person in outsiders[:1]:
            said = ask("explain", document, "--as", person)
            assert f" ({person}) can't read {document}\n" in said


def test_tables_for_people(ask):
    assert ask("what-can-read", WHO).startswith("document")
    for each in json.loads(ask("what-can-read", WHO, "--json")):
        assert each["title"]
    assert ask("who-can-read", document_of(ask)).startswith("person")


def test_status(ask):
    rows = json.loads(ask("status", "--json"))["containers"]
    assert {each["source"] for each in rows} == {"google_drive", "github"}
    assert all(each["documents"] and each["chunks"] and each["clauses"] for each in rows)
    assert sum(each["unknown"] for each in rows) == 0
    said = ask("status")
    assert said.splitlines()[0].split()[:2] == ["source", "container"]
    assert [line for line in said.splitlines() if "not configured" in line] == [
        "sharepoint: not configured"
    ]


def test_deletions(ask):
    assert ask("deletes", "held") == "no deletion is on hold\n"
    assert json.loads(ask("deletes", "held", "--json")) == []
    rows = json.loads(ask("status", "--json"))["containers"]
    assert rows


def test_check_lists_what_the_credentials_show(ask, company):
    done = run("check", "github", environment=company.environment)
    tried, _, listed = done.stdout.partition("\n\n")
    assert "works    list an organisation's repositories" in tried
    # The emulator has no list of an organisation's members.
    assert "FAILS    list an organisation's members: HTTP 404" in tried
    assert done.returncode == 1
    assert len(listed.splitlines()) == 2
    assert all("acme/" in each for each in listed.splitlines())
    found = json.loads(ask("check", "google_drive", "--json"))
    assert {each["outcome"] for each in found["capabilities"]} <= {"works", "untried"}
    assert found["containers"][0]["id"]
    assert found["containers"][0]["name"]
    # What a credential may ask is shared by way of the home.
    assert list((Path(company.environment["BAILIWICK_HOME"]) / "budgets").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", "x", "--as", "nobody@acme.com"), "nobody is known as 'nobody@acme.com'"),
        (("search", " ", "--as", WHO), "the query is empty"),
        (("search", "x", "--as", WHO, "-k", "0"), "ask for 1 to 200 results, not 0"),
        (("explain", "no-such", "--as", WHO), "no document is known as 'no-such'"),
        (("who-can-read", "github:1"), "no document is known as 'github:1'"),
        (("what-can-read", "eve"), "nobody is known as 'eve'"),
        (("deletes", "accept", "github", "7"), "github has shown no container with the id '7'"),
    ],
)
def test_bad_input_is_one_line(company, arguments, said):
    done = run(*arguments, environment=company.environment)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"bailiwick: {said}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("hours", ["nan", "1e9", "-5"])
def test_no_time_beyond_the_calendar_is_looked_ahead(company, hours):
    done = run("status", "--within", hours, environment=company.environment)
    assert done.returncode == 2
    assert "is not between 0 and 876600 hours" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_token_is_one_line(company):
    for source, variable in (
        ("github", "GITHUB_TOKEN"),
        ("google_drive", "GOOGLE_DRIVE_ACCESS_TOKEN"),
    ):
        environment = {**company.environment, variable: "wrong-9f3"}
        done = run("check", source, environment=environment)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith(f"bailiwick: {source}: HTTP 401: ")
        assert variable in done.stderr, "the remedy"
        assert done.stderr.count("\n") == 1
        assert "wrong-9f3" not in done.stderr


def elsewhere(company: Company, tmp_path: Path, **changes: str) -> dict[str, str]:
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    home = {"BAILIWICK_HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path / "dagster")}
    return company.environment | home | changes


def test_a_sync_with_a_wrong_token(company, tmp_path):
    """One source refuses: it is said in one line, and the next has its turn."""
    environment = elsewhere(
        company, tmp_path, GOOGLE_DRIVE_ACCESS_TOKEN="wrong-9f3", GITHUB_TOKEN=""
    )
    done = run(module="pipelines.materialize", environment=environment)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("google_drive: HTTP 401: ")
    assert "GOOGLE_DRIVE" in line
    assert "wrong-9f3" not in line + done.stdout
    assert "GitHub: not configured" in done.stdout


def test_a_source_that_is_not_configured(company, tmp_path):
    environment = elsewhere(company, tmp_path)
    for name in [name for name in environment if name.startswith("GOOGLE_DRIVE_")]:
        del environment[name]
    done = run(module="pipelines.materialize", environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Google Drive: not configured" in done.stdout
    said = run("status", environment=environment).stdout
    assert "google_drive: not configured" in said
    assert "acme/pipeline" in said
    done = run("check", "google_drive", environment=environment)
    assert done.returncode == 1
    assert "docs/sources/google_drive.md" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BAILIWICK_PERMISSION_MAX_AGE_HOURS", "secret-7", "bailiwick: BAILIWICK_PERMISSION_MAX"),
        ("BAILIWICK_SEARCHABLE_ANYONE", "secret-7", "bailiwick: BAILIWICK_SEARCHABLE_ANYONE"),
    ],
)
def test_settings_that_do_not_fit_are_named(tmp_path, variable, value, said):
    environment = without_sources() | {"BAILIWICK_HOME": str(tmp_path), variable: value}
    done = run("status", environment=environment)
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert "secret-7" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_failures_name_the_documents_of_a_run(tmp_path):
    environment = without_sources() | {"BAILIWICK_HOME": str(tmp_path)}
    wrong = Failure(Source.GITHUB, "1", "1/file/a plan.md", "fetch", "HTTP 500", "Wait.")
    with Catalog.at(tmp_path) as opened, opened.writing() as connection:
        record(connection, [wrong], utc_now())
    (told,) = json.loads(run("failures", "github", "--json", environment=environment).stdout)
    assert (told["id"], told["document"], told["row"]) == (1, "1/file/a plan.md", None)
    said = run("failures", environment=environment).stdout
    assert "github:1/file/a%20plan.md" in said
    assert "HTTP 500; Wait." in said
    done = run("failures", "google_drive", environment=environment)
    assert done.stdout == "no document has failed\n"


def test_the_directory_file_is_checked(company, tmp_path):
    said = run("check", "directory", environment=company.environment).stdout
    assert said.startswith("the directory file is sound: ")
    assert said.endswith(f" in {company.environment['BAILIWICK_DIRECTORY']}\n")
    path = tmp_path / "people.yaml"
    person = "  - {subject: ada@example.com, name: Ada}\n"
    path.write_text(f"people:\n{person}{person}")
    environment = company.environment | {"BAILIWICK_DIRECTORY": str(path)}
    done = run("check", "directory", environment=environment)
    assert done.returncode == 1
    assert f"{path}:3: " in done.stderr
    assert "ada@example.com" in done.stderr
    told = run("status", environment=environment)
    assert told.returncode == 0
    assert f"the directory file stops every sync: {path}:3: " in told.stdout
    assert (
        f"{path}:3: "
        in json.loads(run("status", "--json", environment=environment).stdout)["directory"]
    )
    done = run(environment=environment, module="pipelines.materialize")
    assert done.returncode == 1
    assert done.stderr.startswith(f"the directory file stops every sync:\n{path}:3: ")
    assert done.stderr.count("stands twice") == 1, "and not once for each source"
