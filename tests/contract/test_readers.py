"""Every person and every document: what a connector says, and what the emulator does.

The clauses of a crawl, with the emulator's own list of groups, must admit exactly the people
whose own tokens can read the document there. "Anyone" counts as everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from access import Principal, PrincipalKind, Source
from connectors.github.settings import GitHubSettings
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.registry import open_connector
from corpus import Document, Upsert
from tests.fixtures.backlot import Backlot, Person, running


@pytest.fixture(scope="module")
def backlot() -> Iterator[Backlot]:
    with running() as emulator:
        yield emulator


def documents(source: Source, settings: object) -> list[tuple[str, Document]]:
    connector = open_connector(source, settings)  # type: ignore[arg-type]
    return [
        (container.name, change.document)
        for container in connector.containers()
        for page in connector.changes(container, None, lambda _: {})
        for change in page.changes
        if isinstance(change, Upsert)
    ]


def differences(
    backlot: Backlot,
    found: list[tuple[str, Document]],
    principals: dict[str, frozenset[Principal]],
    path: dict[str, str],
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], int]:
    leaks, missing, pairs = [], [], 0
    now = datetime.now(UTC)
    for person in backlot.people:
        for _, document in found:
            ours = document.access.admits(principals[person.email], now, timedelta(hours=1))
            theirs = reads(backlot, person, path[document.id])
            pairs += 1
            if ours and not theirs:
                leaks.append((person.email, document.id))
            if theirs and not ours:
                missing.append((person.email, document.id))
    return leaks, missing, pairs


def reads(backlot: Backlot, person: Person, path: str) -> bool:
    try:
        backlot.get(path, person.token)
    except HTTPError as error:
        if error.code in {403, 404}:
            return False
        raise
    return True


def test_google_drive(backlot: Backlot) -> None:
    drive = Source.GOOGLE_DRIVE
    found = documents(
        drive,
        GoogleDriveSettings(_env_file=None, access_token=backlot.admin_token, api_root=backlot.url),
    )
    principals = {
        person.email: frozenset(
            {
                Principal(drive, PrincipalKind.USER, person.email.lower()),
                Principal(drive, PrincipalKind.DOMAIN, person.email.partition("@")[2]),
                Principal(drive, PrincipalKind.ANYONE, "discoverable"),
                *(
                    Principal(drive, PrincipalKind.GROUP, f"{group}@acme.com")
                    for group in person.groups
                ),
            }
        )
        for person in backlot.people
    }
    path = {document.id: f"/drive/v3/files/{document.id}" for _, document in found}
    leaks, missing, pairs = differences(backlot, found, principals, path)
    print(f"Google Drive: {pairs} pairs, leaks {len(leaks)}, missing {len(missing)}")
    assert pairs >= 130
    assert (leaks, missing) == ([], [])


def test_github(backlot: Backlot) -> None:
    import json

    found = documents(
        Source.GITHUB,
        GitHubSettings(
            _env_file=None,
            token=backlot.admin_token,
            api_url=f"{backlot.url}/github",
            organisations=(backlot.organisation,),
        ),
    )
    repository = found[0][0]
    told = backlot.get(f"/github/repos/{repository}/collaborators", backlot.admin_token)
    numbers = {row["login"]: str(row["id"]) for row in json.loads(told)}
    principals = {
        person.email: frozenset(
            {
                Principal(
                    Source.GITHUB,
                    PrincipalKind.USER,
                    numbers[person.email.partition("@")[0].replace(".", "-")],
                )
            }
        )
        for person in backlot.people
    }
    path = {}
    for name, document in found:
        _, kind, rest = document.id.split("/", 2)
        where = f"contents/{quote(rest)}" if kind == "file" else f"issues/{rest}"
        path[document.id] = f"/github/repos/{name}/{where}"
    leaks, missing, pairs = differences(backlot, found, principals, path)
    print(f"GitHub: {pairs} pairs, leaks {len(leaks)}, missing {len(missing)}")
    assert pairs >= 120
    assert (leaks, missing) == ([], [])
