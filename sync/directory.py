"""From the directory file into the catalog: people, and which accounts are theirs."""

from __future__ import annotations

from datetime import datetime

from access import Clock, utc_now
from catalog import checkpoints, epoch, people
from catalog.checkpoints import Feed
from catalog.database import Catalog
from catalog.people import ToldPerson
from connectors.directory import ISSUER, Directory
from corpus import Cursor

DIRECTORY = "directory"
"""The feed that the directory file is, for memberships and identity links."""


def sync_directory(
    catalog: Catalog,
    directory: Directory,
    clock: Clock = utc_now,
    read_at: datetime | None = None,
) -> int:
    """Make the people of the directory, and their accounts, exactly what the file says.

    People whom the file no longer lists may ask nothing from here on. Where a later reading of
    the file is stored already, all stays as that says: several processes read the file, and the
    one that writes last may have read it first, when a leaver was still in it.

    Args:
        catalog: where people go.
        directory: what the file said.
        clock: tells the time.
        read_at: the time before the file was read; now when not given.

    Returns:
        How many people the file lists.
    """
    asked = read_at or clock()
    with catalog.writing() as connection:
        epoch.hold(connection)
        if checkpoints.overtaken(connection, ISSUER, "", Feed.PEOPLE, asked, clock):
            return len(directory.people)
        people.store_all(
            connection,
            [
                ToldPerson(each.person, each.name, each.email, each.guest)
                for each in directory.people
            ],
        )
        people.remove_absent(connection, ISSUER, [each.person for each in directory.people])
        links = [link for each in directory.people for link in each.links]
        people.replace_links(connection, links, DIRECTORY, asked, clock)
        checkpoints.save(connection, ISSUER, "", Feed.PEOPLE, Cursor(""), asked)
    return len(directory.people)
