"""Git, as far as a server needs it: objects by their true SHA-1, branches, history."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from typing import NamedTuple

FILE, FOLDER = "100644", "040000"


class Entry(NamedTuple):
    """One line of a tree."""

    mode: str
    """`FILE` or `FOLDER`, six digits as the API writes them."""
    name: str
    sha: str


@dataclass(frozen=True, slots=True)
class Ident:
    """Whom a commit names, frozen when it was made."""

    person: str
    """The person's id; empty for a service."""
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with the flat list of what it holds."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    by: Ident
    at: datetime
    message: str
    files: Mapping[str, str]
    """Path → blob."""


def object_sha(kind: str, content: bytes) -> str:
    """The name of a Git object, as `git hash-object` gives it."""
    return sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()  # noqa: S324


class Git:
    """One repository's objects and branches."""

    def __init__(self, default: str = "main"):
        """Begin empty, with `default` as the branch that HEAD names."""
        self.default = default
        self.blobs: MutableMapping[str, bytes] = {}
        self.trees: dict[str, tuple[Entry, ...]] = {}
        self.commits: dict[str, Commit] = {}
        self.branches: dict[str, str] = {}
        """Branch → commit."""

    @property
    def head(self) -> Commit | None:
        """The tip of the default branch; None while the repository is empty."""
        return self.commits.get(self.branches.get(self.default, ""))

    def put(self, content: bytes) -> str:
        """Keep a blob; tells its name."""
        sha = object_sha("blob", content)
        self.blobs[sha] = content
        return sha

    def size_of(self, blob: str) -> int:
        """A blob's bytes."""
        return len(self.blobs[blob])

    def commit(
        self,
        files: Mapping[str, str],
        parents: Iterable[str],
        by: Ident,
        at: datetime,
        message: str,
    ) -> Commit:
        """Keep a commit of `files` (path → blob); no branch moves."""
        tree = self._plant(files)
        parents = tuple(parents)
        raw = _commit_bytes(tree, parents, by, at, message)
        made = Commit(object_sha("commit", raw), tree, parents, by, at, message, dict(files))
        self.commits[made.sha] = made
        return made

    def _plant(self, files: Mapping[str, str]) -> str:
        folders: dict[str, dict[str, str]] = {}
        entries = []
        for path, blob in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(name, {})[rest] = blob
            else:
                entries.append(Entry(FILE, name, blob))
        entries += [Entry(FOLDER, name, self._plant(inside)) for name, inside in folders.items()]
        # Git sorts folders as if their names ended in a slash.
        entries.sort(key=lambda e: (e.name + "/" if e.mode == FOLDER else e.name).encode())
        sha = object_sha("tree", _tree_bytes(entries))
        self.trees[sha] = tuple(entries)
        return sha

    def find(self, ref: str) -> Commit | None:
        """The commit that a branch name, ``refs/heads/…``, ``HEAD`` or SHA (7 or more) means."""
        if ref in ("", "HEAD"):
            return self.head
        name = ref.removeprefix("refs/").removeprefix("heads/")
        sha = self.branches.get(ref) or self.branches.get(name) or ref
        found = self.commits.get(sha)
        if found is None and 7 <= len(sha) < 40:
            close = [c for key, c in self.commits.items() if key.startswith(sha)]
            found = close[0] if len(close) == 1 else None
        return found

    def raw(self, sha: str) -> tuple[str, bytes]:
        """An object's type and bytes.

        Raises:
            KeyError: there is none.
        """
        if sha in self.blobs:
            return "blob", self.blobs[sha]
        if sha in self.trees:
            return "tree", _tree_bytes(self.trees[sha])
        found = self.commits[sha]
        raw = _commit_bytes(found.tree, found.parents, found.by, found.at, found.message)
        return "commit", raw

    def history(self, start: Iterable[str]) -> Iterator[Commit]:
        """Commits reachable from `start`, newest first, children before their parents."""
        seen: set[str] = set()
        waiting: list[tuple[float, int, str]] = []
        count = 0
        depth = self._depths()

        def put(sha: str) -> None:
            nonlocal count
            if sha not in seen and sha in self.commits:
                seen.add(sha)
                count += 1
                at = self.commits[sha].at.timestamp()
                heapq.heappush(waiting, (-at, -depth[sha] * 10**6 + count, sha))

        for sha in start:
            put(sha)
        while waiting:
            found = self.commits[heapq.heappop(waiting)[2]]
            yield found
            for parent in found.parents:
                put(parent)

    def _depths(self) -> dict[str, int]:
        found: dict[str, int] = {}
        # Commits are kept in the order of their making, so parents come first.
        for sha, commit in self.commits.items():
            found[sha] = 1 + max((found.get(p, 0) for p in commit.parents), default=0)
        return found

    def merge_base(self, one: str, other: str) -> Commit | None:
        """The newest commit that both can reach."""
        mine = {c.sha for c in self.history([one])}
        return next((c for c in self.history([other]) if c.sha in mine), None)

    def objects(self, commits: Iterable[Commit]) -> Iterator[str]:
        """Every object that these commits need, each once: commits, then trees and blobs."""
        commits = list(commits)
        yield from (c.sha for c in commits)
        seen: set[str] = set()
        waiting = [c.tree for c in commits]
        while waiting:
            sha = waiting.pop()
            if sha in seen:
                continue
            seen.add(sha)
            yield sha
            waiting += [entry.sha for entry in self.trees.get(sha, ())]

    def walk(self, tree: str, above: str = "") -> Iterator[tuple[str, Entry]]:
        """Everything below a tree with its path, folders before what is in them."""
        for entry in self.trees[tree]:
            path = f"{above}{entry.name}"
            yield path, entry
            if entry.mode == FOLDER:
                yield from self.walk(entry.sha, f"{path}/")


def _tree_bytes(entries: Iterable[Entry]) -> bytes:
    return b"".join(
        f"{e.mode.lstrip('0')} {e.name}\0".encode() + bytes.fromhex(e.sha) for e in entries
    )


def _commit_bytes(
    tree: str, parents: tuple[str, ...], by: Ident, at: datetime, message: str
) -> bytes:
    who = f"{by.name} <{by.email}> {int(at.timestamp())} +0000"
    lines = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {who}", f"committer {who}"]
    return ("\n".join(lines) + f"\n\n{message}\n").encode()
