"""Issues and pull requests, each with its comments and reviews as one Markdown document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from access import AccessControl, Source
from connectors.github.client import GitHubClient
from connectors.instants import instant
from connectors.left_out import TOO_LARGE
from corpus import Content, Document

_RENDERING = 1
"""Raise when the same issue is written differently than before, so that it is read again."""


def issue_id(repository: str, issue: dict[str, Any]) -> str:
    """The document's id; issues and pull requests share one row of numbers."""
    return f"{repository}/issue/{issue['number']}"


def issue_version(issue: dict[str, Any]) -> str:
    """Changes with the text and the comments: a deleted comment may leave the time alone."""
    return f"{issue.get('updated_at')}/{issue.get('comments') or 0}/{_RENDERING}"


def document(
    client: GitHubClient,
    repository: dict[str, Any],
    issue: dict[str, Any],
    max_bytes: int,
    access: AccessControl,
) -> Document:
    """The issue or pull request as a whole.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        Refused: its comments can't be read.
    """
    pull = "pull_request" in issue
    id = str(repository["id"])
    text = "\n\n".join(_text(client, str(repository["full_name"]), issue, pull)) + "\n"
    data = text.encode(errors="replace")
    content = Content(data, "text/markdown")
    if len(data) > max_bytes:
        content = Content(None, "text/markdown", TOO_LARGE)
    people = (issue.get("user"), *(issue.get("assignees") or ()))
    return Document(
        source=Source.GITHUB,
        id=issue_id(id, issue),
        container_id=id,
        title=str(issue.get("title") or ""),
        url=str(issue.get("html_url") or ""),
        content=content,
        version=issue_version(issue),
        owners=tuple(dict.fromkeys(_login(who) for who in people)),
        created_at=instant(issue.get("created_at")),
        modified_at=instant(issue.get("updated_at")),
        access=access,
        kind="pull_request" if pull else "issue",
    )


def _text(client: GitHubClient, name: str, issue: dict[str, Any], pull: bool) -> Iterator[str]:
    number = issue["number"]
    labels = [str(label.get("name")) for label in issue.get("labels") or []]
    said = f"{'Pull request' if pull else 'Issue'} #{number}, {issue.get('state')}, "
    said += f"opened by {_login(issue.get('user'))}{_on(issue.get('created_at'))}"
    yield f"# {issue.get('title')}"
    yield said + (f". Labels: {', '.join(labels)}." if labels else ".")
    if issue.get("body"):
        yield _clean(issue["body"])
    notes = []
    if issue.get("comments"):
        path = f"/repos/{name}/issues/{number}/comments"
        notes += [("Comment", c, c.get("created_at")) for c in client.rows(path)]
    if pull:
        path = f"/repos/{name}/pulls/{number}"
        notes += [
            (f"Review ({str(r.get('state')).lower()})", r, r.get("submitted_at"))
            for r in client.rows(f"{path}/reviews")
        ]
        notes += [
            (f"Comment on {c.get('path')}", c, c.get("created_at"))
            for c in client.rows(f"{path}/comments")
        ]
    for what, note, when in sorted(notes, key=lambda n: (str(n[2] or ""), n[1].get("id") or 0)):
        if note.get("body"):
            yield f"## {what} by {_login(note.get('user'))}{_on(when)}"
            yield _clean(note["body"])


def _login(user: dict[str, Any] | None) -> str:
    return str((user or {}).get("login") or "ghost")


def _on(time: str | None) -> str:
    return f" on {time[:10]}" if time else ""


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
