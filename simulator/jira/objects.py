"""The objects of Jira: projects, issues, schemes, security levels and roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

HOLDERS = (
    "user",
    "group",
    "projectRole",
    "applicationRole",
    "anyone",
    "reporter",
    "assignee",
    "projectLead",
    "userCustomField",
    "groupCustomField",
)
"""Everything that can hold a permission."""
PLAIN = ("anyone", "reporter", "assignee", "projectLead")
"""Holders without a parameter."""
PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "ADD_COMMENTS",
    "TRANSITION_ISSUES",
    "CREATE_ATTACHMENTS",
    "DELETE_ISSUES",
    "SET_ISSUE_SECURITY",
    "ADMINISTER_PROJECTS",
)
STATUSES = {
    "10000": ("To Do", "new"),
    "10001": ("In Progress", "indeterminate"),
    "10002": ("In Review", "indeterminate"),
    "10003": ("Done", "done"),
}
"""Status id → (name, category key); every status can follow every other."""
TYPES = {
    "10001": "Task",
    "10002": "Bug",
    "10003": "Story",
    "10004": "Epic",
    "10005": "Sub-task",
}
"""Issue type id → name."""
PRIORITIES = {"1": "Highest", "2": "High", "3": "Medium", "4": "Low", "5": "Lowest"}
APPLICATION = "jira-software"
"""The key of the one application of the site."""


@dataclass(slots=True)
class Holder:
    """One line of a permission scheme or security level: who."""

    id: str
    type: str
    parameter: str = ""
    """A person's, group's, role's or field's id, or an application's key."""
    permission: str = ""
    """Empty in a security level."""


@dataclass(slots=True)
class PermissionScheme:
    """A permission scheme."""

    id: str
    name: str
    description: str = ""
    grants: dict[str, Holder] = field(default_factory=dict)
    project: str = ""
    """The only project it is for: those of team-managed projects."""


@dataclass(slots=True)
class Level:
    """A security level: who alone sees issues that have it."""

    id: str
    name: str
    description: str = ""
    members: dict[str, Holder] = field(default_factory=dict)


@dataclass(slots=True)
class SecurityScheme:
    """An issue security scheme."""

    id: str
    name: str
    description: str = ""
    levels: dict[str, Level] = field(default_factory=dict)
    default: str = ""


@dataclass(slots=True)
class Role:
    """A project role of the site, or of one team-managed project."""

    id: str
    name: str
    description: str = ""
    project: str = ""


@dataclass(slots=True)
class Actors:
    """Who plays a role in a project."""

    users: dict[str, None] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """A project."""

    id: str
    key: str
    name: str
    lead: str
    style: str
    """classic or next-gen (team-managed)."""
    scheme: str
    """The permission scheme's id."""
    created: datetime
    security: str = ""
    """The issue security scheme's id; empty for none."""
    actors: dict[str, Actors] = field(default_factory=dict)
    """By role id."""
    description: str = ""
    last_issue: int = 0
    kind: str = "software"
    old_keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Field:
    """A custom field: of people or groups, or of text."""

    id: str
    name: str
    kind: str
    """user, users, group, groups or text."""


@dataclass(slots=True)
class Comment:
    """A comment on an issue."""

    id: str
    author: str
    body: dict[str, Any]
    """ADF."""
    created: datetime
    updated: datetime
    editor: str = ""
    visible_to: tuple[str, str] | None = None
    """(role or group, id): who alone sees it; None for everyone who sees the issue."""


@dataclass(slots=True)
class Attachment:
    """A file on an issue."""

    id: str
    issue: str
    name: str
    media: str
    data: bytes
    author: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One field's change."""

    field: str
    old: str
    old_text: str
    new: str
    new_text: str


@dataclass(frozen=True, slots=True)
class History:
    """One entry of an issue's changelog."""

    id: str
    author: str
    at: datetime
    items: tuple[Change, ...]


@dataclass(slots=True)
class Issue:
    """An issue."""

    id: str
    project: str
    number: int
    type: str
    summary: str
    description: dict[str, Any] | None
    """ADF."""
    reporter: str
    creator: str
    created: datetime
    updated: datetime
    touched: list[datetime]
    """Every time it was updated, the first when created."""
    assignee: str = ""
    status: str = "10000"
    priority: str = "3"
    labels: list[str] = field(default_factory=list)
    security: str = ""
    """A level's id."""
    restricted: list[str] = field(default_factory=list)
    """Role ids (team-managed projects): who alone sees it."""
    parent: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    """Custom fields: a person's or group's id, a list of them, or text."""
    comments: dict[str, Comment] = field(default_factory=dict)
    changelog: list[History] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    resolved: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit record."""

    id: int
    at: datetime
    author: str
    summary: str
    category: str
    object: tuple[str, str, str]
    """(id, name, type)."""
    changes: tuple[tuple[str, str, str], ...] = ()
    associated: tuple[tuple[str, str, str], ...] = ()
