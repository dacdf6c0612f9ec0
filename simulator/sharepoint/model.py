"""What SharePoint keeps: sites, lists and libraries, items, groups and links."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.sharepoint.roles import Role

Roles = dict[str, list[str]]
"""Principal → names of the role definitions bound to it, on one securable.

A principal is ``user:<person>``, ``group:<directory group>``, ``m365:<group>`` (its members),
``owners:<group>`` (its owners), ``site:<number>`` (a site group), ``link:<id>`` (who holds a
sharing link), ``eeeu`` or ``everyone``.
"""


@dataclass(slots=True)
class SiteGroup:
    """A SharePoint group; it exists in one site collection only."""

    id: int
    title: str
    members: list[str] = field(default_factory=list)
    """Principals other than site groups and links."""


@dataclass(slots=True)
class Collection:
    """A site collection: what its webs share."""

    id: str
    numbers: dict[str, int] = field(default_factory=dict)
    """Principal → its number, from one series for users and groups."""
    groups: dict[int, SiteGroup] = field(default_factory=dict)
    admins: list[str] = field(default_factory=list)
    """Principals who are site collection administrators."""
    roles: dict[str, Role] = field(default_factory=dict)
    """Role definitions by name."""


@dataclass(slots=True)
class Site:
    """A web: the top of a site collection, or a subsite."""

    id: str
    """The web's GUID."""
    collection: Collection
    path: str
    """``/sites/hr``; a subsite's goes on from its parent's."""
    title: str
    created: datetime
    modified: datetime
    parent: str = ""
    """The web above; empty at the top of a collection."""
    group: str = ""
    """The Microsoft 365 group that it belongs to."""
    description: str = ""
    roles: Roles | None = None
    """None while it inherits; never None at the top."""


@dataclass(slots=True)
class SpList:
    """A list, or a library of documents or pages."""

    id: str
    site: str
    title: str
    path: str
    """Its part of the URL."""
    template: str
    """documentLibrary, genericList or webPageLibrary."""
    author: str
    created: datetime
    modified: datetime
    root: str = ""
    """The item id of a library's root folder."""
    drive: str = ""
    """A document library's drive id."""
    columns: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)
    """Those of `columns` that show a field of an item of another list."""
    own_only: bool = False
    """ReadSecurity 2: people read only the items that they created."""
    moderated: bool = False
    """Content approval is required."""
    drafts: int = 0
    """DraftVersionVisibility: who sees what is not approved. Page libraries show it to editors."""
    silent: bool = False
    """REST leaves these settings out, even where they are asked for."""
    roles: Roles | None = None
    order: list[str] = field(default_factory=list)
    """Every item ever in it, in order of arrival; never shortened."""
    log: list[Change] = field(default_factory=list)
    oldest: int = 0
    """The earliest place in `log` that a delta token may still name."""
    deleted: bool = False


@dataclass(slots=True)
class Change:
    """One line of a list's change log."""

    item: str
    """An item's id; the root folder's for the library itself."""
    kind: str
    """created, edited, moved, deleted, restored or shared."""
    at: datetime


@dataclass(slots=True)
class Link:
    """A sharing link."""

    id: str
    item: str
    scope: str
    """users, organization or anonymous."""
    kind: str
    """view or edit."""
    author: str
    created: datetime
    secret: str
    """The last part of its URL."""
    expires: datetime | None = None
    people: list[str] = field(default_factory=list)
    """Persons in the link's group: its recipients, or those who opened it."""


@dataclass(slots=True)
class Attachment:
    """A file on a list item."""

    name: str
    text: str


@dataclass(slots=True)
class Comment:
    """A remark on an item."""

    id: int
    author: str
    text: str
    at: datetime


@dataclass(slots=True)
class Item:
    """A folder, a file, a page or a list item."""

    id: str
    """A file's or folder's drive item id; the unique GUID of a page or list item."""
    unique: str
    """The list item's GUID."""
    number: int
    """The list item's number in its list."""
    list_id: str
    parent: str
    """The folder; empty at the top of the list."""
    kind: str
    """folder, file, page or item."""
    name: str
    author: str
    editor: str
    created: datetime
    modified: datetime
    text: str = ""
    """Source of the content, in Markdown; see `simulator.sharepoint.render`."""
    title: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    """Counts every change, permissions included."""
    content: int = 1
    """Counts changes of content only."""
    published: bool = True
    """A page with a published version."""
    moderation: int = 0
    """OData__ModerationStatus: 0 approved, 1 denied, 2 pending; where the list is moderated."""
    roles: Roles | None = None
    links: list[str] = field(default_factory=list)
    deleted: bool = False
    """In the recycle bin itself, rather than through its folder."""
    gone: bool = False
    """Left for another library, where it has another id."""
    attachments: dict[str, Attachment] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)


@dataclass(slots=True)
class M365Group:
    """A Microsoft 365 group: owners are not members unless they are listed as such."""

    id: str
    name: str
    mail: str
    owners: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    private: bool = True
    hidden: bool = False
    """Its membership is hidden from those outside it."""


@dataclass(slots=True)
class AppRegistration:
    """A client that may ask for app-only tokens."""

    id: str
    secret: str
    permissions: list[str]
    """Application permissions, such as ``Sites.FullControl.All``."""
    certificate: str = ""
    """A public key (PEM) for signed assertions."""


Securable = Site | SpList | Item
"""What can have role assignments of its own."""
