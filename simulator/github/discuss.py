"""Verbs on discussions."""

from __future__ import annotations

from simulator.github.model import Discussion, Remark, Repo
from simulator.github.repos import RepoVerbs
from simulator.verbs import VerbError, verb

CATEGORIES = {
    "Announcements": ("mega", False),
    "General": ("speech_balloon", False),
    "Ideas": ("bulb", False),
    "Q&A": ("pray", True),
}
"""Discussion category → emoji, and whether it has answers."""


class DiscussionVerbs(RepoVerbs):
    """Discussions, their comments and answers."""

    @verb
    def start_discussion(
        self,
        repo: str,
        title: str,
        author: str,
        body: str = "",
        category: str = "General",
        labels: list[str] | None = None,
        at: str = "",
    ) -> int:
        """A new discussion; tells its number."""
        found = self.repo(repo)
        if category not in CATEGORIES or not title:
            raise VerbError(f"no category {category}")
        self._author(author)
        when = self._when(at)
        made = Discussion(
            self._number(), self._next(found), title, body, author, category, when, when
        )
        made.labels = self._label(found, labels or [])
        found.discussions[made.number] = made
        self.places[made.id] = (found.id, made.number)
        self._touched(found, "start_discussion", made.number)
        return made.number

    def discussion(self, repo: str | int, number: int) -> tuple[Repo, Discussion]:
        """A discussion.

        Raises:
            VerbError: there is none.
        """
        held = self.repo(repo)
        if number not in held.discussions:
            raise VerbError(f"no discussion {number}")
        return held, held.discussions[number]

    @verb
    def remark(
        self, repo: str, number: int, author: str, body: str, reply_to: int = 0, at: str = ""
    ) -> int:
        """A comment on a discussion, or a reply to one; tells its id."""
        held, found = self.discussion(repo, number)
        self._author(author)
        when = self._when(at)
        made = Remark(self._number(), author, body, when, when)
        place = found.remarks
        if reply_to:
            above = next((r for r in found.remarks if r.id == reply_to), None)
            if above is None:
                raise VerbError(f"no comment {reply_to}")
            place = above.replies
        place.append(made)
        found.updated = max(found.updated, when)
        self.places[made.id] = (held.id, number)
        self._touched(held, "remark", number)
        return made.id

    @verb
    def answer(self, repo: str, number: int, remark: int, by: str, at: str = "") -> None:
        """Mark a comment as the answer of a question."""
        held, found = self.discussion(repo, number)
        if not CATEGORIES[found.category][1] or remark not in [r.id for r in found.remarks]:
            raise VerbError("no answer to this")
        found.answer, found.chosen_by, found.chosen = remark, by, self._when(at)
        found.updated = max(found.updated, found.chosen)
        self._touched(held, "answer", number)

    @verb
    def edit_discussion(
        self, repo: str, number: int, title: str = "", body: str | None = None, category: str = ""
    ) -> None:
        """A new title, body or category."""
        held, found = self.discussion(repo, number)
        if category and category not in CATEGORIES:
            raise VerbError(f"no category {category}")
        found.title, found.category = title or found.title, category or found.category
        found.body = found.body if body is None else body
        found.updated = self._when("")
        self._touched(held, "edit_discussion", number)

    @verb
    def close_discussion(self, repo: str, number: int) -> None:
        """Close a discussion."""
        held, found = self.discussion(repo, number)
        found.closed = found.updated = self._when("")
        self._touched(held, "close_discussion", number)

    @verb
    def lock_discussion(self, repo: str, number: int, locked: bool = True) -> None:
        """Let nobody comment on a discussion, or end that."""
        held, found = self.discussion(repo, number)
        found.locked = locked
        self._touched(held, "lock_discussion", number)

    @verb
    def delete_discussion(self, repo: str, number: int) -> None:
        """Delete a discussion with its comments."""
        held, found = self.discussion(repo, number)
        for remark in found.remarks:
            for key in (remark.id, *(r.id for r in remark.replies)):
                self.places.pop(key, None)
        self.places.pop(found.id, None)
        del held.discussions[number]
        self._touched(held, "delete_discussion", number)
