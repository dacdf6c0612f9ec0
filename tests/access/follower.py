"""Follows a world in the plainest way: what was read is written by the catalog's own functions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from access import AccessControl, Evidence, IdentityLink, Person
from access.clock import Clock
from catalog import clauses, containers, documents, memberships, people
from catalog.database import Catalog
from catalog.tables import document
from corpus import Container, Content, Document, MembershipPage
from simulator.world import World
from tests.access.sources.plain import Found, Groups, PlainSource

FEED = "directory"


@dataclass(frozen=True)
class Reading:
    """What one look at a source told."""

    asked: datetime
    found: dict[str, Found]
    groups: Groups


def person(name: str) -> Person:
    """Somebody of the world, as the catalog names them."""
    return Person("directory", name)


class Follower:
    """Writes readings into a catalog: all that `sync` does, but for its connectors."""

    def __init__(self, catalog: Catalog, plain: PlainSource, clock: Clock) -> None:
        self._catalog = catalog
        self._plain = plain
        self._clock = clock

    def read(self, world: World) -> Reading:
        """Look at the source, and write nothing yet."""
        asked = self._clock()
        found = {each.id: each for each in self._plain.documents(world, asked)}
        return Reading(asked, found, self._plain.groups(world))

    def write_documents(self, reading: Reading) -> None:
        """Bodies with their access, and what is gone."""
        source = self._plain.source
        homes: dict[str, list[Found]] = {}
        for each in reading.found.values():
            homes.setdefault(each.container, []).append(each)
        with self._catalog.writing() as connection:
            found = [Container(source, home, home, "") for home in homes]
            containers.store(connection, found, self._clock())
            for home, inside in homes.items():
                number = containers.number(connection, source, home)
                bodies = [(self._document(each), _digest(each)) for each in inside]
                documents.store(connection, number, False, bodies, self._clock(), reading.asked)
            self._remove(connection, reading)

    def write_permissions(self, reading: Reading) -> None:
        """Access alone, of documents that the catalog has met, and what is gone."""
        access = {name: each.access for name, each in reading.found.items()}
        told = {clause for control in access.values() for clause in control.clauses}
        with self._catalog.writing() as connection:
            clauses.store(connection, told, self._clock)
            documents.set_access(
                connection, self._plain.source, access, self._clock(), reading.asked
            )
            self._remove(connection, reading)

    def write_members(self, reading: Reading) -> None:
        """Every group, and that there are no others."""
        page = MembershipPage(self._plain.source, dict(reading.groups))
        with self._catalog.writing() as connection:
            memberships.store(connection, page, FEED, reading.asked, self._clock)
            memberships.finish(
                connection, self._plain.source, FEED, reading.asked, reading.asked, self._clock
            )

    def write_people(self, world: World, asked: datetime) -> None:
        """Everybody, whether they work here still, and which accounts are theirs."""
        with self._catalog.writing() as connection:
            links = []
            for each in world.directory.people.values():
                who = person(each.id)
                people.store(connection, who, name=each.name, guest=each.guest, active=each.works)
                named = self._plain.user(each)
                links += [
                    IdentityLink(
                        who, type(named)(named.source, named.kind, account), Evidence.EXPLICIT
                    )
                    for account in self._plain.accounts(each)
                ]
            people.replace_links(connection, links, FEED, asked, self._clock)

    def rows(self) -> dict[str, int]:
        """Row numbers of every document that the catalog has met, removed ones too."""
        with self._catalog.reading() as connection:
            return _met(connection)

    def _remove(self, connection: Connection, reading: Reading) -> None:
        gone = _met(connection).keys() - reading.found.keys()
        documents.remove(connection, self._plain.source, gone, self._clock(), reading.asked)

    def _document(self, found: Found) -> Document:
        access: AccessControl = found.access
        content = Content(b"", "text/plain")
        return Document(
            self._plain.source, found.id, found.container, found.id, "", content, _digest(found),
            (), None, None, access,
        )  # fmt: skip


def _met(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(document.c.native_id, document.c.id))
    return {row.native_id: row.id for row in rows}


def _digest(found: Found) -> str:
    return hashlib.sha256(found.body.encode()).hexdigest()
