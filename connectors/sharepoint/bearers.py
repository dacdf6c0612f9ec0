"""What carries permissions in a site: lists and libraries, folders and items.

SharePoint's inheritance is all or nothing: an object with role assignments of its own has those
and no others; one without has its parent's. So a document is under exactly one bearer, the
nearest from itself upwards, and one edit there is one edit here.

A list counts as a bearer whether its role assignments are its own or the site's: SharePoint tells
those that hold. So a list that is cut off from its site, or inherits again, is one edit too, and
no document in it has to be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.sharepoint.sites import Site


@dataclass(frozen=True, slots=True)
class Bearer:
    """An object whose role assignments hold for documents."""

    site: Site
    list: str
    """GUID of the list or library."""
    number: int = 0
    """The item's number in the list; 0 for the list itself."""
    drive: str = ""
    """The drive's id, for a file or folder."""
    item: str = ""
    """The drive item's id, for a file or folder."""

    @property
    def key(self) -> str:
        """A stable name, unique within the tenant."""
        return f"item/{self.list}/{self.number}" if self.number else f"list/{self.list}"


@dataclass(frozen=True, slots=True)
class Guard:
    """What decides who reads a document."""

    bearer: Bearer
    draft: int = 0
    """Who reads it while its newest version is not published: 0 every reader, 1 those who may
    edit it, 2 those who may approve it (``DraftVersionVisibility``)."""
    author: str | None = None
    """The login name of who made it, where the list shows people only what they made; empty
    where that is not known. None for all other documents."""
    own: bool = False
    """Whether the bearer is the document itself, so that no other will ask about it."""
