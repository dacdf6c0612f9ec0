"""``bailiwick check``: every scope, role and switch taken away, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.capability import Capability, Outcome
from connectors.github.connector import GitHubConnector
from connectors.github.settings import GitHubSettings
from connectors.google_drive.client import DIRECTORY_SCOPES, DRIVE_SCOPES
from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import ApiDisabled, AuthenticationFailed, MissingScope
from service.simulated import ORGANISATION
from simulator.embedded import Running, serve
from simulator.github.state import GithubState
from simulator.google.state import GoogleState
from simulator.world import Token, World
from tests.e2e.saltmarsh import drive_settings
from tests.fixtures.service_account import ACCOUNT
from tests.fixtures.wire import Answer, Asked, serving

GROUPS, MEMBERS = DIRECTORY_SCOPES
(DRIVE,) = DRIVE_SCOPES
AUTH = "https://www.googleapis.com/auth/"


@pytest.fixture
def running() -> Iterator[Running]:
    """A shared drive, a My Drive, a group, an administrator."""
    world = World(3)
    state = GoogleState.of(world)
    for name in ("wanda", "ada"):
        world.directory.add_person(id=name, name=name, email=f"{name}@saltmarsh.example")
    world.directory.create_group(id="crew")
    state.make_admin(person="wanda")
    drive = state.create_drive(name="Works", organizer="ada")
    state.create(name="a", owner="ada", mime="text/plain", parent=drive, text="a")
    state.create(name="b", owner="ada", mime="text/plain", text="b")
    with serve(world) as running:
        yield running


def delegated(running: Running, folder: Path, scopes: list[str], **more: Any) -> list[Capability]:
    settings = drive_settings(running, folder, subject="wanda@saltmarsh.example", **more)
    running.world.states["google"].keys[ACCOUNT]["scopes"] = scopes  # type: ignore[attr-defined]
    return list(GoogleDriveConnector(settings, sleep=lambda _: None).capabilities())


def fails(told: list[Capability]) -> dict[str, Capability]:
    return {each.name: each for each in told if each.outcome is Outcome.FAILS}


def test_everything_works_and_everything_is_tried(running: Running, tmp_path: Path) -> None:
    told = delegated(running, tmp_path, [DRIVE, GROUPS, MEMBERS])
    assert {each.outcome for each in told} == {Outcome.WORKS}
    asked = {each.endpoint for each in running.world.requests if each.status < 300}
    assert asked >= {
        *("about.get", "drives.list", "drives.get", "files.list", "files.get"),
        *("permissions.list", "changes.getStartPageToken", "groups.list", "members.list"),
    }


@pytest.mark.parametrize("gone", [DRIVE, GROUPS, MEMBERS])
def test_a_scope_that_is_not_delegated_is_named(
    running: Running, tmp_path: Path, gone: str
) -> None:
    told = delegated(running, tmp_path, [s for s in (DRIVE, GROUPS, MEMBERS) if s != gone])
    wrong = fails(told)
    expected = {
        DRIVE: "know the account that asks",
        GROUPS: "list the groups of the directory",
        MEMBERS: "list the members of a group",
    }
    assert set(wrong) == {expected[gone]}
    (only,) = wrong.values()
    assert gone in only.reason
    assert all(each not in only.reason for each in {DRIVE, GROUPS, MEMBERS} - {gone})
    assert "delegation" in only.remedy
    assert only.needed_for


@pytest.mark.parametrize("gone", [GROUPS, MEMBERS])
def test_a_sync_says_which_of_several_scopes_are_asked_for(
    running: Running, tmp_path: Path, gone: str
) -> None:
    settings = drive_settings(running, tmp_path, subject="wanda@saltmarsh.example")
    state = running.world.states["google"]
    state.keys[ACCOUNT]["scopes"] = [s for s in (DRIVE, GROUPS, MEMBERS) if s != gone]  # type: ignore[attr-defined]
    with pytest.raises(MissingScope, match=gone):
        list(GoogleDriveConnector(settings, sleep=lambda _: None).memberships())


def static(running: Running, scopes: tuple[str, ...], who: str = "wanda") -> GoogleDriveSettings:
    token = running.world.mint("narrow", Token(who, vendor="google", scopes=scopes))
    return GoogleDriveSettings(
        _env_file=None,
        access_token=token,
        api_root=f"{running.url}/google",
        directory_api_root=f"{running.url}/google",
        directory=True,
    )


@pytest.mark.parametrize(
    ("scopes", "wrong"),
    [
        ((DRIVE, GROUPS, MEMBERS), set()),
        ((DRIVE, GROUPS), set()),
        ((DRIVE, MEMBERS), {"list the groups of the directory"}),
        ((DRIVE,), {"list the groups of the directory", "list the members of a group"}),
        ((GROUPS, MEMBERS), {"know the account that asks"}),
        (
            (AUTH + "drive.metadata.readonly", GROUPS, MEMBERS),
            {"list shared drives", "read the text of a file of a My Drive"},
        ),
    ],
    ids=["all", "groups cover members", "no groups", "no directory", "no drive", "metadata"],
)
def test_a_token_with_fewer_scopes(
    running: Running, scopes: tuple[str, ...], wrong: set[str]
) -> None:
    settings = static(running, scopes, "ada")
    GoogleState.of(running.world).make_admin(person="ada")
    found = fails(list(GoogleDriveConnector(settings, sleep=lambda _: None).capabilities()))
    # Without a group in sight the members' scope can't be told from a group that is not there.
    assert set(found) == wrong - {"list the members of a group"}
    for each in found.values():
        assert "lacks the scope https://www.googleapis.com/auth/" in each.reason
        assert "HTTP 403" in each.reason


@pytest.mark.parametrize(
    ("service", "name", "where"),
    [
        ("drive.googleapis.com", "Google Drive API", "know the account that asks"),
        ("admin.googleapis.com", "Admin SDK API", "list the groups of the directory"),
    ],
)
def test_an_api_that_is_switched_off(
    running: Running, tmp_path: Path, service: str, name: str, where: str
) -> None:
    GoogleState.of(running.world).switch_api(service=service, on=False)
    wrong = fails(delegated(running, tmp_path, [DRIVE, GROUPS, MEMBERS]))
    assert where in wrong
    assert name in wrong[where].reason
    assert "Library" in wrong[where].remedy
    settings = drive_settings(running, tmp_path, subject="wanda@saltmarsh.example")
    connector = GoogleDriveConnector(settings, sleep=lambda _: None)
    with pytest.raises(ApiDisabled, match=name):
        list(connector.containers() if "Drive" in name else connector.memberships())


def test_an_account_that_is_no_administrator(running: Running, tmp_path: Path) -> None:
    settings = drive_settings(running, tmp_path, subject="ada@saltmarsh.example")
    told = list(GoogleDriveConnector(settings, sleep=lambda _: None).capabilities())
    wrong = fails(told)
    assert {"list shared drives", "list the groups of the directory"} <= set(wrong)
    assert all("administrator" in each.remedy for each in wrong.values())


def test_a_user_who_is_gone_is_told_by_place(running: Running, tmp_path: Path) -> None:
    running.world.directory.deactivate(person="ada")
    wrong = fails(
        delegated(
            running,
            tmp_path,
            [DRIVE, GROUPS, MEMBERS],
            users=("wanda@saltmarsh.example", "ada@saltmarsh.example"),
        )
    )
    assert "place 2" in wrong["act for each user of GOOGLE_DRIVE_USERS"].reason


def test_throttling_and_a_lost_right_are_neither_scope_nor_switch(
    running: Running, tmp_path: Path
) -> None:
    faults = running.world.faults
    faults.add("rate_limit", vendor="google", endpoint="drives.list", times=None)
    faults.add("forbidden", vendor="google", endpoint="groups.list", times=None)
    wrong = fails(delegated(running, tmp_path, [DRIVE, GROUPS, MEMBERS]))
    assert "throttled" in wrong["list shared drives"].reason
    assert "insufficientFilePermissions" in wrong["list the groups of the directory"].reason


def test_an_account_that_is_suspended_stops_the_check(running: Running, tmp_path: Path) -> None:
    running.world.directory.deactivate(person="wanda")
    with pytest.raises(AuthenticationFailed):
        delegated(running, tmp_path, [DRIVE, GROUPS, MEMBERS])


# GitHub


def github(url: str, token: str) -> list[Capability]:
    settings = GitHubSettings(
        _env_file=None, api_url=url, token=token, organisations=(ORGANISATION,)
    )
    return list(GitHubConnector(settings, sleep=lambda _: None).capabilities())


@pytest.fixture(scope="module")
def company() -> Iterator[Running]:
    with serve(World.company()) as running:
        yield running


@pytest.mark.parametrize(
    ("scopes", "wrong"),
    [
        (("repo", "read:org"), set()),
        (("repo", "admin:org"), set()),
        (("read:org",), {"list an organisation's repositories"}),
        (("repo",), {"list an organisation's members", "list an organisation's teams"}),
    ],
)
def test_a_classic_token_with_fewer_scopes(
    company: Running, scopes: tuple[str, ...], wrong: set[str]
) -> None:
    owner = next(p for p in company.world.directory.people if _owns(company, p))
    token = company.world.mint("classic", Token(owner, vendor="github", scopes=scopes))
    found = fails(github(f"{company.url}/github", token))
    hidden = {name: each for name, each in found.items() if "lacks the scope" in each.reason}
    assert set(hidden) == wrong
    lost = {"repo", "read:org"} - set(scopes)
    assert all(any(each in one.reason for each in lost) for one in hidden.values())


def _owns(company: Running, person: str) -> bool:
    org = GithubState.of(company.world).find_org(ORGANISATION)
    assert org is not None
    held = org.members.get(person)
    return held is not None and held.role in {"owner", "admin"}


def test_an_apps_token_reaches_all(company: Running) -> None:
    told = github(f"{company.url}/github", company.service("github"))
    assert {each.outcome for each in told} == {Outcome.WORKS}


def test_what_a_fine_grained_token_lacks_is_said_by_github() -> None:
    def handler(asked: Asked) -> Answer:
        if asked.path.endswith("/members"):
            return Answer(
                {"message": "Resource not accessible by personal access token"},
                403,
                {"X-Accepted-GitHub-Permissions": "members=read; administration=read"},
            )
        if asked.path.endswith("/teams"):
            headers = {"X-Accepted-OAuth-Scopes": "admin:org, read:org", "X-OAuth-Scopes": "gist"}
            return Answer({"message": "Not Found"}, 404, headers)
        return Answer({} if asked.path == "/rate_limit" else [])

    with serving(handler) as wire:
        found = fails(github(wire.url, "t"))
    assert "members=read or administration=read" in found["list an organisation's members"].remedy
    assert "admin:org, read:org" in found["list an organisation's teams"].remedy
