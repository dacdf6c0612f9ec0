"""People who may ask, and which accounts are theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, or_, select, update

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
    row = {
        "issuer": who.issuer,
        "subject": who.subject,
        "name": name,
        "email": email.casefold() if email else None,
        "guest": guest,
        "active": active,
    }
    epoch.hold(connection)
    before = _row(connection, who)
    upsert(
        connection,
        person,
        [row],
        ("issuer", "subject"),
        ("name", "email", "guest", "active"),
    )
    after = _row(connection, who)
    assert after is not None
    if before is None or (before.guest, before.active) != (after.guest, after.active):
        epoch.bump(connection)
    return int(after.id)


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
    rows = {}
    for link in wanted:
        found = _row(connection, link.person)
        if found is not None:
            rows[numbers[link.principal], found.id] = {
                "principal_id": numbers[link.principal],
                "person_id": found.id,
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
    keep = {each.subject for each in present}
    for row in connection.execute(
        select(person).where(person.c.issuer == issuer, person.c.active)
    ).all():
        if row.subject not in keep:
            store(
                connection,
                Person(row.issuer, row.subject),
                name=row.name,
                email=row.email,
                guest=row.guest,
                active=False,
            )


def _row(connection: Connection, who: Person) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(person).where(person.c.issuer == who.issuer, person.c.subject == who.subject)
    ).first()


def _known(row: Row[tuple[object, ...]]) -> KnownPerson:
    return KnownPerson(
        row.id, Person(row.issuer, row.subject), row.name, row.email, row.guest, row.active
    )
