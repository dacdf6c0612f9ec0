"""Atlassian accounts and groups, one set for both products of a site."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from simulator.clock import parse
from simulator.verbs import VendorState, VerbError, verb

if TYPE_CHECKING:
    from simulator.people import Group, Person
    from simulator.world import World

SITE_ZONE = "Europe/Dublin"
"""The time zone of accounts that chose none."""
CLOUD_ID = "5c1f3a52-6f0e-4f4e-9a50-6b1f3a52c0de"


def _uuid(text: str) -> str:
    return str(UUID(bytes=blake2b(text.encode(), digest_size=16).digest(), version=4))


def account_id(person: str) -> str:
    """The ``accountId`` of a person: the same in both products."""
    return f"712020:{_uuid(f'atlassian/{person}')}"


def group_id(group: str) -> str:
    """The ``groupId`` of a group."""
    return _uuid(f"atlassian/group/{group}")


SERVICE = account_id("!service")
"""The account behind a service token."""


class AtlassianState(VendorState):
    """What either product keeps about its accounts."""

    def __init__(self, world: World):
        super().__init__(world)
        self.access: dict[str, None] = {}
        """Groups whose members have the product (product access), in order of granting."""
        self.administrators: dict[str, None] = {}
        """People who administer the product."""
        self.zones: dict[str, str] = {}
        """Person id (empty for the service account) → IANA time zone."""
        self.last_number = 10_000

    def number(self) -> str:
        """The next numeric id; only verbs may ask for one."""
        self.last_number += self.world.rng.randint(1, 3)
        return str(self.last_number)

    @verb
    def give_access(self, group: str) -> None:
        """Give the product to the members of a group."""
        self.world.directory.group(group)
        self.access[group] = None

    @verb
    def take_access(self, group: str) -> None:
        """Take the product from a group."""
        if group not in self.access:
            raise VerbError(f"{group} has no access")
        del self.access[group]

    @verb
    def make_admin(self, person: str) -> None:
        """Let a person administer the product."""
        self.world.directory.person(person)
        self.administrators[person] = None

    @verb
    def set_time_zone(self, zone: str, person: str = "") -> None:
        """Set the time zone of an account; without a person that of the service account."""
        if person:
            self.world.directory.person(person)
        ZoneInfo(zone)
        self.zones[person] = zone

    def zone(self, person: Person | None) -> ZoneInfo:
        """The time zone of an account; None is the service account."""
        return ZoneInfo(self.zones.get(person.id if person else "", SITE_ZONE))

    def moment(self, at: str) -> datetime:
        """The instant of a verb: `at`, or now where that is empty."""
        return parse(at) if at else self.world.now()


def person_of(world: World, account: str) -> Person | None:
    """The person with this ``accountId``; None where it is nobody's."""
    for person in world.directory.people.values():
        if account_id(person.id) == account:
            return person
    return None


def group_of(world: World, name_or_id: str) -> Group | None:
    """The group with this name or ``groupId``."""
    for group in world.directory.groups.values():
        if name_or_id in (group_id(group.id), group.id):
            return group
    return None


def members_of(world: World, group: str) -> list[Person]:
    """Everyone in a group, nested groups flattened into it as provisioning does, by name.

    https://support.atlassian.com/provisioning-users/docs/what-are-nested-groups
    """
    directory, seen, found, todo = world.directory, {group}, dict[str, None](), [group]
    while todo:
        at = directory.groups.get(todo.pop())
        if at is None:
            continue
        found |= dict.fromkeys(at.members)
        todo += [child for child in at.groups if child not in seen]
        seen.update(at.groups)
    people = [directory.people[member] for member in found]
    return sorted(people, key=lambda person: (person.name, person.id))


_KNOWN: WeakKeyDictionary[World, tuple[int, dict[str, set[str]]]] = WeakKeyDictionary()
"""What `groups_seen` told, good until the directory changes."""


def groups_seen(world: World, person: Person) -> set[str]:
    """Ids of the groups whose flattened list has `person`. For views; oracles have their own."""
    changes = len(world.directory.changes)
    at, known = _KNOWN.get(world, (-1, {}))
    if at != changes:
        known = {}
        for group in world.directory.groups:
            for member in members_of(world, group):
                known.setdefault(member.id, set()).add(group)
        _KNOWN[world] = (changes, known)
    return known.get(person.id, set())


def shown_name(person: Person) -> str:
    """The display name; a deleted account has none left."""
    return "Former user" if person.deleted else person.name


def shown_email(person: Person) -> str:
    """The e-mail as others see it: empty where hidden by its owner or gone with the account."""
    return "" if person.email_hidden or person.deleted else person.email


def jira_time(instant: datetime, zone: ZoneInfo) -> str:
    """Jira's time format, in the zone of whoever asks: ``2026-06-15T10:00:00.000+0100``."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def millis(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return int(instant.timestamp() * 1000)


def from_millis(number: int) -> datetime:
    """The instant that `millis` told."""
    return datetime.fromtimestamp(number / 1000, UTC)
