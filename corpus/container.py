"""A container: the unit of sync and of Dagster partition."""

from __future__ import annotations

from dataclasses import dataclass

from access import Source


@dataclass(frozen=True, slots=True)
class Container:
    """A drive, site, space, project or repository."""

    source: Source
    """The system it is in."""
    id: str
    """The source's stable id: not a name or path, which people change."""
    name: str
    """What people call it today."""
    url: str
    """Where a person opens it; empty when the source has no page for it."""
    owner: str | None = None
    """Who answers for it, as the source shows them; None when nobody is named."""
    canonical: bool = False
    """Whether its documents are to be preferred over copies elsewhere."""
