"""What a caller's token sees in Confluence: enforcement, written apart from the oracle.

From the top down: a page that is closed to the caller closes everything below it.
"""

from __future__ import annotations

from simulator.atlassian.accounts import groups_seen
from simulator.confluence.objects import Attachment, Comment, Content, Space
from simulator.confluence.state import ConfluenceState
from simulator.people import Person


class Sight:
    """One caller's view of the site at one instant."""

    def __init__(self, state: ConfluenceState, person: Person | None, *, service: bool = False):
        """Look through the eyes of `person`; None is the app if `service`, else nobody known."""
        self.state, self.person, self.service = state, person, service
        self.groups = groups_seen(state.world, person) if person else set()
        self.admin = service or (person is not None and person.id in state.administrators)
        self._open: dict[str, bool] = {}
        self._may: dict[str, set[tuple[str, str]]] = {}

    @classmethod
    def of_group(cls, state: ConfluenceState, group: str) -> Sight:
        """The view of someone who is in one group and nothing else."""
        made = cls(state, None)
        made.groups = {group}
        return made

    @property
    def welcome(self) -> bool:
        """Whether the caller may use Confluence at all."""
        if self.person is not None or self.groups:
            return not self.groups.isdisjoint(self.state.access)
        return self.service or self.state.anonymous

    def may(self, space: Space) -> set[tuple[str, str]]:
        """What the caller may do in a space: (operation, target) pairs."""
        known = self._may.get(space.id)
        if known is None:
            known = self._may[space.id] = self._allowed(space)
        return known

    def _allowed(self, space: Space) -> set[tuple[str, str]]:
        mine = {("group", group) for group in self.groups}
        if self.person is not None:
            mine.add(("user", self.person.id))
        if self.state.anonymous:
            mine.add(("anonymous", ""))
        return {
            (held.operation, held.target)
            for held in space.permissions.values()
            if (held.type, held.subject) in mine
        }

    def sees_space(self, space: Space) -> bool:
        """Whether the caller may view the space."""
        return self.service or (self.welcome and ("read", "space") in self.may(space))

    def _admitted(self, content: Content, operation: str) -> bool:
        held = content.restrictions.get(operation)
        if held is None or not held.set:
            return True
        if self.person is not None and self.person.id in held.users:
            return True
        return any(group in held.groups for group in self.groups)

    def _unlocked(self, content: Content) -> bool:
        """Whether neither the content nor any page above is closed to the caller."""
        known = self._open.get(content.id)
        if known is None:
            above = self.state.contents.get(content.parent)
            known = self._admitted(content, "read") and (above is None or self._unlocked(above))
            self._open[content.id] = known
        return known

    def opens(self, content: Content) -> bool:
        """Whether the caller may open the content, in the trash or not."""
        if self.service:
            return True
        if not self.sees_space(self.state.spaces[content.space]):
            return False
        mine = self.person is not None and content.author == self.person.id
        return (content.status != "draft" or mine) and self._unlocked(content)

    def sees(self, content: Content) -> bool:
        """Whether the content is there for the caller to read."""
        return content.status != "trashed" and self.opens(content)

    def edits(self, content: Content) -> bool:
        """Whether the caller may change the content."""
        if self.service:
            return True
        space = self.state.spaces[content.space]
        return (
            (self.person is not None or len(self.groups) > 0)
            and self.sees(content)
            and ("create", content.kind) in self.may(space)
            and self._admitted(content, "update")
        )

    def creates(self, space: Space, target: str) -> bool:
        """Whether the caller may add pages, comments or attachments to a space."""
        return self.service or (
            self.person is not None
            and self.sees_space(space)
            and ("create", target) in self.may(space)
        )

    def deletes(self, content: Content) -> bool:
        """Whether the caller may move the content to the trash."""
        space = self.state.spaces[content.space]
        return self.service or (
            self.sees(content)
            and self._admitted(content, "update")
            and ("delete", content.kind) in self.may(space)
        )

    def does(self, operation: str, content: Content) -> bool:
        """Whether the subject may read, update or delete the content."""
        if operation == "read":
            return self.sees(content)
        return self.edits(content) if operation == "update" else self.deletes(content)

    def restricts(self, content: Content) -> bool:
        """Whether the caller may change the content's restrictions."""
        space = self.state.spaces[content.space]
        return self.service or (
            self.edits(content) and ("restrict_content", "space") in self.may(space)
        )

    def administers(self, space: Space) -> bool:
        """Whether the caller may change the space's permissions."""
        return self.service or ("administer", "space") in self.may(space)

    def sees_comment(self, comment: Comment) -> bool:
        """A comment is read with its page."""
        return self.sees(self.state.contents[comment.content])

    def sees_attachment(self, file: Attachment) -> bool:
        """So is an attachment."""
        return self.sees(self.state.contents[file.content])
