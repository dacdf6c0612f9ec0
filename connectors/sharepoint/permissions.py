"""Who may read a document: the role assignments of what carries its permissions, as clauses.

SharePoint's inheritance is all or nothing, so one clause tells who may read: that of the nearest
object with role assignments of its own. Drafts and lists in which people see only what they made
ask for more; that is a second clause on the same object, and who reads must pass both.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock

from access import AccessControl, Clause, Grant, Source
from connectors.interface import SourceUnavailable
from connectors.patience import Patience
from connectors.refused import Refused
from connectors.sharepoint.accounts import Accounts
from connectors.sharepoint.bearers import Bearer, Guard
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.principals import Principals, administrators
from connectors.sharepoint.rights import Right
from connectors.sharepoint.role_assignments import Holder, RoleAssignments
from connectors.sharepoint.sites import Site
from connectors.sharepoint.tenant import Tenant

_SOURCE = Source.SHAREPOINT
_KEPT = 5_000
"""Lists and folders whose role assignments are remembered."""
_DRAFTS = {1: (Right.EDIT, "editors"), 2: (Right.APPROVE, "approvers")}
"""Who sees drafts, by ``DraftVersionVisibility``."""
_ACCOUNT = 1
"""``SP.PrincipalType`` of a user."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The role assignments of one bearer, or why they are unknown."""

    holders: tuple[Holder, ...] = ()
    reason: str = ""


class Permissions:
    """Reads the permissions of one site, each bearer's once. Safe to use from several threads.

    Of a document with permissions of its own they are not remembered: nothing else has them, and
    a library with thousands of such documents would push out those of its folders, again and again.

    Every clause is dated with the moment this was made: what it says was true then or later. So
    what is told of the same objects meanwhile, by a look that began later, is not undone.
    """

    def __init__(
        self,
        client: SharePointClient,
        tenant: Tenant,
        site: Site,
        patience: Patience,
        now: Callable[[], datetime],
    ):
        """Begin with nothing read.

        Make it before looking at what inherits from what: the date covers that look too.

        Args:
            client: asks SharePoint and Graph.
            tenant: who everyone is.
            site: where the documents are.
            patience: tells one object that can't be served from a source that is down.
            now: gives the present instant.
        """
        self._began = now()
        self._patience = patience
        self._site = site
        self._principals = Principals(site, Accounts(client), tenant)
        self._assignments = RoleAssignments(client, self._principals, tenant)
        self._lock = Lock()
        self._held: OrderedDict[Bearer, Future[_Held]] = OrderedDict()

    @property
    def began(self) -> datetime:
        """The date of every clause."""
        return self._began

    def access(self, guard: Guard) -> AccessControl:
        """Who may read what is guarded so.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        bearer = guard.bearer
        held = self._read(bearer) if guard.own else self._of(bearer)
        found = [self._clause(bearer, held, Right.VIEW)]
        if guard.draft:
            right, name = _DRAFTS.get(guard.draft, _DRAFTS[2])
            found.append(self._clause(bearer, held, right, name))
        if guard.author is not None:
            found.append(self._own(bearer, held, guard.author))
        return AccessControl.all_of(*found)

    def digest(self, bearer: Bearer) -> str:
        """Who holds what rights on a bearer, in short; empty where it is unknown; raises alike."""
        held = self._of(bearer)
        if held.reason:
            return ""
        told = sorted(f"{each.grant} {each.rights:d}" for each in held.holders)
        return sha256("\n".join(told).encode()).hexdigest()[:16]

    def _own(self, bearer: Bearer, held: _Held, author: str) -> Clause:
        """Who passes where people see only what they made: the author, and who sees all."""
        login = author.lower()
        name = f"author/{login}" if login else "author"
        if not login:
            return self._clause(bearer, held, Right.OVERRIDE, name)
        try:
            made = self._principals.of([{"PrincipalType": _ACCOUNT, "LoginName": login}])
        except (Refused, SourceUnavailable, ValueError) as error:
            key = f"{bearer.key}/{name}"
            return Clause.unknown(_SOURCE, key, self._why(error), self._began)
        return self._clause(bearer, held, Right.OVERRIDE, name, frozenset(map(Grant, made)))

    def _clause(
        self,
        bearer: Bearer,
        held: _Held,
        right: Right,
        name: str = "",
        more: frozenset[Grant] = frozenset(),
    ) -> Clause:
        key = f"{bearer.key}/{name}" if name else bearer.key
        if held.reason:
            return Clause.unknown(_SOURCE, key, held.reason, self._began)
        grants = {each.grant for each in held.holders if right in each.rights}
        grants.add(Grant(administrators(self._site.collection)))
        return Clause(_SOURCE, key, more.union(grants), self._began)

    def _of(self, bearer: Bearer) -> _Held:
        with self._lock:
            future = self._held.get(bearer)
            mine = future is None
            if future is None:
                future = self._held[bearer] = Future()
                if len(self._held) > _KEPT:
                    self._held.popitem(last=False)
            else:
                self._held.move_to_end(bearer)
        if mine:
            try:
                future.set_result(self._read(bearer))
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def _read(self, bearer: Bearer) -> _Held:
        try:
            held = _Held(self._assignments.of(bearer))
        except (Refused, SourceUnavailable, ValueError) as error:
            return _Held(reason=self._why(error))
        self._patience.succeeded()
        return held

    def _why(self, error: Exception) -> str:
        """Why something is unknown.

        Raises:
            SourceUnavailable: it is no longer about one object.
        """
        if isinstance(error, SourceUnavailable):
            self._patience.forgive(error)
            return f"permissions can't be read: {error.reason}"
        self._patience.succeeded()
        if isinstance(error, Refused) and error.status == 403:
            return (
                f"permissions can't be read: HTTP 403 {error.reason}; the application lost access"
                " here, or lacks Sites.FullControl.All on SharePoint"
            )
        if isinstance(error, Refused):
            return f"permissions can't be read: HTTP {error.status} {error.reason}".rstrip()
        return f"permissions can't be read: {error}"
