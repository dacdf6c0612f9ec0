"""Settings: every kind reads the environment, and the `.env` of the folder that one is in."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from connectors.settings import ConnectorSettings
from tests.fixtures.company import without_sources
from workspace.errors import SettingsInvalid
from workspace.misspelt import misspelt
from workspace.settings import load_settings
from workspace.workspace import Workspace

ROOT = Path(__file__).parents[2]
A_NUMBER = ("max_bytes", "weaviate_grpc_port", "batch_texts", "deletion_documents")
"""Of each kind one; 77 fits them all."""


def _kinds() -> list[type[BaseSettings]]:
    """Every class of settings, of every `settings.py` of the product."""
    files = [each.relative_to(ROOT) for each in ROOT.glob("[!.t]*/**/settings.py")]
    modules = [import_module(".".join(each.with_suffix("").parts)) for each in files]
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSettings)
    }
    return sorted(found - {BaseSettings, ConnectorSettings}, key=lambda each: each.__name__)


def test_the_kinds_are_those_that_there_are():
    assert [each.__name__ for each in _kinds()] == [
        "EmbeddingSettings",
        "GitHubSettings",
        "GoogleDriveSettings",
        "IndexSettings",
        "SharePointSettings",
        "WorkspaceSettings",
    ]


@pytest.mark.parametrize("kind", _kinds(), ids=lambda each: each.__name__)
def test_each_reads_env_and_leaves_other_variables_be(kind, tmp_path, monkeypatch):
    for name in set(os.environ) - set(without_sources()):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (field,) = set(A_NUMBER) & kind.model_fields.keys()
    prefix = kind.model_config["env_prefix"]
    assert getattr(kind(), field) != 77
    (tmp_path / ".env").write_text(
        f"SOMEBODY_ELSES=x\n{prefix}NO_FIELD=x\n{prefix}{field.upper()}=77\n"
    )
    assert getattr(kind(), field) == 77
    monkeypatch.setenv(f"{prefix}{field.upper()}", "78")
    assert getattr(kind(), field) == 78, "the environment counts more"


def test_a_misspelt_variable_is_told_with_the_one_that_is_meant(tmp_path):
    file = tmp_path / ".env"
    file.write_text(
        "GITHUB_EXCLUDE_REPOSITORY=secret/*\nGITHUB_TOKEN=x\nSOMEBODY_ELSES=x\n"
        "BAILIWICK_PERMISSION_MAX_AGE_HOUR=1\nBAILIWICK_INDEX_BACKEND=weaviate\n"
    )
    assert list(misspelt(file)) == [
        f"{file}: GITHUB_EXCLUDE_REPOSITORY names no setting"
        " (is GITHUB_EXCLUDE_REPOSITORIES meant?)",
        f"{file}: BAILIWICK_PERMISSION_MAX_AGE_HOUR names no setting"
        " (is BAILIWICK_PERMISSION_MAX_AGE_HOURS meant?)",
    ]


def test_status_tells_it_without_the_value(tmp_path, monkeypatch):
    for name in set(os.environ) - set(without_sources()):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("GITHUB_ORGANIZATIONS=secret\n")
    with Workspace() as workspace:
        (line,) = workspace.broken_settings()
    assert "GITHUB_ORGANISATIONS" in line
    assert "secret" not in line


@pytest.mark.parametrize("name", ["PERMISSION_MAX_AGE_HOURS", "TEXT_RETENTION_DAYS"])
@pytest.mark.parametrize("value", ["inf", "nan", "1e9", "-1"])
def test_a_time_beyond_all_calendars_is_refused_in_a_line(monkeypatch, tmp_path, name, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"BAILIWICK_{name}", value)
    with pytest.raises(SettingsInvalid, match=f"^BAILIWICK_{name}: .*$"):
        load_settings()
