"""Verbs on issues and pull requests."""

from __future__ import annotations

from simulator.github.diffs import changes, locate
from simulator.github.model import (
    Comment,
    Issue,
    LineComment,
    Pull,
    Repo,
    Review,
)
from simulator.github.repos import RepoVerbs
from simulator.verbs import VerbError, verb

_VERDICTS = ("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "PENDING")


class TalkVerbs(RepoVerbs):
    """What people say to each other."""

    @verb
    def create_issue(
        self,
        repo: str,
        title: str,
        author: str,
        body: str = "",
        labels: list[str] | None = None,
        assignees: list[str] | None = None,
        at: str = "",
    ) -> int:
        """A new issue; tells its number. An unknown label is made."""
        found = self.repo(repo)
        if not title:
            raise VerbError("an issue needs a title")
        self._author(author)
        for person in assignees or ():
            self.account(person)
        when = self._when(at)
        made = Issue(self._number(), self._next(found), title, body, author, when, when)
        made.labels = self._label(found, labels or [])
        made.assignees = list(assignees or ())
        found.issues[made.number] = made
        self.places[made.id] = (found.id, made.number)
        self._touched(found, "create_issue", made.number)
        return made.number

    @verb
    def edit_issue(
        self, repo: str, number: int, title: str = "", body: str | None = None, at: str = ""
    ) -> None:
        """A new title or body of an issue or pull request."""
        held, found = self.issue(repo, number)
        found.title = title or found.title
        found.body = found.body if body is None else body
        found.updated = self._when(at)
        self._touched(held, "edit_issue", number)

    @verb
    def close_issue(
        self, repo: str, number: int, by: str = "", reason: str = "completed", at: str = ""
    ) -> None:
        """Close an issue or pull request (without merging it)."""
        held, found = self.issue(repo, number)
        if reason not in ("completed", "not_planned", "duplicate"):
            raise VerbError(f"no reason {reason}")
        found.state, found.reason = "closed", "" if found.pull else reason
        found.closed = found.updated = self._when(at)
        found.closed_by = self._author(by)
        self._touched(held, "close_issue", number)

    @verb
    def reopen_issue(self, repo: str, number: int) -> None:
        """Open an issue or unmerged pull request again."""
        held, found = self.issue(repo, number)
        if found.pull and (found.pull.merged or found.pull.head not in held.git.branches):
            raise VerbError("a merged pull request stays closed, and one without its branch")
        found.state, found.reason = "open", "" if found.pull else "reopened"
        found.closed, found.closed_by, found.updated = None, "", self._when("")
        self._touched(held, "reopen_issue", number)

    @verb
    def lock_issue(self, repo: str, number: int, locked: bool = True) -> None:
        """Let only those who may write comment on an issue or pull request, or end that."""
        held, found = self.issue(repo, number)
        found.locked = locked
        self._touched(held, "lock_issue", number)

    @verb
    def delete_issue(self, repo: str, number: int) -> None:
        """Delete an issue with its comments for good."""
        held, found = self.issue(repo, number)
        if found.pull:
            raise VerbError("pull requests can't be deleted")
        for key in (found.id, *found.comments):
            self.places.pop(key, None)
        del held.issues[number]
        self._touched(held, "delete_issue", number)

    @verb
    def label_issue(self, repo: str, number: int, labels: list[str], replace: bool = False) -> None:
        """Put labels on an issue or pull request; `replace` takes all others away."""
        held, found = self.issue(repo, number)
        kept = [] if replace else found.labels
        found.labels = list(dict.fromkeys([*kept, *self._label(held, labels)]))
        found.updated = self._when("")
        self._touched(held, "label_issue", number)

    @verb
    def unlabel_issue(self, repo: str, number: int, label: str) -> None:
        """Take a label away."""
        held, found = self.issue(repo, number)
        if label.lower() not in [name.lower() for name in found.labels]:
            raise VerbError(f"no label {label}")
        found.labels = [name for name in found.labels if name.lower() != label.lower()]
        found.updated = self._when("")
        self._touched(held, "unlabel_issue", number)

    @verb
    def comment(self, repo: str, number: int, author: str, body: str, at: str = "") -> int:
        """A comment on an issue or pull request; tells its id."""
        held, found = self.issue(repo, number)
        self._author(author)
        when = self._when(at)
        made = Comment(self._number(), author, body, when, when)
        found.comments[made.id] = made
        found.updated = max(found.updated, when)
        self.places[made.id] = (held.id, number)
        self._touched(held, "comment", number)
        return made.id

    @verb
    def edit_comment(self, repo: str, number: int, comment: int, body: str) -> None:
        """New words in a comment."""
        held, found = self.issue(repo, number)
        if comment not in found.comments:
            raise VerbError(f"no comment {comment}")
        found.comments[comment].body = body
        found.comments[comment].updated = found.updated = self._when("")
        self._touched(held, "edit_comment", number)

    @verb
    def delete_comment(self, repo: str, number: int, comment: int) -> None:
        """Delete a comment."""
        held, found = self.issue(repo, number)
        if found.comments.pop(comment, None) is None:
            raise VerbError(f"no comment {comment}")
        self.places.pop(comment, None)
        found.updated = self._when("")
        self._touched(held, "delete_comment", number)

    @verb
    def open_pull(
        self,
        repo: str,
        title: str,
        author: str,
        head: str,
        base: str = "",
        body: str = "",
        draft: bool = False,
        reviewers: list[str] | None = None,
        labels: list[str] | None = None,
        at: str = "",
    ) -> int:
        """A pull request from branch `head` into `base` (the default branch); tells its number."""
        found = self.repo(repo)
        base = base or found.git.default
        tips = [found.git.find(found.git.branches.get(name, "none")) for name in (head, base)]
        if tips[0] is None or tips[1] is None or not title:
            raise VerbError(f"no branch {head} or {base}")
        if any(
            i.pull and i.state == "open" and (i.pull.head, i.pull.base) == (head, base)
            for i in found.issues.values()
        ):
            raise VerbError(f"a pull request already exists for {head}")
        fork = found.git.merge_base(tips[0].sha, tips[1].sha)
        if fork is not None and fork.sha == tips[0].sha:
            raise VerbError(f"no commits between {base} and {head}")
        for person in (*([author] if author else []), *(reviewers or ())):
            self.account(person)
        when = self._when(at)
        made = Issue(self._number(), self._next(found), title, body, author, when, when)
        made.pull = Pull(head, base, tips[0].sha, tips[1].sha, draft)
        made.pull.reviewers = list(reviewers or ())
        made.labels = self._label(found, labels or [])
        found.issues[made.number] = made
        self.places[made.id] = (found.id, made.number)
        self._touched(found, "open_pull", made.number)
        return made.number

    def pull(self, repo: str | int, number: int) -> tuple[Repo, Issue, Pull]:
        """A pull request.

        Raises:
            VerbError: there is none.
        """
        held, found = self.issue(repo, number)
        if found.pull is None:
            raise VerbError(f"{number} is no pull request")
        return held, found, found.pull

    @verb
    def ready(self, repo: str, number: int, draft: bool = False) -> None:
        """A draft becomes ready for review, or a draft again."""
        held, found, pull = self.pull(repo, number)
        pull.draft, found.updated = draft, self._when("")
        self._touched(held, "ready", number)

    @verb
    def merge(self, repo: str, number: int, by: str, at: str = "") -> str:
        """Merge a pull request; its side wins where both changed a file. Tells the commit."""
        held, found, pull = self.pull(repo, number)
        if found.state != "open" or pull.draft:
            raise VerbError(f"{number} can't be merged")
        ours, theirs = held.git.branches[pull.base], held.git.branches[pull.head]
        fork = held.git.merge_base(theirs, ours)
        start = fork.files if fork else {}
        files = dict(held.git.commits[ours].files)
        after = held.git.commits[theirs].files
        for path in {*start, *after}:
            if start.get(path) != after.get(path):
                files.pop(path, None)
                if path in after:
                    files[path] = after[path]
        when = self._when(at)
        source = f"{self.org(held.org).login}/{pull.head}"
        said = f"Merge pull request #{number} from {source}\n\n{found.title}"
        made = held.git.commit(files, (ours, theirs), self.ident(by), when, said)
        held.git.branches[pull.base] = made.sha
        pull.merged, pull.merged_by, pull.merge_sha = when, by, made.sha
        found.state, found.closed, found.closed_by, found.updated = "closed", when, by, when
        held.pushed = max(held.pushed, when)
        self._touched(held, "merge", number)
        return made.sha

    @verb
    def review(
        self, repo: str, number: int, author: str, state: str, body: str = "", at: str = ""
    ) -> int:
        """A review: APPROVED, CHANGES_REQUESTED, COMMENTED, or PENDING (a draft). Tells its id."""
        held, found, pull = self.pull(repo, number)
        if state not in _VERDICTS:
            raise VerbError(f"no review {state}")
        self._author(author)
        when = self._when(at)
        made = Review(self._number(), author, state, body, when, pull.head_sha)
        pull.reviews[made.id] = made
        if author in pull.reviewers and state != "PENDING":
            pull.reviewers.remove(author)
        found.updated = max(found.updated, when)
        self._touched(held, "review", number)
        return made.id

    @verb
    def comment_line(
        self,
        repo: str,
        number: int,
        author: str,
        path: str,
        line: int,
        body: str,
        review: int = 0,
        reply_to: int = 0,
        at: str = "",
    ) -> int:
        """A comment on a line of the diff, in a review (a new one if 0); tells its id."""
        held, found, pull = self.pull(repo, number)
        fork = held.git.merge_base(pull.head_sha, pull.base_sha)
        before = fork.files if fork else {}
        after = held.git.commits[pull.head_sha].files
        diff = changes(before, after, held.git.blobs)
        found_at = locate(next((c.patch for c in diff if c.path == path), ""), line)
        if found_at is None:
            raise VerbError(f"line {line} of {path} is not in the diff")
        self._author(author)
        if (reply_to and reply_to not in pull.lines) or (review and review not in pull.reviews):
            raise VerbError("no such review or comment")
        when = self._when(at)
        within = review or self.review(
            repo=repo, number=number, author=author, state="COMMENTED", at=at
        )
        made = LineComment(
            self._number(),
            within,
            author,
            body,
            path,
            line,
            pull.head_sha,
            found_at[1],
            when,
            when,
            reply_to,
            found_at[0],
        )
        pull.lines[made.id] = made
        found.updated = max(found.updated, when)
        self._touched(held, "comment_line", number)
        return made.id
