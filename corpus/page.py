"""Pages of a source's three feeds, each with the place to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access import Clause, IdentityLink, Principal, Source
from corpus.change import Change


@dataclass(frozen=True, slots=True)
class Cursor:
    """A source's own place in a feed. Only the connector that made it can read it."""

    token: str
    """Opaque text."""
    doubted: frozenset[str] = frozenset()
    """Parts of the container of which something may be gone that no change log tells of: each
    stays doubted until a comparison with the source's listing has settled it. A part may be
    gone itself; the empty name stands for any such that were not known of."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of content changes."""

    changes: tuple[Change, ...]
    """The changes, in the order in which they apply."""
    cursor: Cursor
    """Where to go on from once these changes are stored."""
    whole: bool = False
    """True on the page with which a reading of the whole container ends, or a change log that told
    of a deletion but not of what it was. Neither tells of all that is gone: the cursor counts
    only after a comparison with the source's listing, so nothing should follow it."""
    compare: frozenset[str] = frozenset()
    """Doubted parts that are to be compared with the source's listing now, each on its own; the
    cursor counts even so, and doubts them until they are settled. For containers with parts,
    instead of `whole`."""
    asked: datetime | None = None
    """The time before the source was first asked for any of it, for a page that was read ahead.
    None: it was not, so that the page is as old as the reader's own asking for it."""
    told: datetime | None = None
    """The time when the source's answers about what is gone had come, for a page that was read
    ahead: before the next page was asked for, which may show it again. None: when the reader
    has it."""
    clauses: tuple[Clause, ...] = ()
    """Clauses as they are now, told without the documents that are under them: those need not be
    looked at again."""


@dataclass(frozen=True, slots=True)
class PermissionPage:
    """A page of the permission feed."""

    clauses: tuple[Clause, ...]
    """Clauses as they are now."""
    changes: tuple[Change, ...]
    """Documents whose set of clauses changed, as `Reacl`, and those that could not be read."""
    cursor: Cursor
    """Where to go on from once these are stored."""


@dataclass(frozen=True, slots=True)
class MembershipPage:
    """The members of some groups, each group listed in full, or said to be unknown."""

    source: Source
    """The system that the groups are in."""
    groups: dict[Principal, frozenset[Principal] | None]
    """Each group's direct members, users and groups; None when they could not be read, which
    empties the group until they can."""
    links: tuple[IdentityLink, ...] = ()
    """Accounts that the source itself ties to people."""
    cursor: Cursor | None = None
    """Where to go on from; None when the feed has no memory and is read whole each time."""
