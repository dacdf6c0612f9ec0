"""The workspace of the demo: `backlot`, an independent emulator of the vendors' read APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import click
import yaml

ORGANISATION = "acme"
"""The organisation of the corpus that comes with the emulator."""


@contextmanager
def emulated(home: Path) -> Iterator[dict[str, str]]:
    """Run the emulator over its bundled corpus; gives the environment that points at it.

    The emulator has no API for people and groups, so a directory file is written from its
    list of people. It shares files with "anyone", which this demo declares searchable.

    Args:
        home: folder for what the demo keeps.

    Raises:
        click.ClickException: the emulator is not installed.
    """
    try:
        import backlot
    except ImportError:
        raise click.ClickException(
            "the demo needs the development dependencies: run it by `make demo`"
        ) from None
    home.mkdir(parents=True, exist_ok=True)
    with backlot.serve(telemetry=False) as server:
        directory = home / "directory.yaml"
        directory.write_text(
            yaml.safe_dump(directory_of(server.base_url, server.token), sort_keys=False)
        )
        yield {
            "BAILIWICK_HOME": str(home),
            "BAILIWICK_DIRECTORY": str(directory),
            "BAILIWICK_SEARCHABLE_ANYONE": "google_drive,github",
            "GOOGLE_DRIVE_API_ROOT": server.base_url,
            "GOOGLE_DRIVE_ACCESS_TOKEN": server.token,
            "GITHUB_API_URL": f"{server.base_url}/github",
            "GITHUB_TOKEN": server.token,
            "GITHUB_ORGANISATIONS": ORGANISATION,
        }


def directory_of(base_url: str, token: str) -> dict[str, object]:
    """The emulator's people and groups, in the form of a directory file.

    Its people have the same numeric id at GitHub under ``first-last`` logins.
    """
    users = _get(f"{base_url}/_meta/users", token)["users"]
    accounts: dict[str, str] = {}
    for repository in _get(f"{base_url}/github/orgs/{ORGANISATION}/repos", token):
        address = f"{base_url}/github/repos/{repository['full_name']}/collaborators?per_page=100"
        accounts |= {each["login"]: str(each["id"]) for each in _get(address, token)}
    groups: dict[str, list[str]] = {}
    people = []
    for user in users:
        login = user["email"].split("@")[0].replace(".", "-")
        known = {"google_drive": user["email"]}
        if login in accounts:
            known["github"] = accounts[login]
        guest = not user["email"].endswith(f"@{ORGANISATION}.com")
        people.append(
            {"subject": user["email"], "name": user["name"], "guest": guest, "accounts": known}
        )
        for group in user["groups"]:
            groups.setdefault(group, []).append(user["email"])
    drive = [
        {"id": f"{name}@{ORGANISATION}.com", "people": members}
        for name, members in sorted(groups.items())
    ]
    return {"people": people, "groups": {"google_drive": drive}}


def _get(url: str, token: str) -> Any:
    request = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310  # our own loopback server
        return json.load(answer)
