"""From the directory file into the catalog: people, and which accounts are theirs."""

from __future__ import annotations

from access import Clock, utc_now
from catalog import people
from catalog.database import Catalog
from connectors.directory import ISSUER, Directory

DIRECTORY = "directory"
"""The feed that the directory file is, for memberships and identity links."""


def sync_directory(catalog: Catalog, directory: Directory, clock: Clock = utc_now) -> int:
    """Make the people of the directory, and their accounts, exactly what the file says.

    People whom the file no longer lists may ask nothing from here on. Gives how many it lists.
    """
    with catalog.writing() as connection:
        for each in directory.people:
            people.store(
                connection, each.person, name=each.name, email=each.email, guest=each.guest
            )
        people.remove_absent(connection, ISSUER, [each.person for each in directory.people])
        links = [link for each in directory.people for link in each.links]
        people.replace_links(connection, links, DIRECTORY, clock(), clock)
    return len(directory.people)
