"""What changed between two lists of files, with renames, as GitHub tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

_SIMILAR = 0.5
"""Git's default: half the content the same makes a rename."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a diff."""

    path: str
    status: str
    """added, removed, modified or renamed."""
    sha: str
    """The blob after; before, where it was removed."""
    additions: int
    deletions: int
    patch: str
    """Hunks without the file header; empty for binary files and pure renames."""
    previous: str = ""


def text_of(content: bytes) -> str | None:
    """The text of a blob; None where it is binary."""
    if b"\0" in content[:8000]:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _patch(before: bytes, after: bytes) -> tuple[int, int, str]:
    old, new = text_of(before), text_of(after)
    if old is None or new is None or before == after:
        return 0, 0, ""
    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))[2:]
    plus = sum(1 for said in lines if said.startswith("+"))
    return plus, sum(1 for said in lines if said.startswith("-")), "\n".join(lines)


def _alike(one: bytes, other: bytes) -> float:
    if one == other:
        return 1.0
    old, new = text_of(one), text_of(other)
    if not old or not new:
        return 0.0
    return SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False).ratio()


def changes(
    before: Mapping[str, str], after: Mapping[str, str], blobs: Mapping[str, bytes]
) -> list[FileChange]:
    """The diff from `before` to `after` (path → blob), sorted by path."""
    gone = {path for path in before if path not in after}
    come = {path for path in after if path not in before}
    found = []
    pairs = sorted(
        ((_alike(blobs[before[g]], blobs[after[c]]), g, c) for g in gone for c in come),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    for alike, old, new in pairs:
        if alike >= _SIMILAR and old in gone and new in come:
            gone.discard(old)
            come.discard(new)
            plus, minus, patch = _patch(blobs[before[old]], blobs[after[new]])
            found.append(FileChange(new, "renamed", after[new], plus, minus, patch, old))
    for path in gone:
        plus, minus, patch = _patch(blobs[before[path]], b"")
        found.append(FileChange(path, "removed", before[path], plus, minus, patch))
    for path in come:
        plus, minus, patch = _patch(b"", blobs[after[path]])
        found.append(FileChange(path, "added", after[path], plus, minus, patch))
    for path, sha in after.items():
        if path in before and before[path] != sha:
            plus, minus, patch = _patch(blobs[before[path]], blobs[sha])
            found.append(FileChange(path, "modified", sha, plus, minus, patch))
    return sorted(found, key=lambda change: change.path)


def locate(patch: str, line: int) -> tuple[int, str] | None:
    """Where line `line` of the new file stands in a diff: its position, and its hunk so far.

    Positions count the lines below the first ``@@``, later ``@@`` lines included; None where
    the line is not in the diff.
    https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
    """
    hunk: list[str] = []
    at = 0
    for position, said in enumerate(patch.split("\n")):
        if said.startswith("@@"):
            hunk, at = [], int(said.split("+")[1].split(",")[0].split(" ")[0]) - 1
        hunk.append(said)
        if said[:1] in ("+", " ", ""):
            at += 1
            if at == line:
                return position, "\n".join(hunk)
    return None
