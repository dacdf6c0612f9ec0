"""Small worlds of people, groups, clauses and documents, and what must follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from access import (
    CLOCK_SKEW,
    AccessControl,
    Clause,
    Evidence,
    Grant,
    IdentityLink,
    Person,
    Principal,
    PrincipalKind,
    Source,
)
from catalog import clauses, containers, documents, memberships, people
from catalog.policy import AccessPolicy
from catalog.tables import metadata
from corpus import Container, Content, Document, MembershipPage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DRIVE, GITHUB = Source.GOOGLE_DRIVE, Source.GITHUB
CONTAINER = Container(DRIVE, "c", "Everything", "")

USERS = [Principal(DRIVE, PrincipalKind.USER, f"u{n}@example.com") for n in range(4)] + [
    Principal(GITHUB, PrincipalKind.USER, f"{n}") for n in range(2)
]
GROUPS = [Principal(DRIVE, PrincipalKind.GROUP, f"g{n}@example.com") for n in range(4)] + [
    # named like a user, and a user's id in another source
    Principal(DRIVE, PrincipalKind.GROUP, "u0@example.com"),
    Principal(GITHUB, PrincipalKind.GROUP, "u0@example.com"),
]
CLASSES = [
    Principal(DRIVE, PrincipalKind.DOMAIN, "example.com"),
    Principal(DRIVE, PrincipalKind.DOMAIN, "link:example.com"),
    Principal(DRIVE, PrincipalKind.ANYONE, "discoverable"),
    Principal(DRIVE, PrincipalKind.ANYONE, "link"),
    Principal(DRIVE, PrincipalKind.TENANT, "link:acme"),
    Principal(GITHUB, PrincipalKind.TENANT, "acme"),
]
# Of classes of users these may be told by a list of members; the others only by the policy.
LISTED = [CLASSES[0], CLASSES[-1]]
# And this one by both: a list of members, where the policy lets links be found.
LINKED = CLASSES[4]
PEOPLE = [Person("directory", f"p{n}") for n in range(4)]
AGES = [timedelta(0), DAY, DAY + timedelta(seconds=1), 3 * DAY, -timedelta(minutes=6)]


@dataclass(frozen=True)
class World:
    """Everything that decides who may read."""

    people: dict[Person, tuple[bool, bool]]
    """Guest and active, by person."""
    links: tuple[IdentityLink, ...]
    groups: dict[Principal, tuple[frozenset[Principal] | None, timedelta]]
    """Members and age of the knowledge, by group."""
    controls: tuple[AccessControl, ...]
    """One document each."""
    policy: AccessPolicy

    def principals(self, who: Person) -> frozenset[Principal]:
        """Every principal that a person is, worked out the plain way."""
        guest, active = self.people[who]
        if not active:
            return frozenset()
        strength = {each: rank for rank, each in enumerate(Evidence)}
        mine = set()
        for link in self.links:
            rivals = [
                other
                for other in self.links
                if other.principal == link.principal
                and other.person != link.person
                and strength[other.evidence] <= strength[link.evidence]
            ]
            if link.person == who and not rivals:
                mine.add(link.principal)
        held = set(mine)
        for account in mine:
            if "@" in account.id and account.source is DRIVE and not guest:
                domain = account.id.rpartition("@")[2]
                whole = Principal(DRIVE, PrincipalKind.DOMAIN, domain)
                if whole not in self.groups:
                    held.add(whole)
                if DRIVE in self.policy.links and (
                    whole not in self.groups or self._lists(whole, mine)
                ):
                    held.add(Principal(DRIVE, PrincipalKind.DOMAIN, f"link:{domain}"))
        held |= {Principal(s, PrincipalKind.ANYONE, "discoverable") for s in self.policy.anyone}
        held |= {Principal(s, PrincipalKind.ANYONE, "link") for s in self.policy.links}
        while True:
            more = {
                group
                for group, (members, age) in self.groups.items()
                if members is not None
                and -CLOCK_SKEW <= age <= DAY
                and members & held
                and (group.kind is PrincipalKind.GROUP or (not guest and self._listed(group)))
            }
            if more <= held:
                return frozenset(held)
            held |= more

    def _listed(self, group: Principal) -> bool:
        return group in LISTED or (group == LINKED and DRIVE in self.policy.links)

    def _lists(self, domain: Principal, accounts: set[Principal]) -> bool:
        members, age = self.groups[domain]
        return members is not None and -CLOCK_SKEW <= age <= DAY and bool(members & accounts)

    @property
    def dated_ahead(self) -> bool:
        """Whether something was told at a time that is yet to come."""
        ages = [age for _, age in self.groups.values()]
        ages += [NOW - each.synced_at for control in self.controls for each in control.clauses]
        return min(ages, default=DAY) < -CLOCK_SKEW

    def readable(self, who: Person, document: int) -> bool:
        """Whether a person may read a document, by the laws of `access`."""
        return self.controls[document].admits(self.principals(who), NOW, DAY)


def _subsets(values, most):
    return st.frozensets(st.sampled_from(values), max_size=most)


def worlds() -> st.SearchStrategy[World]:
    """Worlds small enough that readers, groups and grants meet."""
    expiries = st.sampled_from([None, None, NOW - DAY, NOW, NOW + DAY])
    granted = st.frozensets(
        st.builds(Grant, st.sampled_from(USERS + GROUPS + CLASSES), expiries), max_size=3
    )

    @st.composite
    def build(draw):
        named = [
            Clause(
                draw(st.sampled_from([DRIVE, GITHUB])),
                f"k{n}",
                draw(st.none() | granted),
                NOW - draw(st.sampled_from(AGES)),
            )
            for n in range(4)
        ]
        links = draw(
            st.lists(
                st.builds(
                    IdentityLink,
                    st.sampled_from(PEOPLE),
                    st.sampled_from(USERS),
                    st.sampled_from(Evidence),
                ),
                max_size=6,
                unique_by=lambda link: (link.person, link.principal),
            )
        )
        sources = st.frozensets(st.just(DRIVE))
        return World(
            people={each: (draw(st.booleans()), draw(st.booleans())) for each in PEOPLE},
            links=tuple(links),
            groups={
                group: (
                    draw(st.none() | _subsets(USERS + GROUPS + CLASSES, 3)),
                    draw(st.sampled_from(AGES)),
                )
                for group in draw(_subsets([*GROUPS, *CLASSES], 5))
            },
            controls=tuple(
                AccessControl(draw(_subsets(named, 3))) for _ in range(draw(st.integers(1, 4)))
            ),
            policy=AccessPolicy(draw(sources), draw(sources)),
        )

    return build()


def empty(connection) -> None:
    """Make the catalog empty again."""
    for table in reversed(metadata.sorted_tables):
        if table.name != "counter":
            connection.execute(table.delete())


def document(number: int, access: AccessControl) -> Document:
    """A document with a body that does not matter."""
    return Document(
        DRIVE,
        f"d{number}",
        CONTAINER.id,
        f"Document {number}",
        "",
        Content(b"", "text/plain"),
        "1",
        (),
        None,
        None,
        access,
    )


def store(connection, world: World) -> list[int]:
    """Write a world; gives the documents' row numbers."""
    containers.store(connection, [CONTAINER], NOW)
    number = containers.number(connection, DRIVE, CONTAINER.id)
    for who, (guest, active) in world.people.items():
        people.store(connection, who, name=who.subject, guest=guest, active=active)
    people.replace_links(connection, world.links, "test", NOW)
    for group, (members, age) in world.groups.items():
        page = MembershipPage(group.source, {group: members})
        memberships.store(connection, page, "test", NOW - age)
    bodies = [(document(n, access), None) for n, access in enumerate(world.controls)]
    documents.store(connection, number, False, bodies, NOW)
    present = documents.present(connection, number)
    return [present[f"d{n}"] for n in range(len(world.controls))]


__all__ = ["DAY", "NOW", "PEOPLE", "World", "clauses", "document", "empty", "store", "worlds"]
