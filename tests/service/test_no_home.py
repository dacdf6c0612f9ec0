"""Looking makes nothing: without a home it is said that there is none, and how to make one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from access import Source, utc_now
from catalog import containers
from catalog.database import Catalog
from connectors.interface import SourceUnavailable
from connectors.registry import available_sources
from corpus import Container
from index.interface import UnknownVersion
from service.cli import bailiwick, main
from tests.connectors.test_credential_files import SERVICE
from tests.fixtures.company import without_sources
from workspace.errors import NothingSynced
from workspace.workspace import Workspace

LOOKING = (
    ("search", "x", "--as", "ada"),
    ("explain", "d", "--as", "ada"),
    ("who-can-read", "d"),
    ("what-can-read", "ada"),
    ("unresolved",),
    ("failures",),
    ("deletes", "held"),
    ("deletes", "accept", "github", "1"),
    ("purge",),
    ("index", "status"),
    ("index", "rebuild"),
    ("index", "reconcile"),
    ("index", "switch"),
    ("index", "drop", "v"),
    ("catalog", "copy", "--to", "sqlite:///copy.db"),
)


@pytest.fixture
def bare(tmp_path, monkeypatch) -> Path:
    """A folder with nothing in it, and an environment that sets nothing."""
    for name in set(os.environ) - set(without_sources()):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(bailiwick, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_a_command_that_looks_makes_no_home(bare, command):
    with pytest.raises(NothingSynced) as caught:
        call(*command)
    assert str(bare / ".bailiwick" / "catalog.db") in str(caught.value)
    assert "python -m pipelines.materialize" in str(caught.value)
    assert list(bare.iterdir()) == []


def test_it_is_one_line_for_a_person(bare, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bailiwick", "failures"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("bailiwick: nothing is synced yet: ")
    assert told.err.count("\n") == 1


def test_the_demos_home_is_pointed_to(bare):
    Catalog.at(bare / ".bailiwick" / "demo").close()
    said = call("status")
    assert "the demo's is used with BAILIWICK_HOME=.bailiwick/demo" in said
    assert not (bare / ".bailiwick" / "catalog.db").exists()


def test_status_makes_nothing_and_tells_what_there_is(bare):
    said = call("status").splitlines()
    assert said[0].startswith("nothing is synced yet: ")
    assert said[1:] == [f"{source}: not configured" for source in available_sources()]
    assert json.loads(call("status", "--json"))["nothing_synced"] == said[0]
    assert list(bare.iterdir()) == []


def test_checks_make_no_home(bare, monkeypatch):
    assert "there is no directory file" in call("check", "directory")
    monkeypatch.setenv("GITHUB_TOKEN", "sesame")
    monkeypatch.setenv("GITHUB_ORGANISATIONS", "acme")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("GITHUB_ATTEMPTS", "1")
    with pytest.raises(SourceUnavailable, match=r"no answer from 127\.0\.0\.1:1"):
        call("check", "github")
    assert list(bare.iterdir()) == []


@pytest.fixture
def synced(bare, monkeypatch):
    monkeypatch.setenv("BAILIWICK_HOME", str(bare))
    Catalog.at(bare).close()
    return bare


def test_a_home_is_used_as_it_is(synced):
    assert call("failures") == "no document has failed\n"
    assert call("status").startswith("source")
    assert json.loads(call("status", "--json"))["nothing_synced"] is None


def test_a_catalog_elsewhere_needs_no_home(bare, monkeypatch):
    Catalog.at(bare / "elsewhere").close()
    monkeypatch.setenv("BAILIWICK_CATALOG_URL", f"sqlite:///{bare}/elsewhere/catalog.db")
    assert call("failures") == "no document has failed\n"
    assert not (bare / ".bailiwick").exists()


@pytest.mark.parametrize("url", ["sqlite:///typo.db", "sqlite:///file:typo.db?uri=true"])
def test_a_mistyped_catalog_is_not_made(bare, monkeypatch, url):
    Catalog.at(bare / ".bailiwick").close()
    monkeypatch.setenv("BAILIWICK_CATALOG_URL", url)
    said = call("status").splitlines()[0]
    assert said.startswith(f"nothing is synced yet: {bare / 'typo.db'} is not there.")
    assert said.endswith("; if there was one, see that BAILIWICK_CATALOG_URL names it")
    with pytest.raises(NothingSynced):
        call("failures")
    assert [each.name for each in bare.iterdir()] == [".bailiwick"]


def test_looking_at_the_index_makes_none(synced, monkeypatch):
    """Nor is one put in service that is there, and that no switch was made to."""
    monkeypatch.setenv("BAILIWICK_EMBEDDING_PROVIDER", "hashing")
    assert "these settings make it, and it is not built yet" in call("index", "status")
    for command in ("reconcile", "switch"):
        said = call("index", command, code=1)
        assert "is not built yet; a sync builds it, and so does `bailiwick index rebuild`" in said
        assert not (synced / "index").exists()
    with pytest.raises(UnknownVersion):
        call("index", "drop", "v")
    assert not (synced / "index").exists()
    with Workspace() as workspace:
        workspace.versions.open(workspace.index_version, workspace.embedder.dimensions).close()
        assert "agrees" in call("index", "reconcile")
        assert workspace.versions.serving() is None
        assert "is in service" in call("index", "switch")
        assert workspace.versions.serving() == workspace.index_version


def test_a_repair_makes_the_index(synced, monkeypatch):
    monkeypatch.setenv("BAILIWICK_EMBEDDING_PROVIDER", "hashing")
    assert "agrees" in call("index", "reconcile", "--repair")
    assert "in service" in call("index", "status")


@pytest.mark.parametrize("home", ["bare", "synced"])
def test_a_source_without_a_first_sync_is_named(request, monkeypatch, home):
    request.getfixturevalue(home)
    monkeypatch.setenv("GITHUB_TOKEN", "sesame")
    assert "not synced yet" not in call("status"), "half set"
    monkeypatch.setenv("GITHUB_ORGANISATIONS", "acme")
    (line,) = [each for each in call("status").splitlines() if each.startswith("github: ")]
    assert line.startswith("github: configured, not synced yet; `bailiwick check github` tries")
    told = json.loads(call("status", "--json"))
    assert (told["unsynced"], told["sources"]["github"]) == (["github"], "")


def test_a_source_with_a_container_is_synced(synced, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "sesame")
    monkeypatch.setenv("GITHUB_ORGANISATIONS", "acme")
    with Catalog.at(synced) as catalog, catalog.writing() as connection:
        containers.store(
            connection, [Container(Source.GITHUB, "1", "acme/one", "https://x/1")], utc_now()
        )
    assert "not synced yet" not in call("status")


def test_broken_settings_are_named_and_the_rest_is_told(synced, monkeypatch):
    """A key that is none, a value that does not fit, a source half set: each in a line."""
    key = synced / "key.json"
    key.write_text(json.dumps({**SERVICE, "type": "authorized_user"}))
    for name, value in {
        "GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE": str(key),
        "GITHUB_MAX_BYTES": "sesame",
        "SHAREPOINT_TENANT": "acme.example",
        "BAILIWICK_INDEX_BACKEND": "sesame",
        "BAILIWICK_EMBEDDING_PROVIDER": "openai",
    }.items():
        monkeypatch.setenv(name, value)
    said = call("status")
    assert "sesame" not in said
    wanted = (
        f"google_drive: the file {key} of GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE can't be used: it is a"
        " user's own sign-in",
        "sharepoint: not configured. Set SHAREPOINT_CLIENT_ID and SHAREPOINT_CERTIFICATE_FILE",
        "github: the settings do not fit: GITHUB_MAX_BYTES: ",
        "the settings do not fit: BAILIWICK_INDEX_BACKEND: ",
        "the settings do not fit: the provider openai needs BAILIWICK_EMBEDDING_URL, ",
    )
    for each in wanted:
        assert any(line.startswith(each) for line in said.splitlines()), (each, said)
    told = json.loads(call("status", "--json"))
    assert told["sources"]["github"].startswith("the settings do not fit: GITHUB_MAX_BYTES")
    key.write_text(json.dumps(SERVICE))
    assert json.loads(call("status", "--json"))["sources"]["google_drive"] == ""
