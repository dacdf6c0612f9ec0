"""Verbs on files, branches and wiki pages: each makes a commit."""

from __future__ import annotations

import base64

from simulator.github.git import Commit, Git
from simulator.github.model import Repo
from simulator.github.repos import RepoVerbs
from simulator.verbs import VerbError, verb


def page_name(title: str) -> str:
    """A wiki page's name in addresses and in Git, without its extension."""
    return title.replace(" ", "-").replace("/", "-")


class FileVerbs(RepoVerbs):
    """What Git holds."""

    def _on(self, repo: Repo, branch: str) -> tuple[str, Commit | None]:
        branch = branch or repo.git.default
        tip = repo.git.commits.get(repo.git.branches.get(branch, ""))
        if tip is None and (branch != repo.git.default or repo.git.branches):
            raise VerbError(f"no branch {branch}")
        return branch, tip

    def _commit(
        self,
        repo: Repo,
        branch: str,
        files: dict[str, str],
        by: str,
        message: str,
        at: str,
        kind: str,
    ) -> str:
        branch, tip = self._on(repo, branch)
        made = repo.git.commit(
            files, (tip.sha,) if tip else (), self.ident(by), self._when(at), message
        )
        repo.git.branches[branch] = made.sha
        repo.pushed = max(repo.pushed, made.at)
        self._follow(repo, branch, made.sha, at)
        self._touched(repo, kind, made.sha)
        return made.sha

    def _follow(self, repo: Repo, branch: str, sha: str, at: str) -> None:
        """Open pull requests move with their branch."""
        for issue in repo.issues.values():
            if issue.pull and issue.state == "open" and issue.pull.head == branch:
                issue.pull.head_sha, issue.updated = sha, self._when(at)

    @verb
    def write_file(
        self,
        repo: str,
        path: str,
        text: str,
        by: str,
        branch: str = "",
        message: str = "",
        encoded: bool = False,
        at: str = "",
    ) -> str:
        """Create or change a file in one commit; tells the commit.

        Args:
            repo: the repository.
            path: where, without a leading slash.
            text: the whole new content.
            by: whose commit it is; empty for the service.
            branch: the default one if empty.
            message: what the commit says.
            encoded: whether `text` is base64.
            at: when; now if empty.
        """
        found = self.repo(repo)
        if not path or any(part in ("", ".", "..", ".git") for part in path.split("/")):
            raise VerbError(f"no path {path}")
        try:
            content = base64.b64decode(text, validate=True) if encoded else text.encode()
        except ValueError as wrong:
            raise VerbError("not base64") from wrong
        _, tip = self._on(found, branch)
        files = dict(tip.files) if tip else {}
        above = path.split("/")[:-1]
        if any("/".join(above[: n + 1]) in files for n in range(len(above))) or any(
            held.startswith(f"{path}/") for held in files
        ):
            raise VerbError(f"{path} is in the way of another file")
        self._author(by)
        known = path in files
        files[path] = found.git.put(content)
        said = message or f"{'Update' if known else 'Create'} {path.rpartition('/')[2]}"
        return self._commit(found, branch, files, by, said, at, "write_file")

    @verb
    def write_files(
        self,
        repo: str,
        files: dict[str, str],
        by: str,
        branch: str = "",
        message: str = "",
        at: str = "",
    ) -> str:
        """Create or change many files in one commit; tells the commit."""
        found = self.repo(repo)
        _, tip = self._on(found, branch)
        self._author(by)
        held = dict(tip.files) if tip else {}
        held |= {path: found.git.put(text.encode()) for path, text in files.items()}
        said = message or f"Update {len(files)} files"
        return self._commit(found, branch, held, by, said, at, "write_files")

    @verb
    def move_file(
        self,
        repo: str,
        path: str,
        to: str,
        by: str,
        text: str | None = None,
        branch: str = "",
        message: str = "",
        at: str = "",
    ) -> str:
        """Rename a file, perhaps with new content, in one commit; tells the commit."""
        found = self.repo(repo)
        _, tip = self._on(found, branch)
        if tip is None or path not in tip.files or to in tip.files or not to:
            raise VerbError(f"can't move {path} to {to}")
        self._author(by)
        files = dict(tip.files)
        blob = files.pop(path)
        files[to] = blob if text is None else found.git.put(text.encode())
        said = message or f"Rename {path} to {to}"
        return self._commit(found, branch, files, by, said, at, "move_file")

    @verb
    def delete_file(
        self, repo: str, path: str, by: str, branch: str = "", message: str = "", at: str = ""
    ) -> str:
        """Delete a file in one commit; tells the commit."""
        found = self.repo(repo)
        _, tip = self._on(found, branch)
        if tip is None or path not in tip.files:
            raise VerbError(f"no file {path}")
        self._author(by)
        files = {held: blob for held, blob in tip.files.items() if held != path}
        said = message or f"Delete {path.rpartition('/')[2]}"
        return self._commit(found, branch, files, by, said, at, "delete_file")

    @verb
    def create_branch(self, repo: str, branch: str, source: str = "") -> str:
        """A new branch at a branch or commit, the default one if empty; tells its commit."""
        found = self.repo(repo)
        at = found.git.find(source or found.git.default)
        if at is None:
            raise VerbError(f"no commit {source}")
        if branch in found.git.branches:
            raise VerbError(f"{branch} is taken")
        found.git.branches[branch] = at.sha
        self._touched(found, "create_branch", branch)
        return at.sha

    @verb
    def delete_branch(self, repo: str, branch: str) -> None:
        """Delete a branch; its commits stay reachable by their names."""
        found = self.repo(repo)
        if branch not in found.git.branches or branch == found.git.default:
            raise VerbError(f"can't delete {branch}")
        del found.git.branches[branch]
        for issue in found.issues.values():
            if issue.pull and issue.pull.head == branch and issue.state == "open":
                issue.state, issue.closed = "closed", self._when("")
        self._touched(found, "delete_branch", branch)

    @verb
    def force_push(self, repo: str, branch: str, commit: str) -> None:
        """Let a branch point to another commit, whatever was there."""
        found = self.repo(repo)
        at = found.git.find(commit)
        if branch not in found.git.branches or at is None:
            raise VerbError(f"can't move {branch} to {commit}")
        found.git.branches[branch] = at.sha
        self._follow(found, branch, at.sha, "")
        found.pushed = self._when("")
        self._touched(found, "force_push", branch)

    @verb
    def write_page(
        self, repo: str, title: str, text: str, by: str, message: str = "", at: str = ""
    ) -> str:
        """Create or change a wiki page; tells the commit in the wiki's repository."""
        found = self.repo(repo)
        if not page_name(title):
            raise VerbError("which page?")
        path = f"{page_name(title)}.md"
        known = found.wiki.head is not None and path in found.wiki.head.files
        said = message or f"{'Updated' if known else 'Created'} {title} (markdown)"
        return self._page(found, {path: found.wiki.put(text.encode())}, "", by, said, at)

    @verb
    def move_page(self, repo: str, title: str, to: str, by: str, at: str = "") -> str:
        """Rename a wiki page; tells the commit."""
        found = self.repo(repo)
        path, head = f"{page_name(title)}.md", found.wiki.head
        if head is None or path not in head.files:
            raise VerbError(f"no page {title}")
        moved = {f"{page_name(to)}.md": head.files[path]}
        return self._page(found, moved, path, by, f"Renamed {title} to {to}", at)

    @verb
    def delete_page(self, repo: str, title: str, by: str, at: str = "") -> str:
        """Delete a wiki page; tells the commit."""
        found = self.repo(repo)
        path, head = f"{page_name(title)}.md", found.wiki.head
        if head is None or path not in head.files:
            raise VerbError(f"no page {title}")
        return self._page(found, {}, path, by, f"Destroyed {title} (markdown)", at)

    def _page(
        self, repo: Repo, put: dict[str, str], without: str, by: str, message: str, at: str
    ) -> str:
        wiki: Git = repo.wiki
        files = {p: b for p, b in (wiki.head.files if wiki.head else {}).items() if p != without}
        parents = (wiki.head.sha,) if wiki.head else ()
        made = wiki.commit(files | put, parents, self.ident(by), self._when(at), message)
        wiki.branches[wiki.default] = made.sha
        self._touched(repo, "write_page", made.sha)
        return made.sha
