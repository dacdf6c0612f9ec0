"""A folder that can't be made and a `.env` that is no text are a line each, not a stack trace."""

from __future__ import annotations

import os

import pytest

from catalog.database import Catalog
from pipelines import materialize
from pipelines.home import VARIABLE
from service.cli import main
from tests.fixtures.company import without_sources
from tests.fixtures.unprivileged import unprivileged


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Runs a command in an empty folder, and gives the one line that it ends with."""
    for name in set(os.environ) - set(without_sources()):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)  # its own parents are closed to others: paths here are relative
    monkeypatch.setenv("BAILIWICK_EMBEDDING_PROVIDER", "hashing")
    monkeypatch.setenv(VARIABLE, "")

    def call(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["program", *arguments])
        if arguments:
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code == 1
        else:
            assert materialize.main() == 1
        told = capsys.readouterr()
        assert told.err.count("\n") == 1, told.err
        return told.err

    return call


EVERY = [("status",), ("check", "github"), ("search", "x", "--as", "y"), ("index", "init"), ()]


@pytest.mark.parametrize("command", EVERY, ids=lambda each: " ".join(each) or "materialize")
def test_an_env_that_is_no_text(said, tmp_path, command):
    (tmp_path / ".env").write_bytes("GITHUB_TOKEN=sesame\n".encode("utf-16"))
    line = said(*command)
    assert f"{tmp_path / '.env'} is not UTF-8 text; save it as UTF-8" in line
    assert [each.name for each in tmp_path.iterdir()] == [".env"], "and nothing was made"


@pytest.mark.parametrize("command", EVERY, ids=lambda each: " ".join(each) or "materialize")
def test_an_env_that_may_not_be_read(said, tmp_path, command):
    (tmp_path / ".env").write_text("GITHUB_TOKEN=sesame\n")
    (tmp_path / ".env").chmod(0)
    with unprivileged():
        assert f"{tmp_path / '.env'} can't be read (Permission denied)" in said(*command)


def test_a_file_in_the_place_of_the_home(said, tmp_path, monkeypatch):
    (tmp_path / "home").touch()
    monkeypatch.setenv("BAILIWICK_HOME", "home")
    line = said()
    assert f"the folder {tmp_path}/home/dagster can't be made or written (Not a directory)" in line
    assert "name another in BAILIWICK_HOME" in line
    monkeypatch.setenv("GITHUB_TOKEN", "sesame")
    monkeypatch.setenv("GITHUB_ORGANISATIONS", "acme")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "dagster"))
    line = said()
    assert line.startswith(f"github: failed: the catalog's folder {tmp_path}/home can't be made (")
    assert "BAILIWICK_HOME" in line
    assert f"{tmp_path}/home is a file, where the catalog's folder should be" in said("failures")
    assert "home can't be used (File exists)" in said("demo", "--home", "home")


@pytest.mark.parametrize("command", [("status",), ("failures",), ("demo", "--home", "home/demo")])
def test_a_home_in_a_place_that_is_closed(said, tmp_path, monkeypatch, command):
    Catalog.at(tmp_path / "home").close()
    (tmp_path / "home").chmod(0)
    monkeypatch.setenv("BAILIWICK_HOME", "home")
    with unprivileged():
        assert "can't be used (Permission denied)" in said(*command)


def test_a_file_in_the_place_of_the_index(said, tmp_path, monkeypatch):
    Catalog.at(tmp_path / ".bailiwick").close()
    (tmp_path / "index").touch()
    monkeypatch.setenv("BAILIWICK_INDEX_FOLDER", "index")
    line = said("index", "rebuild")
    assert line.startswith(f"bailiwick: the index in {tmp_path}/index/v-")
    assert "can't be used (Not a directory)" in line
    assert "BAILIWICK_INDEX_FOLDER" in line
