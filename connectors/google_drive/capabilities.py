"""What a sync of Google Drive needs to do, each thing tried with one request.

A service account is given a token for a single scope at a time, because Google refuses a token
altogether when one of several scopes is not delegated and does not say which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from connectors.capability import Capability, Outcome, tried
from connectors.google_drive.client import DIRECTORY_SCOPES, GoogleClient
from connectors.google_drive.content import fetch, media_type
from connectors.google_drive.file import MY_DRIVE, DriveFile
from connectors.google_drive.files import Files
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import AuthenticationFailed
from corpus import Container

_ROLE = "Make the account a content manager of the drive, or name an administrator as the subject."


def of_container(
    container: Container,
    files: Files,
    client: GoogleClient,
    begin: Callable[[], object],
    max_bytes: int,
) -> Iterator[Capability]:
    """Listing, changes, permissions and bodies, on the first files of one container.

    Args:
        container: a shared drive or a My Drive.
        files: its files.
        client: Drive, as the account that reads it.
        begin: takes a place in its change log.
        max_bytes: larger bodies are not tried.
    """
    where = "a My Drive" if container.id.startswith(MY_DRIVE) else "a shared drive"
    listed: list[DriveFile] = []
    yield tried(
        f"list the files of {where}",
        "everything",
        lambda: listed.extend(next(files.pages()).files),
        "Check that the account is still a member of the drive.",
    )
    yield tried(f"follow the changes of {where}", "a sync that costs what changed", begin)
    name, needed = f"read who may read a file of {where}", "every document: without it nobody may"
    if listed:
        yield tried(name, needed, partial(_permissions, client, listed[0]), _ROLE)
    else:
        yield Capability.untried(name, needed, "there is no file to try it on")
    name, needed = f"read the text of a file of {where}", "finding it by more than its title"
    readable = [
        f
        for f in listed
        if media_type(f) and f.downloadable and f.size <= min(max_bytes, 1_000_000)
    ]
    if readable:
        yield tried(name, needed, partial(fetch, client, readable[0], max_bytes), _ROLE)
    else:
        yield Capability.untried(name, needed, "there is no small file to try it on")


def of_directory(
    acting: Callable[[tuple[str, ...]], GoogleClient], customer: str
) -> Iterator[Capability]:
    """Groups and their members, each under the scope that it needs.

    Args:
        acting: makes a client of the Directory API with these scopes alone.
        customer: whose groups.
    """
    groups_scope, members_scope = DIRECTORY_SCOPES
    found: list[dict[str, Any]] = []
    remedy = "GOOGLE_DRIVE_SUBJECT must be an administrator who may read groups."

    def groups() -> None:
        client = acting((groups_scope,))
        page = client.told(lambda: client.service.groups().list(customer=customer, maxResults=1))
        found.extend(page.get("groups") or [])

    def members() -> None:
        client = acting((members_scope,))
        key = str(found[0]["id"]) if found else "none"
        client.told(lambda: client.service.members().list(groupKey=key, maxResults=1))

    needed = "documents that are shared with groups"
    yield tried("list the groups of the directory", needed, groups, remedy)
    name = "list the members of a group"
    if found:
        yield tried(name, needed, members, remedy)
        return
    # There is no group to ask about, or none may be listed: then only the scope can be tried.
    told = tried(name, needed, members, remedy)
    if told.outcome is Outcome.FAILS and "not delegated" in told.reason:
        yield told
    else:
        yield Capability.untried(name, needed, "no group is seen to try it on")


def of_users(
    settings: GoogleDriveSettings, acting: Callable[[str], GoogleClient]
) -> Iterator[Capability]:
    """Acting for each of the configured users; the key's own refusal is told once for all."""
    name, needed = "act for each user of GOOGLE_DRIVE_USERS", "their My Drives"
    if not settings.users:
        return
    refused = []
    for place, user in enumerate(settings.users, 1):
        client = acting(user.lower())
        try:
            told = tried(name, needed, partial(who, client))
        except AuthenticationFailed:
            refused.append(str(place))
            continue
        if told.outcome is Outcome.FAILS:
            yield told
            return
    if refused:
        yield Capability(
            name,
            needed,
            Outcome.FAILS,
            f"those in place {', '.join(refused)} can't be acted for",
            "They are suspended, deleted, from outside or misspelt: leave them out.",
        )
    else:
        yield Capability(name, needed, Outcome.WORKS)


def who(client: GoogleClient) -> dict[str, Any]:
    """The account that `client` acts as; raises as its `told` does."""
    return client.told(lambda: client.service.about().get(fields="user(permissionId)"))


def _permissions(client: GoogleClient, file: DriveFile) -> None:
    client.told(
        lambda: client.service.permissions().list(
            fileId=file.id, pageSize=1, supportsAllDrives=True, fields="permissions(id)"
        )
    )
