"""What SharePoint's own word on each file of a library must be: whose permissions it has.

And where a library makes that matter, who made it, and whether it is approved.

``delta`` says so too (``hierarchicalsharing``), but only to an application with full control by
Graph's consent, and says nothing where it does not. To take silence for inheritance would open
what is restricted, so silence is never taken for an answer: REST is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from urllib.parse import quote

from connectors.sharepoint.client import Json, SharePointClient
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.parts import Part

_MOST = 5000
"""Rows that SharePoint gives at once, at most."""
_TOGETHER = 30
"""Rows that are asked for by number at once, so that the address stays short."""
_INHERITS, _UNIQUE, _DRAFT = 1, 2, 4


class Unplaced(Exception):
    """What an item is in can't be found out, and so not whose permissions hold for it."""


class Flags:
    """Knows of each item whether its permissions are its own; asks when it is first asked.

    One byte an item, so that a million of them are a megabyte.
    """

    def __init__(self, client: SharePointClient, part: Part, numbers: Iterable[int] | None = None):
        """Prepare, without a request.

        Args:
            client: asks SharePoint.
            part: the library.
            numbers: the items that will be asked about, by their numbers; None for all.
        """
        self._client = client
        self._part = part
        self._wanted = None if numbers is None else sorted(set(numbers) - {0})
        self._lock = Lock()
        self._asked = False
        self._known = bytearray()
        self._authors: dict[int, str] = {}
        self._blocks: set[int] = set()
        select, expand = ["Id", "HasUniqueRoleAssignments"], ""
        if part.drafts:
            select += ["OData__UIVersionString", "OData__ModerationStatus"]
        if part.own_only:
            select.append("Author/Name")
            expand = "&$expand=Author"
        self._selected = f"$select={','.join(select)}{expand}"

    def unique(self, number: int) -> bool:
        """Whether an item has role assignments of its own.

        One that a listing did not tell of is asked for with its neighbours.

        Raises:
            Unplaced: SharePoint does not say.
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        return bool(self._told(number) & _UNIQUE)

    def draft(self, number: int) -> bool:
        """Whether an item's newest version is not published, or not approved where it must be.

        Raises as `unique` does. The library must be one with drafts.
        """
        return bool(self._told(number) & _DRAFT)

    def author(self, number: int) -> str:
        """The login name of who made an item; empty where SharePoint does not say.

        Raises as `unique` does. The library must be `own_only`.
        """
        self._told(number)
        return self._authors.get(number, "")

    def _told(self, number: int) -> int:
        if number <= 0:
            raise Unplaced
        with self._lock:
            if not self._asked:
                self._ask()
                self._asked = True
            if not self._flag(number):
                self._ask_about(number)
            flag = self._flag(number)
        if not flag:
            raise Unplaced
        return flag

    def _ask(self) -> None:
        if self._wanted is None:
            self._read(f"/items?{self._selected}&$top={_MOST}")
            return
        for start in range(0, len(self._wanted), _TOGETHER):
            some = self._wanted[start : start + _TOGETHER]
            which = quote(" or ".join(f"Id eq {number}" for number in some))
            self._read(f"/items?{self._selected}&$filter={which}&$top={len(some)}")

    def _ask_about(self, number: int) -> None:
        """Ask for an item that the listing left out, or that refused to be listed with all.

        A listing that refuses leaves out every item: so they are asked for together.
        """
        block = number // _TOGETHER
        if block not in self._blocks:
            self._blocks.add(block)
            first = block * _TOGETHER
            which = quote(f"Id ge {first} and Id lt {first + _TOGETHER}")
            self._read(f"/items?{self._selected}&$filter={which}&$top={_TOGETHER}")
        if not self._flag(number):
            self._ask_for(number)

    def _read(self, path: str) -> None:
        try:
            for rows in self._client.rest_pages(self._part.site.host, self._part.api(path)):
                for row in rows:
                    self._keep(row)
        except SharePointRefused:
            return  # each is asked for by itself, and refuses by itself

    def _ask_for(self, number: int) -> None:
        url = self._part.api(f"/items({number})?{self._selected}")
        try:
            self._keep(self._client.rest(self._part.site.host, url))
        except SharePointRefused:
            return

    def _keep(self, row: Json) -> None:
        number, flag = row.get("Id"), row.get("HasUniqueRoleAssignments")
        if not isinstance(number, int) or not isinstance(flag, bool) or number <= 0:
            return
        if number >= len(self._known):
            self._known.extend(bytes(number + 1 - len(self._known)))
        # No word on the approval is none.
        published = str(row.get("OData__UIVersionString")).endswith(".0")
        if self._part.moderated:
            published = published and row.get("OData__ModerationStatus") == 0
        self._known[number] = (_UNIQUE if flag else _INHERITS) | (0 if published else _DRAFT)
        if self._part.own_only:
            author = row.get("Author") or {}
            self._authors[number] = str(author.get("Name") or author.get("LoginName") or "")

    def _flag(self, number: int) -> int:
        return self._known[number] if number < len(self._known) else 0
