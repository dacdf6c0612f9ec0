"""The workspace of the demo: the simulator, in a process of its own, spoken to over HTTP alone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import click
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SEED = 7
ADMINISTRATOR = "wanda@saltmarsh.example"
"""Who the service account acts as for shared drives and groups."""
ORGANISATION = "saltmarsh"
TENANT = "saltmarsh.example"
APPLICATION = "saltmarsh-indexer"
"""Who reads SharePoint: an application that the simulator's tenant knows, with its secret."""
MY_DRIVES = ("ada", "hana", "kaya", "maeve", "orla", "rosa")
"""Whose My Drives the demo reads, beside the company's shared drives."""
SITES = tuple(
    f"https://saltmarsh.sharepoint.com/sites/{name}"
    for name in ("people", "finance", "security", "buoy-next")
)
"""The SharePoint sites that the demo reads."""
_ACCOUNT = "sync@bailiwick-demo.iam.gserviceaccount.com"
_SCOPES = (
    "https://www.googleapis.com/auth/drive.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
)
LOG = "simulator.log"
"""What the simulator says, in the demo's home."""
_PATIENCE = 60.0
"""Seconds for the simulator to start."""


@contextmanager
def simulated(home: Path) -> Iterator[dict[str, str]]:
    """Run the simulator with its company; gives the environment that points at it.

    Google is read as a company would: by a service account with domain-wide delegation, groups
    from the Directory API. SharePoint is read by an application. The directory file ties people
    to their accounts.

    Args:
        home: folder for what the demo keeps.

    Raises:
        click.ClickException: the simulator did not start.
    """
    home.mkdir(parents=True, exist_ok=True)
    process, url, people = _started(home)
    try:
        key = home / "service-account.json"
        key.write_text(json.dumps(_service_account(url)))
        key.chmod(0o600)
        directory = home / "directory.yaml"
        directory.write_text(yaml.safe_dump(directory_of(people), sort_keys=False))
        mailboxes = [each["email"] for each in people if each["id"] in MY_DRIVES]
        yield {
            "BAILIWICK_HOME": str(home),
            "BAILIWICK_DIRECTORY": str(directory),
            "BAILIWICK_SEARCHABLE_ANYONE": "google_drive,github",
            "GOOGLE_DRIVE_API_ROOT": f"{url}/google",
            "GOOGLE_DRIVE_DIRECTORY_API_ROOT": f"{url}/google",
            "GOOGLE_DRIVE_SERVICE_ACCOUNT_FILE": str(key),
            "GOOGLE_DRIVE_SUBJECT": ADMINISTRATOR,
            "GOOGLE_DRIVE_USERS": ",".join(mailboxes),
            "GOOGLE_DRIVE_DIRECTORY": "true",
            "SHAREPOINT_TENANT": TENANT,
            "SHAREPOINT_CLIENT_ID": APPLICATION,
            "SHAREPOINT_CLIENT_SECRET": "simulated",
            "SHAREPOINT_SITES": ",".join(SITES),
            "SHAREPOINT_AUTHORITY": f"{url}/entra",
            "SHAREPOINT_GRAPH_ROOT": f"{url}/graph",
            "SHAREPOINT_GRAPH_AUDIENCE": "https://graph.microsoft.com",
            "GITHUB_API_URL": f"{url}/github",
            "GITHUB_TOKEN": "service-github",
            "GITHUB_ORGANISATIONS": ORGANISATION,
            # Nobody counts requests on loopback: a demo need not keep the vendors' quotas.
            "GITHUB_RATE": "10000",
            "GITHUB_BURST": "10000",
            "GOOGLE_DRIVE_RATE": "10000",
            "GOOGLE_DRIVE_BURST": "10000",
            "SHAREPOINT_RATE": "10000",
            "SHAREPOINT_BURST": "10000",
        }
    finally:
        process.terminate()
        process.wait(timeout=10)


def directory_of(people: list[dict[str, Any]]) -> dict[str, object]:
    """The company's people and their accounts, in the form of a directory file."""
    return {
        "people": [
            {
                "subject": each["id"],
                "name": each["name"],
                "email": each["email"],
                "guest": each["guest"],
                "accounts": {
                    "google_drive": each["email"],
                    "sharepoint": each["accounts"]["sharepoint"],
                    "github": each["accounts"]["github"],
                },
            }
            for each in people
            if each["active"] and not each["deleted"]
        ]
    }


def _started(home: Path) -> tuple[subprocess.Popen[bytes], str, list[dict[str, Any]]]:
    """The running simulator, its address and its people."""
    for _ in range(3):
        port = _free()
        command = [sys.executable, "-m", "simulator", "--port", str(port), "--seed", str(SEED)]
        with (home / LOG).open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603  # our own
        url = f"http://127.0.0.1:{port}"
        people = _people(url, process)
        if people is not None:
            return process, url, people
        process.kill()  # somebody else took the port between our look and its bind
        process.wait()
    raise click.ClickException(f"the simulator did not start; see {home / LOG}")


def _people(url: str, process: subprocess.Popen[bytes]) -> list[dict[str, Any]] | None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            found: list[dict[str, Any]] = _call(f"{url}/_world/people")
        except (URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > deadline:
                return None
            time.sleep(0.05)
        else:
            # Another simulator may be there, and ours about to find the port taken.
            time.sleep(0.2)
            return found if process.poll() is None else None


def _service_account(url: str) -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    trusted = {"account": _ACCOUNT, "public_key": public.decode(), "scopes": list(_SCOPES)}
    _call(f"{url}/_world", {"verb": "google.trust_key", "args": trusted})
    return {
        "type": "service_account",
        "client_email": _ACCOUNT,
        "private_key": private.decode(),
        "token_uri": f"{url}/google/token",
    }


def _call(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310  # our own loopback server
        return json.load(answer)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
