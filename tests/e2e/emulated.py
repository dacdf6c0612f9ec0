"""The emulator's side of the comparison: its documents, and who its own tokens let read them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import backlot
import yaml

from tests.fixtures.backlot_directory import directory_of

FOLDER = "application/vnd.google-apps.folder"


@dataclass(frozen=True)
class Emulated:
    """A running emulator."""

    url: str
    token: str
    people: dict[str, str]
    """Token by e-mail address."""

    def get(self, path: str, token: str | None = None):
        request = Request(
            self.url + path, headers={"Authorization": f"Bearer {token or self.token}"}
        )
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def readable(self, path: str, token: str) -> bool:
        """Whether a person's own token gets the document at `path`."""
        try:
            self.get(path, token)
        except HTTPError as error:
            if error.code not in {403, 404}:
                raise
            return False
        return True

    def documents(self) -> Iterator[tuple[str, str, str]]:
        """Every document: its name for a reader of the test, our name for it, its path."""
        fields = "nextPageToken,files(id,name,mimeType)"
        page = self.get(f"/drive/v3/files?pageSize=1000&fields={fields}")
        assert "nextPageToken" not in page
        for each in page["files"]:
            if each["mimeType"] != FOLDER:
                path = f"/drive/v3/files/{each['id']}"
                yield each["name"], f"google_drive:{each['id']}", path
        for repository in self.get("/github/orgs/acme/repos?per_page=100"):
            name, number = repository["full_name"], repository["id"]
            branch = repository["default_branch"]
            root = f"/github/repos/{name}"
            tree = self.get(f"{root}/git/trees/{branch}?recursive=1")
            assert not tree["truncated"]
            for entry in tree["tree"]:
                if entry["type"] == "blob":
                    path = entry["path"]
                    yield (
                        f"{name}/{path}",
                        f"github:{number}/file/{path}",
                        f"{root}/contents/{path}",
                    )
            issues = self.get(f"{root}/issues?state=all&per_page=100")
            assert len(issues) < 100
            for issue in issues:
                title = f"{name}#{issue['number']} {issue['title']}"
                yield (
                    title,
                    f"github:{number}/issue/{issue['number']}",
                    f"{root}/issues/{issue['number']}",
                )


@contextmanager
def emulated(records: list[dict[str, object]] | None = None) -> Iterator[Emulated]:
    """An emulator over its bundled corpus, or over `records`."""
    with backlot.serve(records, telemetry=False) as server:
        users = Emulated(server.base_url, server.token, {}).get("/_meta/users")["users"]
        tokens = {each["email"]: each["token"] for each in users}
        yield Emulated(server.base_url, server.token, tokens)


def environment(emulator: Emulated, home: Path) -> dict[str, str]:
    """What points a workspace in `home` at the emulator."""
    dagster_home = home / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    (dagster_home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    directory = home / "directory.yaml"
    directory.write_text(yaml.safe_dump(directory_of(emulator.url, emulator.token)))
    return {
        "BAILIWICK_HOME": str(home),
        "BAILIWICK_DIRECTORY": str(directory),
        "BAILIWICK_SEARCHABLE_ANYONE": "google_drive,github",
        "GOOGLE_DRIVE_API_ROOT": emulator.url,
        "GOOGLE_DRIVE_ACCESS_TOKEN": emulator.token,
        "GITHUB_API_URL": f"{emulator.url}/github",
        "GITHUB_TOKEN": emulator.token,
        "GITHUB_ORGANISATIONS": "acme",
        "GITHUB_RATE": "10000",  # nobody counts requests on loopback
        "DAGSTER_HOME": str(dagster_home),
    }


def materialize(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Sync everything through real Dagster runs, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines.materialize"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=240,
    )
