"""What Confluence keeps, and how its verbs go about changing it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.atlassian.accounts import AtlassianState
from simulator.confluence.objects import (
    Attachment,
    Audit,
    Comment,
    Content,
    Space,
    SpacePermission,
    Version,
)
from simulator.verbs import VerbError

if TYPE_CHECKING:
    from simulator.world import World


class Site(AtlassianState):
    """Spaces, content, comments and attachments of the site."""

    name = "confluence"

    def __init__(self, world: World):
        super().__init__(world)
        self.anonymous = False
        """Whether people without an account may use Confluence where a space lets them."""
        self.spaces: dict[str, Space] = {}
        self.keys: dict[str, str] = {}
        self.contents: dict[str, Content] = {}
        self.children: dict[str, dict[str, None]] = {}
        """Page id → pages right below it, in order; a space id → its top pages."""
        self.comments: dict[str, Comment] = {}
        self.attachments: dict[str, Attachment] = {}
        self.audit: list[Audit] = []
        self.log: list[tuple[str, str]] = []
        """(verb, id) of every change."""

    def directory_changed(self, kind: str, subject: str) -> None:
        """Group changes are written to the audit log."""
        if kind in ("add_member", "remove_member", "nest", "unnest"):
            summary = "User added to group" if kind in ("add_member", "nest") else "User removed"
            self._audit(summary, "Users and groups", subject, "Group")

    def space(self, key_or_id: str) -> Space:
        """The space with this key or id.

        Raises:
            VerbError: there is none.
        """
        found = self.spaces.get(self.keys.get(key_or_id, key_or_id))
        if found is None:
            raise VerbError(f"no space {key_or_id}")
        return found

    def content(self, content_id: str) -> Content:
        """The page or blog post with this id.

        Raises:
            VerbError: there is none.
        """
        found = self.contents.get(content_id)
        if found is None:
            raise VerbError(f"no content {content_id}")
        return found

    def ancestors(self, content: Content) -> list[Content]:
        """The pages above, from the top."""
        found, at = [], content
        while at.parent in self.contents:
            at = self.contents[at.parent]
            found.append(at)
        return found[::-1]

    def below(self, content: Content) -> Iterator[Content]:
        """Every page below."""
        for child in self.children.get(content.id, ()):
            yield self.contents[child]
            yield from self.below(self.contents[child])

    def comments_on(self, content: str) -> list[Comment]:
        """The comments on a content, oldest first."""
        return [one for one in self.comments.values() if one.content == content]

    def attachments_on(self, content: str) -> list[Attachment]:
        """The attachments of a content, oldest first."""
        return [one for one in self.attachments.values() if one.content == content]

    def _check(
        self, space: Space, title: str, author: str, status: str, kind: str = "page"
    ) -> None:
        if author:
            self.world.directory.person(author)
        if status not in ("current", "draft") or not title:
            raise VerbError(f"no {kind} {title!r} with the status {status}")
        if status == "current" and any(
            one.space == space.id
            and one.kind == kind
            and one.title == title
            and one.status in ("current", "archived")
            for one in self.contents.values()
        ):
            raise VerbError(f"A {kind} with this title already exists: {title}")

    def _create(
        self,
        kind: str,
        space: Space,
        title: str,
        body: str,
        author: str,
        parent: str,
        when: datetime,
        status: str = "current",
    ) -> str:
        made = Content(
            self.number(), kind, space.id, title, body, author, when, parent, status, owner=author
        )
        made.versions.append(Version(1, author, when, title, body))
        made.position = len(self.children.get(parent or space.id, ()))
        self.contents[made.id] = made
        self._hang(made)
        self.log.append(("create", made.id))
        return made.id

    def _version(
        self,
        found: Content,
        title: str,
        body: str,
        by: str,
        message: str,
        minor: bool,
        when: datetime,
    ) -> None:
        number = found.version.number + 1
        found.title, found.body = title, body
        found.versions.append(
            Version(number, by or found.author, when, title, body, message, minor)
        )
        self.log.append(("edit", found.id))

    def _grant(self, space: Space, kind: str, subject: str, operation: str, target: str) -> str:
        for held in space.permissions.values():
            if (held.type, held.subject, held.operation, held.target) == (
                kind,
                subject,
                operation,
                target,
            ):
                return held.id
        made = SpacePermission(self.number(), kind, subject, operation, target)
        space.permissions[made.id] = made
        return made.id

    def _hang(self, content: Content) -> None:
        if content.kind == "page":
            self.children.setdefault(content.parent or content.space, {})[content.id] = None

    def _unhang(self, content: Content) -> None:
        self.children.get(content.parent or content.space, {}).pop(content.id, None)

    def _forget(self, content: Content) -> None:
        self._unhang(content)
        del self.contents[content.id]
        for orphan in self.contents.values():
            if orphan.parent == content.id:
                orphan.parent = ""
        for comment in [c.id for c in self.comments.values() if c.content == content.id]:
            del self.comments[comment]
        for attached in [a.id for a in self.attachments.values() if a.content == content.id]:
            del self.attachments[attached]
        self.log.append(("purge", content.id))

    def _restricted(
        self, summary: str, found: Content, operation: str, kind: str, subject: str, by: str
    ) -> None:
        self.log.append(("restrict", found.id))
        self._audit(
            summary,
            "Permissions",
            found.title,
            "Page" if found.kind == "page" else "Blog",
            by,
            (("Type", "", "View" if operation == "read" else "Edit"),),
            ((subject, kind.capitalize()), (self.spaces[found.space].name, "Space")),
        )

    def _audit(
        self,
        summary: str,
        category: str,
        name: str,
        kind: str,
        by: str = "",
        changes: tuple[tuple[str, str, str], ...] = (),
        associated: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.audit.append(
            Audit(self.world.now(), by, summary, category, name, kind, changes, associated)
        )
