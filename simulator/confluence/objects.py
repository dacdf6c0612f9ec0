"""The objects of Confluence: spaces, content, restrictions, comments and attachments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OPERATIONS = (
    ("read", "space"),
    ("create", "page"),
    ("create", "blogpost"),
    ("create", "comment"),
    ("create", "attachment"),
    ("delete", "page"),
    ("delete", "blogpost"),
    ("delete", "comment"),
    ("delete", "attachment"),
    ("archive", "page"),
    ("restrict_content", "space"),
    ("delete", "space"),
    ("export", "space"),
    ("administer", "space"),
)
"""Every space permission: (operation key, target)."""


@dataclass(slots=True)
class SpacePermission:
    """One line of a space's permissions: who may do what."""

    id: str
    type: str
    """user, group or anonymous."""
    subject: str
    """A person's or a group's id; empty for anonymous."""
    operation: str
    target: str


@dataclass(slots=True)
class Space:
    """A space."""

    id: str
    key: str
    name: str
    creator: str
    created: datetime
    kind: str = "global"
    """global or personal."""
    status: str = "current"
    """current or archived."""
    homepage: str = ""
    description: str = ""
    permissions: dict[str, SpacePermission] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Version:
    """One saved state of a content."""

    number: int
    by: str
    when: datetime
    title: str
    body: str
    message: str = ""
    minor: bool = False


@dataclass(slots=True)
class Restriction:
    """Who alone may do something with a content; no restriction while both are empty."""

    users: dict[str, None] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)

    @property
    def set(self) -> bool:
        """Whether it restricts anything."""
        return bool(self.users or self.groups)


@dataclass(slots=True)
class Comment:
    """A comment on a page or blog post."""

    id: str
    content: str
    author: str
    body: str
    """Storage format."""
    created: datetime
    selection: str = ""
    """The text that an inline comment is about; empty for a footer comment."""
    parent: str = ""
    """The comment that it answers."""
    resolved: bool = False
    version: int = 1
    modified: datetime | None = None


@dataclass(slots=True)
class Attachment:
    """A file on a page or blog post."""

    id: str
    content: str
    name: str
    media: str
    data: bytes
    author: str
    created: datetime
    comment: str = ""
    version: int = 1


@dataclass(slots=True)
class Content:
    """A page or a blog post."""

    id: str
    kind: str
    """page or blogpost."""
    space: str
    """The space's id."""
    title: str
    body: str
    """Storage format."""
    author: str
    created: datetime
    parent: str = ""
    status: str = "current"
    """current, draft, archived or trashed."""
    position: int = 0
    owner: str = ""
    versions: list[Version] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    restrictions: dict[str, Restriction] = field(default_factory=dict)
    """By operation: read and update."""
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> Version:
        """The latest version."""
        return self.versions[-1]

    def restriction(self, operation: str) -> Restriction:
        """The direct restriction of an operation, perhaps an empty one."""
        return self.restrictions.get(operation) or Restriction()


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit record."""

    at: datetime
    author: str
    summary: str
    category: str
    object: str
    """The affected object's name: there is no id in Confluence's records."""
    object_type: str
    changes: tuple[tuple[str, str, str], ...] = ()
    associated: tuple[tuple[str, str], ...] = ()
