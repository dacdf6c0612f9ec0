"""The verbs of content, and with them all that change what Confluence keeps."""

from __future__ import annotations

import base64
from typing import Any

from simulator.confluence.objects import Attachment, Comment, Restriction
from simulator.confluence.spaces import Spaces
from simulator.verbs import VerbError, verb


class ConfluenceState(Spaces):
    """Spaces and content of the site, and what can happen to them."""

    @verb
    def create_page(
        self,
        space: str,
        title: str,
        author: str,
        body: str = "",
        parent: str = "",
        status: str = "current",
        at: str = "",
    ) -> str:
        """A page, below the home page unless told otherwise; tells its id.

        Args:
            space: the key or id.
            title: unique among the current pages of the space.
            author: a person's id, or empty for the service account.
            body: storage format.
            parent: the page above; ``root`` for none.
            status: current or draft.
            at: when, if not now.
        """
        found = self.space(space)
        self._check(found, title, author, status)
        above = "" if parent == "root" else parent or found.homepage
        if above and self.content(above).space != found.id:
            raise VerbError("a page and its parent share a space")
        if above and self.content(above).status not in ("current", "archived"):
            raise VerbError(f"{above} can't have children")
        return self._create("page", found, title, body, author, above, self.moment(at), status)

    @verb
    def create_blogpost(
        self,
        space: str,
        title: str,
        author: str,
        body: str = "",
        status: str = "current",
        at: str = "",
    ) -> str:
        """A blog post; tells its id."""
        found = self.space(space)
        self._check(found, title, author, status, "blogpost")
        return self._create("blogpost", found, title, body, author, "", self.moment(at), status)

    @verb
    def edit(
        self,
        content: str,
        body: str,
        title: str = "",
        by: str = "",
        message: str = "",
        minor: bool = False,
        at: str = "",
    ) -> int:
        """A new version; tells its number."""
        found = self.content(content)
        self._version(found, title or found.title, body, by, message, minor, self.moment(at))
        return found.version.number

    @verb
    def rename(self, content: str, title: str, by: str = "") -> None:
        """A new title, which is a new version."""
        found = self.content(content)
        self._check(self.spaces[found.space], title, by, "current", found.kind)
        self._version(found, title, found.body, by, "", False, self.world.now())

    @verb
    def move(self, content: str, parent: str) -> None:
        """Under another page, or to the top of a space; what is below comes along.

        Its own restrictions stay, those it had from above do not.
        """
        found = self.content(content)
        if found.kind != "page" or found.status == "trashed":
            raise VerbError("only pages move, and not out of the trash")
        space = self.spaces.get(self.keys.get(parent, parent))
        above = None if space else self.content(parent)
        if above is not None and (
            above is found or found in self.ancestors(above) or above.kind != "page"
        ):
            raise VerbError("a page can't be moved there")
        self._unhang(found)
        found.parent = above.id if above else ""
        target = space.id if space else above.space if above else ""
        for one in (found, *self.below(found)):
            one.space = target
        self._hang(found)
        self.log.append(("move", content))

    @verb
    def trash(self, content: str) -> None:
        """Into the trash; the pages below move up to its parent."""
        found = self.content(content)
        if any(space.homepage == content for space in self.spaces.values()):
            raise VerbError("a home page can't be trashed")
        for child in list(self.children.get(content, ())):
            page = self.contents[child]
            self._unhang(page)
            page.parent = found.parent
            self._hang(page)
        self._unhang(found)
        found.status = "trashed"
        self.log.append(("trash", content))
        self._audit("Page trashed", "Pages", found.title, "Page")

    @verb
    def restore(self, content: str) -> None:
        """Out of the trash, to the top of its space if its parent is gone."""
        found = self.content(content)
        if found.status != "trashed":
            raise VerbError(f"{content} is not in the trash")
        above = self.contents.get(found.parent)
        if above is None or above.status == "trashed":
            found.parent = ""
        found.status = "current"
        self._hang(found)
        self.log.append(("restore", content))

    @verb
    def purge(self, content: str) -> None:
        """Out of the trash for good."""
        found = self.content(content)
        if found.status not in ("trashed", "draft"):
            raise VerbError(f"{content} is neither in the trash nor a draft")
        self._forget(found)

    @verb
    def archive(self, content: str, archived: bool = True) -> None:
        """Archive a page, or bring it back; who may read it stays the same."""
        found = self.content(content)
        if found.kind != "page" or found.status not in ("current", "archived"):
            raise VerbError(f"{content} can't be archived")
        found.status = "archived" if archived else "current"
        self.log.append(("archive", content))

    @verb
    def publish(self, content: str) -> None:
        """A draft becomes a page that others see."""
        found = self.content(content)
        if found.status != "draft":
            raise VerbError(f"{content} is no draft")
        self._check(self.spaces[found.space], found.title, found.author, "current", found.kind)
        found.status = "current"
        found.version.when = self.world.now()
        self.log.append(("publish", content))

    @verb
    def restrict(
        self, content: str, type: str, subject: str, operation: str = "read", by: str = ""
    ) -> None:
        """Add a user or group to those who alone may do `operation` (read or update)."""
        found = self.content(content)
        if operation not in ("read", "update") or type not in ("user", "group"):
            raise VerbError(f"no restriction of {operation} to {type}")
        held = found.restrictions.setdefault(operation, Restriction())
        if type == "user":
            held.users[self.world.directory.person(subject).id] = None
        else:
            held.groups[self.world.directory.group(subject).id] = None
        self._restricted("Content restriction added", found, operation, type, subject, by)

    @verb
    def unrestrict(
        self,
        content: str,
        type: str = "",
        subject: str = "",
        operation: str = "",
        by: str = "",
    ) -> None:
        """Remove one subject from a restriction, or without one every restriction."""
        found = self.content(content)
        if not subject:
            for key in [operation] if operation else list(found.restrictions):
                found.restrictions.pop(key, None)
            self._restricted("Content restriction removed", found, operation, type, subject, by)
            return
        held = found.restriction(operation or "read")
        where = held.users if type == "user" else held.groups
        if subject not in where:
            raise VerbError(f"{content} is not restricted to {subject}")
        del where[subject]
        self._restricted("Content restriction removed", found, operation, type, subject, by)

    @verb
    def comment(
        self,
        content: str,
        author: str,
        body: str,
        selection: str = "",
        parent: str = "",
        at: str = "",
    ) -> str:
        """A comment (inline if it has a `selection`); tells its id. No new version."""
        self.content(content)
        if author:
            self.world.directory.person(author)
        if parent and (parent not in self.comments or self.comments[parent].content != content):
            raise VerbError(f"no comment {parent} on {content}")
        when = self.moment(at)
        made = Comment(self.number(), content, author, body, when, selection, parent)
        self.comments[made.id] = made
        self.log.append(("comment", content))
        return made.id

    @verb
    def edit_comment(self, comment: str, body: str) -> None:
        """A new version of a comment."""
        if comment not in self.comments:
            raise VerbError(f"no comment {comment}")
        found = self.comments[comment]
        found.body, found.version, found.modified = body, found.version + 1, self.world.now()

    @verb
    def resolve_comment(self, comment: str, resolved: bool = True) -> None:
        """Close an inline comment, or open it again."""
        if comment not in self.comments or not self.comments[comment].selection:
            raise VerbError(f"no inline comment {comment}")
        self.comments[comment].resolved = resolved

    @verb
    def delete_comment(self, comment: str) -> None:
        """A comment and its answers are gone."""
        if comment not in self.comments:
            raise VerbError(f"no comment {comment}")
        for answer in [one.id for one in self.comments.values() if one.parent == comment]:
            self.delete_comment(comment=answer)
        del self.comments[comment]

    @verb
    def attach(
        self,
        content: str,
        name: str,
        author: str,
        data: str,
        media: str = "application/octet-stream",
        encoding: str = "utf-8",
        comment: str = "",
        at: str = "",
    ) -> str:
        """A file on a page, or a new version of one with that name; tells its id.

        Args:
            content: the page or blog post.
            name: the file's name.
            author: a person's id, or empty for the service account.
            data: text, or base64 where `encoding` says so.
            media: the media type.
            encoding: ``utf-8`` or ``base64``.
            comment: shown beside it.
            at: when, if not now.
        """
        self.content(content)
        raw = base64.b64decode(data) if encoding == "base64" else data.encode()
        for held in self.attachments_on(content):
            if held.name == name:
                held.data, held.media, held.comment = raw, media, comment
                held.version += 1
                held.created = self.moment(at)
                return held.id
        made = "att" + self.number()
        when = self.moment(at)
        file = Attachment(made, content, name, media, raw, author, when, comment)
        self.attachments[made] = file
        self.log.append(("attach", content))
        return made

    @verb
    def delete_attachment(self, attachment: str) -> None:
        """A file is gone."""
        if self.attachments.pop(attachment, None) is None:
            raise VerbError(f"no attachment {attachment}")

    @verb
    def label(self, content: str, label: str) -> None:
        """Put a label on a page or blog post; no new version."""
        found = self.content(content)
        if not label or " " in label:
            raise VerbError(f"{label!r} is no label")
        if label not in found.labels:
            found.labels.append(label)

    @verb
    def unlabel(self, content: str, label: str) -> None:
        """Take a label away."""
        found = self.content(content)
        if label not in found.labels:
            raise VerbError(f"{content} has no label {label}")
        found.labels.remove(label)

    @verb
    def set_property(self, content: str, key: str, value: Any = None) -> None:
        """Set a content property, or remove it with None."""
        found = self.content(content)
        if value is None:
            found.properties.pop(key, None)
        else:
            found.properties[key] = value
