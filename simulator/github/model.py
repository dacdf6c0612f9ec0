"""What GitHub keeps, apart from how it changes."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import datetime

from simulator.github.git import Git

LEVELS = ("read", "triage", "write", "maintain", "admin")
"""Repository roles, weakest first."""
VISIBILITIES = ("public", "internal", "private")


@dataclass(slots=True)
class Email:
    """An address of an account; nobody else sees it unless it is published."""

    address: str
    verified: bool = True
    primary: bool = False


@dataclass(slots=True)
class Account:
    """A personal account: it belongs to its person, not to the company."""

    person: str
    id: int
    login: str
    name: str
    created: datetime
    emails: list[Email] = field(default_factory=list)
    published: str = ""
    """The address on the profile; empty for none, which is the usual case."""


@dataclass(slots=True)
class Membership:
    """Someone in an organisation."""

    role: str = "member"
    """member or admin (an owner)."""
    pending: bool = False
    """Invited; not a member yet."""
    public: bool = False
    """Shown to those outside."""


@dataclass(slots=True)
class Identity:
    """A SAML identity of an organisation."""

    id: int
    guid: str
    name_id: str
    """What the identity provider calls its user, often the address."""
    username: str
    emails: list[str]
    person: str = ""
    """Whose account is linked; empty while nobody has signed in with it."""


@dataclass(slots=True)
class Org:
    """An organisation; all of a world's organisations are one enterprise."""

    id: int
    login: str
    name: str
    description: str
    created: datetime
    base: str = "read"
    """What members may do in every repository: ``none`` or one of `LEVELS`."""
    members: dict[str, Membership] = field(default_factory=dict)
    domains: list[str] = field(default_factory=list)
    """Verified domains."""
    saml: dict[int, Identity] | None = None
    """Identities by id; None without single sign-on."""


@dataclass(slots=True)
class Team:
    """A team of an organisation."""

    id: int
    org: int
    slug: str
    name: str
    description: str
    created: datetime
    privacy: str = "closed"
    """closed (every member sees it) or secret."""
    parent: int = 0
    """The team above; 0 for none."""
    members: dict[str, str] = field(default_factory=dict)
    """Person → member or maintainer."""
    repos: dict[int, str] = field(default_factory=dict)
    """Repository → one of `LEVELS`."""


@dataclass(slots=True)
class Grant:
    """A person's own right to a repository."""

    level: str
    pending: bool = False
    """Invited; of no effect yet."""


@dataclass(slots=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(slots=True)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    author: str
    body: str
    created: datetime
    updated: datetime


@dataclass(slots=True)
class Review:
    """A review of a pull request."""

    id: int
    author: str
    state: str
    """APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, or PENDING: its author's draft."""
    body: str
    at: datetime
    commit: str


@dataclass(slots=True)
class LineComment:
    """A comment on a line of a pull request's diff."""

    id: int
    review: int
    author: str
    body: str
    path: str
    line: int
    commit: str
    hunk: str
    created: datetime
    updated: datetime
    reply_to: int = 0
    position: int = 0
    """Where the line stands in the diff."""


@dataclass(slots=True)
class Pull:
    """What makes an issue a pull request."""

    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    merged: datetime | None = None
    merged_by: str = ""
    merge_sha: str = ""
    reviewers: list[str] = field(default_factory=list)
    reviews: dict[int, Review] = field(default_factory=dict)
    lines: dict[int, LineComment] = field(default_factory=dict)


@dataclass(slots=True)
class Issue:
    """An issue, or a pull request: they share numbers, comments and labels."""

    id: int
    number: int
    title: str
    body: str
    author: str
    created: datetime
    updated: datetime
    state: str = "open"
    reason: str = ""
    closed: datetime | None = None
    closed_by: str = ""
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: dict[int, Comment] = field(default_factory=dict)
    locked: bool = False
    pull: Pull | None = None


@dataclass(slots=True)
class Remark:
    """A comment on a discussion; `replies` are one level deep."""

    id: int
    author: str
    body: str
    created: datetime
    updated: datetime
    replies: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class Discussion:
    """A discussion."""

    id: int
    number: int
    title: str
    body: str
    author: str
    category: str
    created: datetime
    updated: datetime
    answer: int = 0
    """The comment that answers it."""
    chosen_by: str = ""
    chosen: datetime | None = None
    closed: datetime | None = None
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class Repo:
    """A repository."""

    id: int
    org: int
    name: str
    visibility: str
    description: str
    created: datetime
    updated: datetime
    pushed: datetime
    git: Git
    wiki: Git = field(default_factory=lambda: Git("master"))
    archived: bool = False
    has_issues: bool = True
    has_wiki: bool = True
    has_discussions: bool = False
    collaborators: dict[str, Grant] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    """By name in lower case."""
    issues: MutableMapping[int, Issue] = field(default_factory=dict)
    """Pull requests too, by number."""
    discussions: dict[int, Discussion] = field(default_factory=dict)
    last: int = 0
    """The last number given to an issue, pull request or discussion."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of GitHub's own change log."""

    number: int
    at: datetime
    kind: str
    """The verb."""
    org: int
    repo: int
    subject: str
