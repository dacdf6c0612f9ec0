"""People who may ask, and which accounts are theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, or_, select, tuple_, update

from access import (
    CLOCK_SKEW,
    Clock,
    Evidence,
    IdentityLink,
    Person,
    PrincipalKind,
    utc_now,
)
from catalog import epoch, principals
from catalog.errors import UnknownPerson
from catalog.tables import identity_link, person
from catalog.upsert import batched, upsert

_TOLD = ("name", "email", "guest", "active")
_RANK = {evidence: rank for rank, evidence in enumerate(Evidence)}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as the catalog knows them."""

    id: int
    """Row number."""
    person: Person
    name: str
    email: str | None
    guest: bool
    """Not a member of the organisation: tenant-wide grants do not reach them."""
    active: bool
    """Someone who has left may ask nothing."""


@dataclass(frozen=True, slots=True)
class ToldPerson:
    """A person as they are told of."""

    person: Person
    name: str
    email: str | None = None
    guest: bool = False
    active: bool = True


def store(
    connection: Connection,
    who: Person,
    *,
    name: str,
    email: str | None = None,
    guest: bool = False,
    active: bool = True,
) -> int:
    """Write a person as they are now; gives their row number."""
    store_all(connection, [ToldPerson(who, name, email, guest, active)])
    return get(connection, who).id


def store_all(connection: Connection, told: Iterable[ToldPerson]) -> None:
    """Write people as they are now; of two of one person the later counts.

    The statements grow with the people, and the writes with those of them who changed: other
    writers wait meanwhile.
    """
    epoch.hold(connection)
    wanted = {each.person: each for each in told}
    before = _found(connection, wanted)
    rows = []
    moved = False
    for who, each in wanted.items():
        row = {
            "issuer": who.issuer,
            "subject": who.subject,
            "name": each.name,
            "email": each.email.casefold() if each.email else None,
            "guest": each.guest,
            "active": each.active,
        }
        old = before.get(who)
        if old is None or any(row[name] != getattr(old, name) for name in _TOLD):
            rows.append(row)
        moved |= old is None or (old.guest, old.active) != (each.guest, each.active)
    for run in batched(rows):
        upsert(connection, person, run, ("issuer", "subject"), _TOLD)
    if moved:
        epoch.bump(connection)


def replace_links(
    connection: Connection,
    links: Iterable[IdentityLink],
    feed: str,
    now: datetime,
    clock: Clock = utc_now,
) -> None:
    """Make the identity links of one feed exactly these, confirmed at `now`.

    Links that the feed was asked for later stay as they are.

    Links of people whom the catalog does not know are left out; they match nobody anyway. Of
    several for one person and account the strongest counts.

    Raises:
        ValueError: a link names a group or class of users, which is nobody's account.
    """
    epoch.hold(connection)
    wanted = sorted(links, key=lambda link: -_RANK[link.evidence])
    for link in wanted:
        if link.principal.kind is not PrincipalKind.USER:
            raise ValueError(f"a {link.principal.kind} of {link.principal.source} is no account")
    numbers = principals.intern(connection, (link.principal for link in wanted))
    met = _found(connection, {link.person for link in wanted})
    rows = {}
    for link in wanted:
        if link.person in met:
            who = met[link.person].id
            rows[numbers[link.principal], who] = {
                "principal_id": numbers[link.principal],
                "person_id": who,
                "rank": _RANK[link.evidence],
                "evidence": link.evidence,
                "feed": feed,
                "linked_at": now,
            }
    before = connection.execute(select(identity_link).where(identity_link.c.feed == feed)).all()
    latest = clock() + CLOCK_SKEW
    if any(now < row.linked_at <= latest for row in before):
        return
    held = {(row.principal_id, row.person_id): row.rank for row in before}
    if held == {key: row["rank"] for key, row in rows.items()}:
        connection.execute(
            update(identity_link).where(identity_link.c.feed == feed).values(linked_at=now)
        )
        if any(abs(now - row.linked_at) >= epoch.CONFIRMED_AGAIN for row in before):
            epoch.bump(connection)
        return
    connection.execute(delete(identity_link).where(identity_link.c.feed == feed))
    for run in batched(list(rows.values())):
        upsert(connection, identity_link, run, ("principal_id", "person_id", "feed"))
    epoch.bump(connection)


def find(connection: Connection, who: str) -> KnownPerson:
    """The one person with this subject or e-mail address.

    For operators on a command line; a service asks by verified issuer and subject instead.

    Raises:
        UnknownPerson: nobody, or more than one, goes by that name.
    """
    wanted = select(person).where(or_(person.c.subject == who, person.c.email == who.casefold()))
    rows = connection.execute(wanted).all()
    if len(rows) != 1:
        said = "nobody is" if not rows else f"{len(rows)} people are"
        raise UnknownPerson(f"{said} known as {who!r}; people come from directory.yaml")
    return _known(rows[0])


def get(connection: Connection, who: Person) -> KnownPerson:
    """A person by issuer and subject.

    Raises:
        UnknownPerson: the catalog does not know them.
    """
    row = _row(connection, who)
    if row is None:
        raise UnknownPerson("the caller is not in the directory")
    return _known(row)


def load(connection: Connection) -> list[KnownPerson]:
    """Everyone, in order of issuer and subject."""
    rows = connection.execute(select(person).order_by(person.c.issuer, person.c.subject))
    return [_known(row) for row in rows]


def load_some(connection: Connection, ids: Iterable[int]) -> list[KnownPerson]:
    """People by row number, in no order."""
    found: list[KnownPerson] = []
    for run in batched(sorted(ids)):
        rows = connection.execute(select(person).where(person.c.id.in_(run)))
        found.extend(_known(row) for row in rows)
    return found


def count(connection: Connection) -> int:
    """How many people the catalog knows."""
    return int(connection.execute(select(func.count()).select_from(person)).scalar_one())


def active(connection: Connection, issuer: str) -> int:
    """How many people of an issuer may ask."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(person)
            .where(person.c.issuer == issuer, person.c.active)
        ).scalar_one()
    )


def remove_absent(connection: Connection, issuer: str, present: Iterable[Person]) -> None:
    """Deactivate the people of an issuer that its directory no longer lists."""
    epoch.hold(connection)
    keep = {each.subject for each in present}
    listed = select(person.c.id, person.c.subject).where(person.c.issuer == issuer, person.c.active)
    gone = [row.id for row in connection.execute(listed).all() if row.subject not in keep]
    for run in batched(gone):
        connection.execute(update(person).where(person.c.id.in_(run)).values(active=False))
    if gone:
        epoch.bump(connection)


def _found(connection: Connection, wanted: Collection[Person]) -> dict[Person, KnownPerson]:
    """Those of some people whom the catalog knows."""
    found: dict[Person, KnownPerson] = {}
    identity = tuple_(person.c.issuer, person.c.subject)
    for run in batched(sorted(wanted)):
        names = [(each.issuer, each.subject) for each in run]
        for row in connection.execute(select(person).where(identity.in_(names))):
            known = _known(row)
            found[known.person] = known
    return found


def _row(connection: Connection, who: Person) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(person).where(person.c.issuer == who.issuer, person.c.subject == who.subject)
    ).first()


def _known(row: Row[tuple[object, ...]]) -> KnownPerson:
    return KnownPerson(
        row.id, Person(row.issuer, row.subject), row.name, row.email, row.guest, row.active
    )
