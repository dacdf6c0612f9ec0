"""How commits, files and diffs look in REST."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from simulator.github.diffs import FileChange, changes
from simulator.github.git import FOLDER, Commit, Ident
from simulator.github.ids import git_node_id
from simulator.github.model import Repo
from simulator.github.show import Json, Show, stamp

_UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def wrapped(content: bytes) -> str:
    """Base64 in lines of 60, as GitHub sends it."""
    text = base64.b64encode(content).decode()
    return "".join(f"{text[at : at + 60]}\n" for at in range(0, len(text), 60))


class ShowGit:
    """Makes JSON about one repository's content."""

    def __init__(self, show: Show, repo: Repo):
        """Write links for the address that was called."""
        self.show, self.repo = show, repo
        self.url, self.page = show.repo_url(repo), show.repo_page(repo)

    def _ident(self, by: Ident, commit: Commit) -> Json:
        return {"name": by.name, "email": by.email, "date": stamp(commit.at)}

    def _inner(self, commit: Commit) -> Json:
        return {
            "author": self._ident(commit.by, commit),
            "committer": self._ident(commit.by, commit),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{self.url}/git/trees/{commit.tree}"},
            "verification": _UNSIGNED,
        }

    def _parents(self, commit: Commit, kind: str) -> list[Json]:
        return [
            {"sha": p, "url": f"{self.url}/{kind}/{p}", "html_url": f"{self.page}/commit/{p}"}
            for p in commit.parents
        ]

    def commit(self, commit: Commit) -> Json:
        """A commit in a list."""
        author = self.show.user(commit.by.person)
        return {
            "sha": commit.sha,
            "node_id": git_node_id("C", self.repo.id, commit.sha),
            "commit": self._inner(commit)
            | {"url": f"{self.url}/git/commits/{commit.sha}", "comment_count": 0},
            "url": f"{self.url}/commits/{commit.sha}",
            "html_url": f"{self.page}/commit/{commit.sha}",
            "comments_url": f"{self.url}/commits/{commit.sha}/comments",
            "author": author,
            "committer": author,
            "parents": self._parents(commit, "commits"),
        }

    def changed(self, commit: Commit) -> list[FileChange]:
        """What a commit changed against its first parent."""
        first = self.repo.git.commits.get(commit.parents[0]) if commit.parents else None
        return changes(first.files if first else {}, commit.files, self.repo.git.blobs)

    def commit_full(self, commit: Commit) -> Json:
        """A commit with its files."""
        files = self.changed(commit)
        plus, minus = sum(f.additions for f in files), sum(f.deletions for f in files)
        return self.commit(commit) | {
            "stats": {"total": plus + minus, "additions": plus, "deletions": minus},
            "files": [self.change(f, commit.sha) for f in files],
        }

    def git_commit(self, commit: Commit) -> Json:
        """A git-commit."""
        return self._inner(commit) | {
            "sha": commit.sha,
            "node_id": git_node_id("C", self.repo.id, commit.sha),
            "url": f"{self.url}/git/commits/{commit.sha}",
            "html_url": f"{self.page}/commit/{commit.sha}",
            "parents": self._parents(commit, "git/commits"),
        }

    def change(self, change: FileChange, ref: str) -> Json:
        """A diff-entry."""
        path = quote(change.path)
        found = {
            "sha": change.sha,
            "filename": change.path,
            "status": change.status,
            "additions": change.additions,
            "deletions": change.deletions,
            "changes": change.additions + change.deletions,
            "blob_url": f"{self.page}/blob/{ref}/{path}",
            "raw_url": f"{self.page}/raw/{ref}/{path}",
            "contents_url": f"{self.url}/contents/{path}?ref={ref}",
        }
        if change.patch:
            found["patch"] = change.patch
        if change.previous:
            found["previous_filename"] = change.previous
        return found

    def entry(self, path: str, sha: str, kind: str, ref: str) -> Json:
        """A file (``blob``) or folder (``tree``) without its content."""
        where, web = quote(path), "blob" if kind == "blob" else "tree"
        url = f"{self.url}/contents/{where}?ref={ref}"
        git_url = f"{self.url}/git/{kind}s/{sha}"
        html_url = f"{self.page}/{web}/{ref}/{where}"
        return {
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": sha,
            "size": self.repo.git.size_of(sha) if kind == "blob" else 0,
            "url": url,
            "html_url": html_url,
            "git_url": git_url,
            "download_url": f"{self.page}/raw/{ref}/{where}" if kind == "blob" else None,
            "type": "file" if kind == "blob" else "dir",
            "_links": {"self": url, "git": git_url, "html": html_url},
        }

    def file(self, path: str, sha: str, ref: str) -> Json:
        """A content-file: up to 1 MB with its content."""
        content = self.repo.git.blobs[sha]
        small = len(content) <= 1024 * 1024
        return self.entry(path, sha, "blob", ref) | {
            "content": wrapped(content) if small else "",
            "encoding": "base64" if small else "none",
        }

    def blob(self, sha: str) -> Json:
        """A blob."""
        content = self.repo.git.blobs[sha]
        return {
            "sha": sha,
            "node_id": git_node_id("B", self.repo.id, sha),
            "size": len(content),
            "url": f"{self.url}/git/blobs/{sha}",
            "content": wrapped(content),
            "encoding": "base64",
        }

    def tree_entries(self, tree: str, recursive: bool) -> list[Json]:
        """The entries of a tree."""
        git = self.repo.git
        if recursive:
            found = list(git.walk(tree))
        else:
            found = [(entry.name, entry) for entry in git.trees[tree]]
        rows = []
        for path, entry in found:
            kind = "tree" if entry.mode == FOLDER else "blob"
            row: dict[str, Any] = {"path": path, "mode": entry.mode, "type": kind, "sha": entry.sha}
            if kind == "blob":
                row["size"] = git.size_of(entry.sha)
            rows.append(row | {"url": f"{self.url}/git/{kind}s/{entry.sha}"})
        return rows

    def ref(self, branch: str, sha: str) -> Json:
        """A git-ref."""
        return {
            "ref": f"refs/heads/{branch}",
            "node_id": git_node_id("REF", self.repo.id, branch),
            "url": f"{self.url}/git/refs/heads/{quote(branch)}",
            "object": {"sha": sha, "type": "commit", "url": f"{self.url}/git/commits/{sha}"},
        }

    def branch(self, branch: str, sha: str) -> Json:
        """A short-branch."""
        return {
            "name": branch,
            "commit": {"sha": sha, "url": f"{self.url}/commits/{sha}"},
            "protected": False,
        }
