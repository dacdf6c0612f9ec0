"""A little Drive over real sockets, for the rarer answers that no emulator makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from access import Clause, Source
from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from corpus import Container, Document, Upsert
from tests.fixtures.wire import Answer, Asked, Wire, serving

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BOX = Container(Source.GOOGLE_DRIVE, "my-drive-1", "My Drive", "")
SHARED = Container(Source.GOOGLE_DRIVE, "D", "Shared", "")


def file(id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "name": f"secret title {id}",
        "mimeType": "text/plain",
        "parents": ["F"],
        "size": "2",
        "modifiedTime": "2026-01-01T00:00:00.000Z",
        "inheritedPermissionsDisabled": False,
        **more,
    }


def allow(email: str, **more: Any) -> dict[str, Any]:
    return {"type": "user", "role": "reader", "emailAddress": email, "id": email, **more}


@dataclass
class Drive:
    """A little Drive: its pages, permissions and bodies, each replaceable by an `Answer`."""

    pages: list[list[dict[str, Any]]] = field(default_factory=lambda: [[file("a"), file("b")]])
    permissions: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, Answer] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    list_extra: dict[str, Any] = field(default_factory=dict)
    before: list[Answer] = field(default_factory=list)
    known_fields: bool = True

    def __call__(self, asked: Asked) -> Answer:
        if self.before:
            return self.before.pop(0)
        parts = asked.path.removeprefix("/drive/v3/").split("/")
        if parts[0] == "changes":
            return Answer({"startPageToken": "7", "newStartPageToken": "7", "changes": []})
        if parts == ["files"] and "mimeType = " in asked.query["q"]:
            return Answer({"files": []})
        if len(parts) == 2 and asked.query.get("alt") != "media":
            return refuse(404, "notFound")
        if parts == ["files"]:
            return self.files(asked)
        if parts[-1] == "permissions":
            return self.permission_page(parts[1], asked)
        return self.bodies.get(parts[1], Answer(b"hi"))

    def files(self, asked: Asked) -> Answer:
        if not self.known_fields and "inheritedPermissionsDisabled" in asked.query["fields"]:
            return refuse(400, "invalidParameter", "'inheritedPermissionsDisabled' is not served")
        token = asked.query.get("pageToken", "")
        number = int(token or 0)
        if number >= len(self.pages):
            return refuse(400, "invalid", "Invalid Value", "pageToken")
        following = str(number + 1) if number + 1 < len(self.pages) else ""
        following = self.tokens.get(token, following)
        more = {"nextPageToken": following} if following else {}
        listed = self.pages[number]
        if not self.known_fields:
            listed = [
                {k: v for k, v in f.items() if k != "inheritedPermissionsDisabled"} for f in listed
            ]
        return Answer({"files": listed, **more, **self.list_extra})

    def permission_page(self, id: str, asked: Asked) -> Answer:
        told = self.permissions.get(id, [allow("ava@acme.com")])
        if isinstance(told, Answer):
            return told
        start = int(asked.query.get("pageToken", 0))
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(told) else {}
        return Answer({"permissions": told[start : start + 2], **more})


def refuse(status: int, reason: str, message: str = "no", location: str = "") -> Answer:
    error = {"reason": reason, "message": message, "location": location}
    return Answer({"error": {"code": status, "message": message, "errors": [error]}}, status)


@contextmanager
def connected(
    drive: Drive, slept: list[float] | None = None, **settings: Any
) -> Iterator[tuple[GoogleDriveConnector, Wire]]:
    with serving(drive) as wire:
        given = {"access_token": "t", "api_root": wire.url, "attempts": 3, **settings}
        options = GoogleDriveSettings(_env_file=None, **given)
        sleep = slept.append if slept is not None else lambda _: None
        yield GoogleDriveConnector(options, sleep=sleep), wire


def read(drive: Drive, box: Container = BOX, **settings: Any) -> dict[str, Document]:
    with connected(drive, **settings) as (connector, _):
        changes = [c for p in connector.changes(box, None, lambda _: {}) for c in p.changes]
    return {c.document.id: c.document for c in changes if isinstance(c, Upsert)}


def only(document: Document) -> Clause:
    (clause,) = document.access.clauses
    return clause


def names(clause: Clause) -> set[str]:
    assert clause.grants is not None
    return {g.principal.id for g in clause.grants}
