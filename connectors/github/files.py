"""Documentation files: what the default branch's tree holds.

A file's path is its identity: git knows no other, and a rename there is a delete and an add.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from access import AccessControl, Source
from connectors.github.client import GitHubClient
from connectors.github.errors import EMPTY
from connectors.left_out import TOO_LARGE
from connectors.media_types import DOCX, PPTX, XLSX
from connectors.refused import Refused
from corpus import Content, Document

_RENDERING = 1
"""Raise when the same blob is read differently than before, so that it is read again."""
_TYPES = {
    "": "text/plain",
    ".adoc": "text/plain",
    ".asciidoc": "text/plain",
    ".csv": "text/csv",
    ".docx": DOCX,
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".mdx": "text/markdown",
    ".pdf": "application/pdf",
    ".pptx": PPTX,
    ".rst": "text/x-rst",
    ".toml": "text/plain",
    ".txt": "text/plain",
    ".xlsx": XLSX,
    ".yaml": "text/plain",
    ".yml": "text/plain",
}
"""Types by suffix; what has none of these is no document, wherever it lies."""
_LFS = b"version https://git-lfs.github.com/spec/"
_REGULAR = {"100644", "100755"}


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of the tree, without its body."""

    path: str
    sha: str
    size: int
    """Bytes."""

    def id(self, repository: str) -> str:
        """The document's id."""
        return f"{repository}/file/{self.path}"

    def version(self, max_bytes: int) -> str:
        """Changes with the bytes, and when a limit comes to leave them out or in."""
        return f"{self.sha}/{_RENDERING}" + ("/large" if self.size > max_bytes else "")


@dataclass(frozen=True, slots=True)
class Tree:
    """The documentation files of one commit, in the order of their paths."""

    sha: str
    """By which the same tree can be read again; empty for a repository without commits."""
    blobs: tuple[Blob, ...]
    complete: bool
    """Whether GitHub told of every file."""


def tree(client: GitHubClient, name: str, ref: str, patterns: Sequence[str]) -> Tree:
    """The documentation files that `ref` holds.

    A tree too large for one answer is walked folder by folder.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        Refused: `ref` is not there, or the token may not read the repository's contents.
    """
    wanted = tuple(pattern.lower() for pattern in patterns)
    try:
        root = client.get(f"/repos/{name}/git/trees/{quote(ref, safe='')}", recursive="1")
    except Refused as refused:
        if refused.reason == EMPTY:
            return Tree("", (), True)
        raise
    sha = str(root["sha"])
    if root.get("truncated"):
        blobs, complete = _walk(client, name, sha, wanted)
    else:
        blobs, complete = list(_blobs(root, "", wanted)), True
    return Tree(sha, tuple(sorted(blobs, key=lambda blob: blob.path)), complete)


def _walk(
    client: GitHubClient, name: str, root: str, wanted: tuple[str, ...]
) -> tuple[list[Blob], bool]:
    found: list[Blob] = []
    complete = True
    folders = [("", root)]
    while folders:
        prefix, sha = folders.pop()
        told = client.get(f"/repos/{name}/git/trees/{sha}")
        complete = complete and not told.get("truncated")
        found.extend(_blobs(told, prefix, wanted))
        folders.extend(
            (f"{prefix}{entry['path']}/", str(entry["sha"]))
            for entry in told.get("tree") or []
            if entry.get("type") == "tree"
        )
    return found, complete


def _blobs(told: dict[str, Any], prefix: str, wanted: tuple[str, ...]) -> Iterator[Blob]:
    for entry in told.get("tree") or []:
        path = f"{prefix}{entry.get('path')}"
        if (
            entry.get("type") == "blob"
            and entry.get("mode") in _REGULAR
            and PurePosixPath(path).suffix.lower() in _TYPES
            and any(fnmatchcase(path.lower(), pattern) for pattern in wanted)
        ):
            yield Blob(path, str(entry["sha"]), int(entry.get("size") or 0))


def document(
    client: GitHubClient,
    repository: dict[str, Any],
    blob: Blob,
    max_bytes: int,
    access: AccessControl,
) -> Document:
    """The file with its body.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        Refused: this file can't be read.
    """
    id = str(repository["id"])
    branch, page = str(repository["default_branch"]), str(repository.get("html_url") or "")
    return Document(
        source=Source.GITHUB,
        id=blob.id(id),
        container_id=id,
        title=blob.path,
        url=f"{page}/blob/{quote(branch)}/{quote(blob.path)}",
        content=_content(client, str(repository["full_name"]), blob, max_bytes),
        version=blob.version(max_bytes),
        owners=(),
        created_at=None,
        modified_at=None,
        access=access,
    )


def _content(client: GitHubClient, name: str, blob: Blob, max_bytes: int) -> Content:
    media_type = _TYPES[PurePosixPath(blob.path).suffix.lower()]
    if blob.size > max_bytes:
        return Content(None, media_type, TOO_LARGE)
    told = client.get(f"/repos/{name}/git/blobs/{blob.sha}")
    if told.get("encoding") == "base64":
        try:
            data = base64.b64decode(told.get("content") or "")
        except ValueError:
            raise Refused(200) from None
    else:
        data = str(told.get("content") or "").encode()
    if data.startswith(_LFS):
        return Content(None, media_type, "kept in Git LFS")
    return Content(data, media_type)
