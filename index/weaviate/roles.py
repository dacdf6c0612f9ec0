"""Roles of their own for what writes the index and what searches it.

Weaviate's permissions match collections, not documents, so they can't stand for document access;
they keep a stolen query key from changing anything. Made once, by a key that may manage roles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.settings import IndexSettings
from index.weaviate.connection import connect, translated

if TYPE_CHECKING:
    from weaviate import WeaviateClient


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of the two roles."""

    writer: str
    """Makes, fills, switches and drops versions."""
    reader: str
    """Searches, and asks which version is in service."""


def create_roles(settings: IndexSettings, client: WeaviateClient | None = None) -> Roles:
    """Make the roles, or give existing ones just these permissions.

    Args:
        settings: The server, with a key that may manage roles, and the collections' prefix.
        client: A connection to use instead of one made from the settings.

    Raises:
        SearchIndexError: the server can't be used, has no RBAC, or the key may not manage roles.
    """
    from weaviate.classes.rbac import Permissions

    prefix = settings.weaviate_collection
    ours = f"{prefix}_*"
    # An alias is resolved before permissions are looked at, but is also asked for by its name.
    names = [ours, prefix]
    read: list[Any] = [
        Permissions.collections(collection=names, read_config=True),
        Permissions.data(collection=names, read=True),
        Permissions.alias(alias=prefix, collection=ours, read=True),
    ]
    write: list[Any] = [
        Permissions.collections(
            collection=names,
            create_collection=True,
            read_config=True,
            update_config=True,
            delete_collection=True,
        ),
        Permissions.data(collection=names, create=True, read=True, update=True, delete=True),
        Permissions.alias(
            alias=prefix, collection=ours, create=True, read=True, update=True, delete=True
        ),
    ]
    roles = Roles(writer=f"{prefix.lower()}_writer", reader=f"{prefix.lower()}_reader")
    own = client or connect(settings)
    try:
        with translated("making roles"):
            for name, permissions in ((roles.writer, write), (roles.reader, read)):
                if own.roles.exists(name):
                    own.roles.delete(name)
                own.roles.create(role_name=name, permissions=permissions)
    finally:
        if client is None:
            own.close()
    return roles
