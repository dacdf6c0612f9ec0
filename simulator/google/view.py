"""What a person's token sees in Drive: enforcement, written apart from the oracle.

The caller's *identities* (themself, every group that holds them, their domain) are worked out
once; then access flows down: what a folder gives, its content gets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.google.ids import root_id
from simulator.google.objects import ROLES, Drive, File, Permission
from simulator.google.state import GoogleState
from simulator.people import Person

_RANK = {role: rank for rank, role in enumerate(ROLES)}
_ORGANIZER, _WRITER = _RANK["organizer"], _RANK["writer"]


@dataclass(frozen=True, slots=True)
class Access:
    """How far someone gets with one file: ranks into `ROLES`, -1 for not at all."""

    own: int = -1
    """By grants to them or to a group of theirs."""
    public: int = -1
    """By grants to a domain or anyone that searching may discover."""
    link: int = -1
    """By grants that need the address."""
    seen: bool = False
    """May see that it is there: a limited-access folder from outside."""

    @property
    def found(self) -> int:
        """The best rank without being given the address."""
        return max(self.own, self.public)

    @property
    def opens(self) -> int:
        """The best rank with the address in hand."""
        return max(self.own, self.public, self.link)


_NOTHING = Access()
_EVERYTHING = Access(len(ROLES), len(ROLES), len(ROLES), True)


class Sight:
    """One caller's view of Drive at one instant."""

    def __init__(self, state: GoogleState, person: Person | None):
        """Look through the eyes of `person`; None is the administrator, who sees all."""
        self.state, self.person = state, person
        self._now = state.world.now()
        self._known: dict[str, Access] = {}
        self._trashed: dict[str, bool] = {}
        self._groups = _groups_of(state, person.id) if person is not None else frozenset()

    def _ranks(self, permissions: Iterable[Permission]) -> Access:
        """What these alone would give."""
        own = public = link = -1
        person = self.person
        for held in permissions:
            if held.view or (held.expires is not None and held.expires <= self._now):
                continue
            rank = _RANK[held.role]
            if held.type == "user":
                mine = person is not None and held.subject == person.id
            elif held.type == "group":
                mine = held.subject in self._groups
            else:
                if held.type == "domain" and not self._in_domain(held.subject):
                    continue
                if held.discoverable:
                    public = max(public, rank)
                else:
                    link = max(link, rank)
                continue
            if mine:
                own = max(own, rank)
        return Access(own, public, link)

    def _in_domain(self, domain: str) -> bool:
        return self.person is not None and not self.person.guest and self.person.domain == domain

    def drive_rank(self, drive: Drive) -> int:
        """The caller's rank as a member of a shared drive; -1 for none."""
        return len(ROLES) if self.person is None else self._ranks(drive.permissions.values()).own

    def access(self, file: File) -> Access:
        """How far the caller gets with `file`."""
        if self.person is None:
            return _EVERYTHING
        known = self._known.get(file.id)
        if known is None:
            known = self._known[file.id] = self._access(file)
        return known

    def _access(self, file: File) -> Access:
        direct = self._ranks(file.permissions.values())
        above = self._from_above(file)
        seen = above.opens >= 0
        if file.limited:
            above = _NOTHING
            if file.drive and self.drive_rank(self.state.drives[file.drive]) == _ORGANIZER:
                above = Access(own=_ORGANIZER)
        own = max(direct.own, above.own)
        public, link = max(direct.public, above.public), max(direct.link, above.link)
        return Access(own, public, link, seen or max(own, public, link) >= 0)

    def _from_above(self, file: File) -> Access:
        given = self._known.get(file.parent)
        if given is None:
            folder = self.state.lookup(file.parent)
            given = self.access(folder) if folder is not None else None
        if given is not None:
            if file.drive:
                return given
            # An owner's hold on a folder reaches what others put into it as a writer's does.
            return Access(min(given.own, _WRITER), given.public, given.link)
        if file.drive:
            return Access(own=self.drive_rank(self.state.drives[file.drive]))
        return _NOTHING

    def had(self, permissions: Iterable[Permission]) -> bool:
        """Whether these, found in the log of what held before, were grants to the caller."""
        return self.person is None or self._ranks(permissions).own >= 0

    def lists(self, file: File) -> bool:
        """Whether a listing may show the file to the caller."""
        access = self.access(file)
        return access.found >= 0 or (file.limited and access.seen)

    def trashed(self, file: File) -> bool:
        """Whether the file or a folder above it is in the trash."""
        known = self._trashed.get(file.id)
        if known is None:
            known = file.trashed or self._trashed.get(file.parent, False)
            if not known and file.parent not in self._trashed:
                above = self.state.lookup(file.parent)
                known = above is not None and self.trashed(above)
            self._trashed[file.id] = known
        return known

    def folder(self, named: str) -> str:
        """A folder's id, with ``root`` meaning the caller's My Drive."""
        return root_id(self.person.id) if named == "root" and self.person is not None else named

    def subject(self, named: str) -> str:
        """The person or group id behind an address, with ``me`` meaning the caller."""
        if named == "me":
            return self.person.id if self.person is not None else ""
        return self.state.world.directory.by_email.get(named.lower(), "")


def _groups_of(state: GoogleState, person: str) -> frozenset[str]:
    """Every group that holds the person, by going down from each of them."""
    directory = state.world.directory
    stamp, known = state.membership
    if stamp != len(directory.changes):
        known = {}
        state.membership = (len(directory.changes), known)
    if person not in known:
        known[person] = frozenset(g for g in directory.groups if _holds(state, g, person, set()))
    return known[person]


def _holds(state: GoogleState, group: str, person: str, visited: set[str]) -> bool:
    visited.add(group)
    found = state.world.directory.groups.get(group)
    if found is None:
        return False
    return person in found.members or any(
        _holds(state, inner, person, visited) for inner in found.groups if inner not in visited
    )
