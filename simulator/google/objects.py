"""What Google Drive is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

APP = "application/vnd.google-apps."
FOLDER, SHORTCUT = APP + "folder", APP + "shortcut"
DOC, SHEET, SLIDES = APP + "document", APP + "spreadsheet", APP + "presentation"
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
"""Weakest first."""


@dataclass(slots=True)
class Permission:
    """A grant on one file or shared drive."""

    id: str
    type: str
    """user, group, domain or anyone."""
    role: str
    subject: str = ""
    """A person's id, a group's id or a domain; for outsiders without an account an address."""
    expires: datetime | None = None
    view: str = ""
    """``published``: only the published copy."""
    discoverable: bool = False
    """Domain and anyone: found by searching, rather than only by link."""


@dataclass(slots=True)
class Comment:
    """A comment with its replies."""

    id: str
    author: str
    text: str
    at: datetime
    quoted: str = ""
    replies: list[tuple[str, str, datetime]] = field(default_factory=list)
    """(author, text, time)."""
    resolved: bool = False


@dataclass(slots=True)
class File:
    """A file or folder."""

    id: str
    name: str
    mime: str
    parent: str
    """The one folder it is in: a root, a folder or a shared drive's id; empty for a root."""
    drive: str
    """The shared drive; empty in My Drive."""
    owner: str
    """A person's id; empty in a shared drive."""
    created: datetime
    modified: datetime
    editor: str
    """Who changed it last."""
    text: str = ""
    """The content's source (Markdown; CSV for sheets; ``---`` between slides)."""
    description: str = ""
    target: str = ""
    """What a shortcut points to."""
    limited: bool = False
    """inheritedPermissionsDisabled; folders only."""
    trashed: bool = False
    """Trashed itself, rather than through a folder."""
    version: int = 1
    revision: int = 1
    """Counts changes of content only."""
    permissions: dict[str, Permission] = field(default_factory=dict)
    """Direct ones, by permission id."""
    comments: dict[str, Comment] = field(default_factory=dict)
    trash_time: datetime | None = None
    touched: datetime | None = None
    """When anything about it changed last, for a search that lags; None if never."""


@dataclass(slots=True)
class Drive:
    """A shared drive."""

    id: str
    name: str
    created: datetime
    permissions: dict[str, Permission] = field(default_factory=dict)
    """Its members."""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One line of the change log."""

    number: int
    at: datetime
    file: str
    """A file's id; empty when a shared drive itself changed."""
    drive: str
    """The shared drive concerned; empty in My Drive."""
    moved_from: str = ""
    """The shared drive (or ``my``) that it left, when it crossed over."""
    before: tuple[Permission, ...] = ()
    """Every permission that held there just before, so that a feed can tell who lost access."""
