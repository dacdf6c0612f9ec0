"""Microsoft 365 groups, applications, and the directory's changes as Entra tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.sharepoint.model import AppRegistration, M365Group
from simulator.verbs import VendorState, VerbError, verb

if TYPE_CHECKING:
    from simulator.world import World


class Accounts(VendorState):
    """What Entra has beside the company's directory."""

    name = "sharepoint"

    def __init__(self, world: World):
        super().__init__(world)
        self.m365: dict[str, M365Group] = {}
        self.apps: dict[str, AppRegistration] = {}
        self.everyone_covers_guests = False
        """``Set-SPOTenant -ShowEveryoneClaim $true``."""
        self.page_limit = 0
        """The most that any page holds; 0 for Microsoft's own sizes."""
        self.directory_log: list[tuple[str, str, str]] = []
        """(principal, member, what) in order: principals changed or deleted (the member empty),
        members added or removed."""
        self.tells_object_ids = True
        """Whether REST knows ``AadObjectId`` of site users."""
        self.names_above = ""
        """Of the folders above a change ``delta`` names the ``root``, or ``all``, even to who
        asks it not to."""
        self._rosters: dict[str, list[str]] = {}

    def directory_changed(self, kind: str, subject: str) -> None:
        """Who is deleted leaves the Microsoft 365 groups; role assignments stay behind."""
        directory = self.world.directory
        principal = f"user:{subject}" if subject in directory.people else f"group:{subject}"
        gone = kind in ("delete_person", "delete_group")
        self.directory_log.append((principal, "", "deleted" if gone else "changed"))
        if kind == "delete_person":
            for team in self.m365.values():
                team.owners = [p for p in team.owners if p != subject]
                team.members = [p for p in team.members if p != subject]
                self._roster(f"m365:{team.id}")
        if gone:
            for group in directory.groups:
                self._roster(f"group:{group}")
        elif principal.startswith("group:"):
            self._roster(principal)

    def members_of(self, principal: str) -> list[str]:
        """The direct members of a group, as principals."""
        kind, _, subject = principal.partition(":")
        if kind == "m365":
            return [f"user:{person}" for person in self.m365[subject].members]
        group = self.world.directory.groups[subject]
        return [*(f"user:{p}" for p in group.members), *(f"group:{g}" for g in group.groups)]

    def _roster(self, principal: str) -> None:
        """Log who joined and who left since the last look."""
        before, now = self._rosters.get(principal, []), self.members_of(principal)
        self._rosters[principal] = now
        for member in now:
            if member not in before:
                self.directory_log.append((principal, member, "added"))
        for member in before:
            if member not in now:
                self.directory_log.append((principal, member, "removed"))

    @verb
    def create_m365_group(
        self, id: str, name: str, owners: list[str], private: bool = True, hidden: bool = False
    ) -> str:
        """A Microsoft 365 group; its owners are not members until added."""
        if id in self.m365:
            raise VerbError(f"{id} is taken")
        for owner in owners:
            self.world.directory.person(owner)
        mail = f"{id}@{self.world.directory.domain}"
        self.m365[id] = M365Group(id, name, mail, list(owners), [], private, hidden)
        self.directory_log.append((f"m365:{id}", "", "changed"))
        return id

    def m365_group(self, group: str) -> M365Group:
        """The Microsoft 365 group with this id.

        Raises:
            VerbError: there is none.
        """
        found = self.m365.get(group)
        if found is None:
            raise VerbError(f"no Microsoft 365 group {group}")
        return found

    @verb
    def add_m365_member(self, group: str, person: str) -> None:
        """A person joins; groups can't."""
        found = self.m365_group(group)
        if self.world.directory.person(person).deleted:
            raise VerbError(f"{person} is deleted")
        if person not in found.members:
            found.members.append(person)
        self._roster(f"m365:{group}")

    @verb
    def remove_m365_member(self, group: str, person: str) -> None:
        """A person leaves; an owner stays owner."""
        found = self.m365_group(group)
        if person not in found.members:
            raise VerbError(f"{person} is not in {group}")
        found.members.remove(person)
        self._roster(f"m365:{group}")

    @verb
    def set_m365_owners(self, group: str, owners: list[str]) -> None:
        """Who owns the group from now on."""
        for owner in owners:
            self.world.directory.person(owner)
        self.m365_group(group).owners = list(owners)

    @verb
    def let_everyone_cover_guests(self, covers: bool = True) -> None:
        """Whether guests hold the "Everyone" claim; they do not by default."""
        self.everyone_covers_guests = covers

    @verb
    def limit_pages(self, most: int) -> None:
        """Cut every page short, so that small worlds have many; 0 for Microsoft's sizes."""
        if most < 0:
            raise VerbError("a page can't hold less than nothing")
        self.page_limit = most

    @verb
    def refuse_object_ids(self) -> None:
        """From now on REST answers 400 to who asks for ``AadObjectId``."""
        self.tells_object_ids = False

    @verb
    def name_above(self, which: str = "all") -> None:
        """What ``delta`` names of what is above a change, though asked not to (`names_above`)."""
        if which not in ("", "root", "all"):
            raise VerbError("nothing, the root, or all")
        self.names_above = which

    @verb
    def register_app(
        self, client_id: str, secret: str, permissions: list[str], certificate: str = ""
    ) -> None:
        """Let an application ask for app-only tokens.

        Args:
            client_id: its id.
            secret: its password; empty for none.
            permissions: such as ``Sites.FullControl.All``, good for Graph and SharePoint.
            certificate: a public key (PEM) whose owner may sign assertions.
        """
        self.apps[client_id] = AppRegistration(client_id, secret, list(permissions), certificate)
