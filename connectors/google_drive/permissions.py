"""Who may read a file: its permissions as one clause on the object that carries them.

A file of a shared drive that carries no permission of its own is under the clause of the nearest
folder that does, or of the drive; see `Tree.bearer` for why that is exact. Every other file's own
permissions are read in full, so that its readers are never guessed from above. Such a file still
uses its folder's clause if it takes permissions from the folder, adds none of its own, and the two
sets are equal. So one edit of a folder is one edit here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any

from access import AccessControl, Clause, Grant, InvalidPrincipal, Principal, PrincipalKind, Source
from connectors.google_drive.client import GoogleClient
from connectors.google_drive.file import DriveFile
from connectors.google_drive.tree import Tree, follows
from connectors.instants import instant
from connectors.interface import SourceUnavailable
from connectors.patience import Patience
from connectors.refused import Refused

_SOURCE = Source.GOOGLE_DRIVE
_READERS = {"owner", "organizer", "fileOrganizer", "writer", "commenter", "reader"}
_ALWAYS = {"owner", "organizer"}
"""Roles that limited access does not shut out."""
_FOLDERS_KEPT = 5_000
_LOOK = timedelta(minutes=10)
"""Time after which folders are looked at anew, so that what rests on them is not dated long ago."""


@dataclass(frozen=True, slots=True)
class Readers:
    """The permissions of one file or folder, read in full."""

    clause: Clause
    direct: bool
    """Whether some permission is said to be on the object itself (shared drives alone say so)."""


class Permissions:
    """Reads permissions, each folder's once.

    Every folder's clause is dated with the moment this was made, and a file's own no later than
    the listing that showed the file: which clause guards a file rests on those looks too. So what
    is told meanwhile, by a look that began later, is not undone.
    """

    def __init__(
        self, client: GoogleClient, patience: Patience, now: Callable[[], datetime], tree: Tree
    ) -> None:
        """Begin with nothing read.

        Make it before the `tree` is loaded, and before the files are listed that it is asked
        about: the date covers those looks too.
        """
        self._client = client
        self._tree = tree
        self._patience = patience
        self._now = now
        self._began = now()
        self._lock = Lock()
        self._folders: OrderedDict[str, Future[Readers]] = OrderedDict()

    @property
    def old(self) -> bool:
        """Whether it is time to make another, with another tree."""
        return self._now() - self._began > _LOOK

    def access(self, file: DriveFile) -> AccessControl:
        """Who may read `file`.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        if file.parent and follows(file):
            bearing = self._folder(self._tree.bearer(file.parent))
            if bearing.clause.known:
                return AccessControl.all_of(bearing.clause)
        # The time before the first page: what is granted or revoked while reading is newer.
        began = self._now()
        own = self._readers(file.id, file, min(began, file.asked or began))
        if file.limited is False and file.parent and not own.direct and own.clause.known:
            folder = self._folder(self._tree.bearer(file.parent))
            if folder.clause.known and folder.clause.grants == own.clause.grants:
                return AccessControl.all_of(folder.clause)
        return AccessControl.all_of(own.clause)

    def _folder(self, id: str) -> Readers:
        with self._lock:
            future = self._folders.get(id)
            mine = future is None
            if future is None:
                future = self._folders[id] = Future()
                if len(self._folders) > _FOLDERS_KEPT:
                    self._folders.popitem(last=False)
            else:
                self._folders.move_to_end(id)
        if mine:
            try:
                future.set_result(self._readers(id, self._tree.folder(id), self._began))
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def _readers(self, id: str, at: DriveFile | None, began: datetime) -> Readers:
        key = f"file/{id}"
        listed = None if at is None else at.permissions
        try:
            told = list(listed) if listed is not None else self._all(id)
        except Refused as refused:
            self._patience.succeeded()
            reason = f"permissions can't be read: HTTP {refused.status} {refused.reason}"
            return Readers(Clause.unknown(_SOURCE, key, reason, began), False)
        except SourceUnavailable as error:
            self._patience.forgive(error)
            reason = f"permissions can't be read: {error.reason}"
            return Readers(Clause.unknown(_SOURCE, key, reason, began), False)
        if listed is None:
            self._patience.succeeded(partial(self._all, id))
        limited = at is not None and bool(at.limited)
        grants = frozenset(g for p in told if (g := grant(p, limited)))
        direct = any(
            d.get("inherited") is False for p in told for d in p.get("permissionDetails") or []
        )
        return Readers(Clause(_SOURCE, key, grants, began), direct)

    def _all(self, id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in self._client.pages(partial(self._request, id)):
            listed = page.get("permissions")
            if not isinstance(listed, list):
                raise Refused(200, "no list of permissions in the answer")
            found.extend(listed)
        return found

    def _request(self, id: str, token: str | None) -> Any:
        return self._client.service.permissions().list(
            fileId=id,
            pageSize=100,
            pageToken=token,
            supportsAllDrives=True,
            fields="*",
        )


def grant(told: dict[str, Any], limited: bool = False) -> Grant | None:
    """The grant that one permission makes, or None when it lets nobody read.

    Deleted accounts, the ``published`` and ``metadata`` views, roles and grantee types that we
    do not know, and, under limited access, what is only inherited, all grant nothing.

    Args:
        told: a permission resource of the Drive API.
        limited: whether the object takes no permissions from above.
    """
    role = told.get("role")
    if told.get("deleted") or told.get("view") or role not in _READERS:
        return None
    details = told.get("permissionDetails") or []
    inherited = bool(details) and all(d.get("inherited") is True for d in details)
    if (limited or told.get("inheritedPermissionsDisabled")) and inherited and role not in _ALWAYS:
        return None
    principal = _principal(told)
    if principal is None:
        return None
    expires = told.get("expirationTime")
    if expires is None:
        return Grant(principal)
    until = instant(expires)
    return Grant(principal, until) if until else None


def _principal(told: dict[str, Any]) -> Principal | None:
    discoverable = told.get("allowFileDiscovery") is True
    kind = told.get("type")
    try:
        if kind in {"user", "group"}:
            email = str(told.get("emailAddress") or "").lower()
            return Principal(_SOURCE, PrincipalKind(kind), email or f"id/{told['id']}")
        if kind == "domain":
            domain = str(told.get("domain") or "").lower()
            if not domain:
                return None
            return Principal(
                _SOURCE, PrincipalKind.DOMAIN, domain if discoverable else f"link:{domain}"
            )
        if kind == "anyone":
            return Principal(
                _SOURCE, PrincipalKind.ANYONE, "discoverable" if discoverable else "link"
            )
    except (InvalidPrincipal, KeyError):
        return None
    return None
