"""A little GitHub over real sockets, for the rarer answers that the simulator does not make."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from access import Clause, Principal, PrincipalKind, Source
from connectors.github.connector import GitHubConnector
from connectors.github.settings import GitHubSettings
from corpus import Container, Document, Upsert
from tests.fixtures.wire import Answer, Asked, Wire, serving

BOX = Container(Source.GITHUB, "1", "acme/app", "")
NOT_FOUND = Answer({"message": "Not Found"}, 404)


def blob(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "mode": "100644", "type": "blob", "sha": f"sha-{path}", "size": 3, **more}


def issue(number: int, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": f"secret title {number}",
        "body": "words",
        "state": "open",
        "comments": 0,
        "user": {"login": "ava", "id": 7},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
        "html_url": f"https://github.com/acme/app/issues/{number}",
        **more,
    }


def reader(id: int, pull: bool = True) -> dict[str, Any]:
    return {"id": id, "login": f"u{id}", "permissions": {"pull": pull}}


@dataclass
class Hub:
    """A little GitHub: answers by path, each replaceable."""

    repository: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    before: list[Answer] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        if self.before:
            return self.before.pop(0)
        if asked.path in self.answers:
            return self.answers[asked.path]
        name = asked.path.removeprefix("/repos/acme/app")
        if name == "":
            return Answer(
                {
                    "id": 1,
                    "full_name": "acme/app",
                    "owner": {"login": "Acme"},
                    "visibility": "private",
                    "default_branch": "main",
                    "html_url": "https://github.com/acme/app",
                    **self.repository,
                }
            )
        if name in self.answers:
            return self.answers[name]
        if name == "/git/trees/main":
            return Answer({"sha": "T", "tree": [blob("README.md")], "truncated": False})
        if name.startswith("/git/blobs/"):
            return Answer({"encoding": "base64", "content": base64.b64encode(b"# hi").decode()})
        if name == "/issues":
            return Answer([issue(1)])
        if name == "/collaborators":
            return Answer([reader(7), reader(8), reader(9, pull=False)])
        if name == "/teams":
            return Answer([{"id": 5, "slug": "eng", "permissions": {"pull": True}}])
        return NOT_FOUND


@contextmanager
def connected(
    hub: Any, slept: list[float] | None = None, **settings: Any
) -> Iterator[tuple[GitHubConnector, Wire]]:
    with serving(hub) as wire:
        given = {
            "token": "t",
            "api_url": wire.url,
            "organisations": ("acme",),
            "attempts": 3,
            **settings,
        }
        sleep = slept.append if slept is not None else lambda _: None
        yield GitHubConnector(GitHubSettings(_env_file=None, **given), sleep=sleep), wire


def read(hub: Hub, **settings: Any) -> dict[str, Document]:
    with connected(hub, **settings) as (connector, _):
        changes = [c for p in connector.changes(BOX, None, lambda _: {}) for c in p.changes]
    return {c.document.id: c.document for c in changes if isinstance(c, Upsert)}


def readers(hub: Hub, **settings: Any) -> Clause:
    with connected(hub, **settings) as (connector, _):
        (clause,) = {c for p in connector.permissions(BOX, None) for c in p.clauses}
    return clause


def named(kind: PrincipalKind, id: str) -> Principal:
    return Principal(Source.GITHUB, kind, id)


def principals(clause: Clause) -> set[Principal]:
    assert clause.grants is not None
    return {g.principal for g in clause.grants}
