"""Documents by the names that people carry from one command to the next."""

from __future__ import annotations

from urllib.parse import unquote

from sqlalchemy import Connection

from catalog import documents
from catalog.documents import StoredDocument
from catalog.errors import UnknownDocument

_AS_IT_IS = set("-._/:@,+=")
"""Beside letters and digits, what neither a shell nor a terminal takes for its own."""


def name_of(document: StoredDocument) -> str:
    """A document's name as programs are given it: ``source:native id``, whatever is in that."""
    return f"{document.source}:{document.native_id}"


def typed(name: str) -> str:
    """A name as it may be pasted into a shell without quotes; `known` takes it back.

    A native id may be a file's path, and then whoever names files writes it: what a shell or a
    terminal would obey is percent-encoded.
    """
    return "".join(
        each
        if each.isalnum() or each in _AS_IT_IS
        else "".join(f"%{byte:02X}" for byte in each.encode(errors="replace"))
        for each in name
    )


def known(connection: Connection, name: str) -> StoredDocument:
    """The one document with this ``source:native id``, native id or URL, be it as `typed` tells it.

    Where a name is that of one document and what is shown of another, it means the one shown:
    people paste, and the first is shown by another name.

    Raises:
        UnknownDocument: none, or more than one, goes by that name.
    """
    refused: UnknownDocument | None = None
    found: dict[int, StoredDocument] = {}
    for meant in (name,) if "://" in name else dict.fromkeys((name, unquote(name))):
        try:
            each = documents.find(connection, meant)
        except UnknownDocument as error:
            refused = refused or error
        else:
            found[each.id] = each
    if not found and refused is not None:
        raise refused
    if len(found) > 1:
        shown = [each for each in found.values() if typed(name_of(each)) == name]
        if len(shown) == 1:
            return shown[0]
        raise UnknownDocument(f"{name!r} may mean two documents; name the one by its URL")
    return next(iter(found.values()))
