"""What a person's token sees in Drive: enforcement, written apart from the oracle.

The caller's *identities* (themself, every group that holds them, their domain) are worked out
once; then access flows down: what a folder gives, its content gets.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.google.state import ROLES, Drive, File, GoogleState, Permission
from simulator.people import Person

_RANK = {role: rank for rank, role in enumerate(ROLES)}
_ORGANIZER = _RANK["organizer"]


@dataclass(frozen=True, slots=True)
class Access:
    """How far someone gets with one file: ranks into `ROLES`, -1 for not at all."""

    found: int = -1
    """By rights that searching honours."""
    link: int = -1
    """By rights that need the address."""
    seen: bool = False
    """May see that it is there: a limited-access folder from outside."""

    @property
    def opens(self) -> int:
        """The best rank with the address in hand."""
        return max(self.found, self.link)


class Sight:
    """One caller's view of Drive at one instant."""

    def __init__(self, state: GoogleState, person: Person | None):
        """Look through the eyes of `person`; None is the administrator, who sees all."""
        self.state, self.person = state, person
        self._now = state.world.now()
        self._known: dict[str, Access] = {}
        self._groups: set[str] = set()
        if person is not None:
            # Downwards from every group, so that cycles need a visited set.
            for group in state.world.directory.groups:
                if self._within(group, person.id, set()):
                    self._groups.add(group)

    def _within(self, group: str, person: str, visited: set[str]) -> bool:
        visited.add(group)
        found = self.state.world.directory.groups.get(group)
        if found is None:
            return False
        if person in found.members:
            return True
        return any(self._within(g, person, visited) for g in found.groups if g not in visited)

    def _ranks(self, permissions: dict[str, Permission]) -> tuple[int, int]:
        """The best rank that these give: by searching, and by link."""
        found = link = -1
        person = self.person
        for held in permissions.values():
            if held.view or (held.expires is not None and held.expires <= self._now):
                continue
            rank = _RANK[held.role]
            if held.type == "anyone":
                if held.discoverable:
                    found = max(found, rank)
                else:
                    link = max(link, rank)
            elif person is None:
                continue
            elif held.type == "user":
                if held.subject == person.id:
                    found = max(found, rank)
            elif held.type == "group":
                if held.subject in self._groups:
                    found = max(found, rank)
            elif not person.guest and person.domain == held.subject:
                if held.discoverable:
                    found = max(found, rank)
                else:
                    link = max(link, rank)
        return found, link

    def drive_rank(self, drive: Drive) -> int:
        """The caller's rank as a member of a shared drive; -1 for none."""
        return len(ROLES) if self.person is None else self._ranks(drive.permissions)[0]

    def access(self, file: File) -> Access:
        """How far the caller gets with `file`."""
        if self.person is None:
            return Access(len(ROLES), len(ROLES), True)
        known = self._known.get(file.id)
        if known is None:
            known = self._known[file.id] = self._access(file)
        return known

    def _access(self, file: File) -> Access:
        found, link = self._ranks(file.permissions)
        above = self.state.files.get(file.parent)
        if above is not None:
            given = self.access(above)
            # An owner's hold on a folder reaches what others put into it as a writer's does.
            inherited, by_link = min(given.found, _RANK["writer"]), min(given.link, _RANK["writer"])
            if given.found in (_ORGANIZER, _RANK["fileOrganizer"]):
                inherited = given.found
        elif file.drive and file.parent == file.drive:
            inherited, by_link = self.drive_rank(self.state.drives[file.drive]), -1
        else:
            inherited, by_link = -1, -1
        seen = max(inherited, by_link) >= 0
        if file.limited:
            organizes = file.drive and self.drive_rank(self.state.drives[file.drive])
            inherited = _ORGANIZER if organizes == _ORGANIZER else -1
            by_link = -1
        found, link = max(found, inherited), max(link, by_link)
        return Access(found, link, seen or max(found, link) >= 0)

    def trashed(self, file: File) -> bool:
        """Whether the file or a folder above it is in the trash."""
        return any(at.trashed for at in self.state.ancestry(file))
