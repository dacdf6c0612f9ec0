"""What a missing directory file means."""

from __future__ import annotations

import os

import pytest

from connectors.directory import DirectoryInvalid, DirectoryMissing
from sync.directory import sync_directory
from workspace.workspace import Workspace

FILE = "people:\n  - {subject: ava@example.com, name: Ava}\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BAILIWICK_DIRECTORY", raising=False)
    return tmp_path


def test_no_file_is_no_error_where_there_never_was_one(home):
    with Workspace() as workspace:
        assert workspace.directory is None


def test_a_file_that_is_gone_is_an_error_until_it_says_that_nobody_is_left(home):
    file = home / "directory.yaml"
    file.write_text(FILE)
    with Workspace() as workspace:
        sync_directory(workspace.catalog, workspace.directory)
    file.unlink()
    with Workspace() as workspace, pytest.raises(DirectoryMissing, match="BAILIWICK_DIRECTORY"):
        _ = workspace.directory
    file.write_text("people: []\n")
    with Workspace() as workspace:
        sync_directory(workspace.catalog, workspace.directory)
    file.unlink()
    with Workspace() as workspace:
        assert workspace.directory is None


def test_a_file_that_changed_is_read_again(home):
    file = home / "directory.yaml"
    file.write_text(FILE)
    with Workspace() as workspace:
        first = workspace.directory
        assert [each.person.subject for each in first.people] == ["ava@example.com"]
        assert workspace.directory is first, "it is not parsed for nothing"
        stat = file.stat()
        file.write_text(FILE.replace("ava@", "bob@"))
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert [each.person.subject for each in workspace.directory.people] == ["bob@example.com"]
        file.write_text("people: [")
        with pytest.raises(DirectoryInvalid):
            _ = workspace.directory
        file.unlink()
        sync_directory(workspace.catalog, first)
        with pytest.raises(DirectoryMissing):
            _ = workspace.directory


def test_a_file_that_the_settings_name_must_be_there(home, monkeypatch):
    monkeypatch.setenv("BAILIWICK_DIRECTORY", "people.yaml")
    with Workspace() as workspace, pytest.raises(DirectoryMissing, match=r"people\.yaml"):
        _ = workspace.directory
