"""A document: one thing that a person reads in a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access import AccessControl, Source


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes, or the reason why there are none."""

    data: bytes | None
    """The bytes as the source gave them; None when the body is left out on purpose."""
    media_type: str
    """What `data` is, such as ``text/html``: the type exported to, not the native one."""
    skipped: str = ""
    """Why the body is left out (too large, no text in this type), in words that are the same
    for every document with that reason, so that they can be counted; empty when not."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file, page, issue, pull request or discussion, with who may read it."""

    source: Source
    """The system it is in."""
    id: str
    """The source's stable id, unique within the source; never a name or path."""
    container_id: str
    """The id of the container that it lives in."""
    title: str
    """Its name today."""
    url: str
    """Where a person opens it."""
    content: Content
    """Its body."""
    version: str
    """Changes whenever the body may have; opaque (an ETag, a revision, a blob hash)."""
    owners: tuple[str, ...]
    """Who answers for it, as the source shows them."""
    created_at: datetime | None
    """When it was made (time zone aware); None when the source does not say."""
    modified_at: datetime | None
    """When its body last changed (time zone aware); None when the source does not say."""
    access: AccessControl
    """Who may read it."""
    kind: str = "file"
    """What it is in the source's own words: ``file``, ``issue``, ``pull_request``, ``page``."""
    part: str = ""
    """The part of the container that it is in, by a name that stays; empty where the source has
    no parts. A container may be listed in parts (the libraries and lists of a site), so that one
    that refuses leaves the others comparable."""
