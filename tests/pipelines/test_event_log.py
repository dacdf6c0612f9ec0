"""Nothing that a company's people wrote, and none of their names, is in what Dagster keeps."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from catalog.tables import container, document, person
from tests.pipelines import events
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
