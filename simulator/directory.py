"""The company's directory: who works here and in which groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.people import Group, Person
from simulator.verbs import State, VerbError, verb

if TYPE_CHECKING:
    from simulator.world import World


class Directory(State):
    """People and groups, as an identity provider keeps them."""

    name = "directory"

    def __init__(self, world: World):
        super().__init__(world)
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.by_email: dict[str, str] = {}
        """Every address ever in use (lower case) → person or group id."""
        self.domain = "saltmarsh.example"
        """The company's verified mail domain."""
        self.changes: list[tuple[str, str]] = []
        """(verb, subject) in order; a vendor's delta token may be a position in it."""

    def person(self, person_id: str) -> Person:
        """The person with this id, deleted ones included.

        Raises:
            VerbError: there is none.
        """
        found = self.people.get(person_id)
        if found is None:
            raise VerbError(f"no person {person_id}")
        return found

    def group(self, group_id: str) -> Group:
        """The group with this id.

        Raises:
            VerbError: there is none.
        """
        found = self.groups.get(group_id)
        if found is None:
            raise VerbError(f"no group {group_id}")
        return found

    def person_by_email(self, email: str) -> Person | None:
        """Who has this address now or had it before; None where it is nobody's."""
        return self.people.get(self.by_email.get(email.lower(), ""))

    def group_by_email(self, email: str) -> Group | None:
        """The group with this address."""
        return self.groups.get(self.by_email.get(email.lower(), ""))

    def _changed(self, kind: str, subject: str) -> None:
        self.changes.append((kind, subject))
        for state in self.world.states.values():
            state.directory_changed(kind, subject)

    @verb
    def add_person(
        self,
        id: str,
        name: str,
        email: str = "",
        guest: bool = False,
        email_hidden: bool = False,
        same_as: str = "",
        title: str = "",
        aliases: list[str] | None = None,
    ) -> str:
        """Someone joins; without an address they get ``<id>@<company domain>``.

        The address of somebody who was deleted may be given again.
        """
        email = email or f"{id}@{self.domain}"
        holder = self.by_email.get(email.lower())
        free = holder is None or (holder in self.people and self.people[holder].deleted)
        if id in self.people or id in self.groups or not free:
            raise VerbError(f"{id} or {email} is taken")
        person = Person(
            id,
            name,
            email,
            list(aliases or ()),
            guest,
            email_hidden=email_hidden,
            same_as=same_as,
            title=title,
        )
        self.people[id] = person
        for address in (email, *person.aliases):
            self.by_email[address.lower()] = id
        self._changed("add_person", id)
        return id

    @verb
    def rename_person(self, person: str, name: str, email: str) -> None:
        """A new name and address; the old address stays as an alias."""
        found = self.person(person)
        if self.by_email.get(email.lower(), person) != person:
            raise VerbError(f"{email} is taken")
        if found.email.lower() != email.lower():
            found.aliases.append(found.email)
        found.name, found.email = name, email
        self.by_email[email.lower()] = person
        self._changed("rename_person", person)

    @verb
    def hide_email(self, person: str, hidden: bool = True) -> None:
        """Hide the address at vendors that can."""
        self.person(person).email_hidden = hidden
        self._changed("hide_email", person)

    @verb
    def deactivate(self, person: str) -> None:
        """Suspend the account; memberships and grants stay."""
        self.person(person).active = False
        self._changed("deactivate", person)

    @verb
    def reactivate(self, person: str) -> None:
        """End a suspension."""
        self.person(person).active = True
        self._changed("reactivate", person)

    @verb
    def delete_person(self, person: str) -> None:
        """Delete the account for good: it leaves every group."""
        found = self.person(person)
        found.deleted, found.active = True, False
        for group in self.groups.values():
            group.members.pop(person, None)
        self._changed("delete_person", person)

    @verb
    def create_group(self, id: str, name: str = "", email: str = "") -> str:
        """A new, empty group; its address defaults to ``<id>@<company domain>``."""
        email = email or f"{id}@{self.domain}"
        if id in self.people or id in self.groups or email.lower() in self.by_email:
            raise VerbError(f"{id} or {email} is taken")
        self.groups[id] = Group(id, name or id.replace("-", " ").capitalize(), email)
        self.by_email[email.lower()] = id
        self._changed("create_group", id)
        return id

    @verb
    def delete_group(self, group: str) -> None:
        """The group is gone, and so are its nestings."""
        found = self.group(group)
        del self.groups[group]
        del self.by_email[found.email.lower()]
        for other in self.groups.values():
            if group in other.groups:
                other.groups.remove(group)
        self._changed("delete_group", group)

    @verb
    def add_member(self, group: str, person: str, role: str = "MEMBER") -> None:
        """A person joins a group, or changes role in it."""
        if self.person(person).deleted:
            raise VerbError(f"{person} is deleted")
        self.group(group).members[person] = role
        self._changed("add_member", group)

    @verb
    def remove_member(self, group: str, person: str) -> None:
        """A person leaves a group."""
        if self.group(group).members.pop(person, None) is None:
            raise VerbError(f"{person} is not in {group}")
        self._changed("remove_member", group)

    @verb
    def nest(self, group: str, child: str) -> None:
        """`child` becomes a member of `group`; cycles happen."""
        self.group(child)
        found = self.group(group)
        if child not in found.groups:
            found.groups.append(child)
        self._changed("nest", group)

    @verb
    def unnest(self, group: str, child: str) -> None:
        """`child` is no longer a member of `group`."""
        found = self.group(group)
        if child not in found.groups:
            raise VerbError(f"{child} is not in {group}")
        found.groups.remove(child)
        self._changed("unnest", group)
