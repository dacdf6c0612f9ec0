"""Documents by the names that people carry from one command to the next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from sqlalchemy import Connection

from catalog import documents
from catalog.documents import StoredDocument
from catalog.errors import UnknownDocument

_AS_IT_IS = set("-._/:@,+=")
"""Beside letters and digits, what neither a shell nor a terminal takes for its own."""
_IN_ADDRESS = _AS_IT_IS | set("%?&#[]")
"""The same within quotes, of what an address is made of; brackets are about an IPv6 host."""
_MARKS = re.compile("%(?:21|24|27|28|29|2A|3B|7E)")
"""``!$'()*;~``, which a URL may hold as they are (RFC 3986, 2.2 and 2.3)."""


def name_of(document: StoredDocument) -> str:
    """A document's name as programs are given it: ``source:native id``, whatever is in that."""
    return f"{document.source}:{document.native_id}"


def typed(name: str) -> str:
    """A name as it may be pasted into a shell without quotes; `known` takes it back.

    A native id may be a file's path, and then whoever names files writes it: what a shell or a
    terminal would obey is percent-encoded.
    """
    return _encoded(name, _AS_IT_IS)


def address(url: str) -> str:
    """A URL as it may be pasted into a shell within quotes of either kind; `known` takes it back.

    It leads where it led, and what a shell would obey even there is percent-encoded.
    """
    return _encoded(url, _IN_ADDRESS)


def known(connection: Connection, name: str) -> StoredDocument:
    """The one document with this ``source:native id``, native id or URL, as it is or as shown.

    Where a name is that of one document and what is shown of another, it means the one shown:
    people paste, and the first is shown by another name.

    Raises:
        UnknownDocument: none, or more than one, goes by that name.
    """
    refused: UnknownDocument | None = None
    found: dict[int, StoredDocument] = {}
    meanings = _addresses(name) if "://" in name else (name, unquote(name))
    for meant in dict.fromkeys(meanings):
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
        raise UnknownDocument(f"{name!r} may mean two documents; name the one as search shows it")
    return next(iter(found.values()))


def _addresses(shown: str) -> Iterable[str]:
    """The URLs that `address` may show so, the likeliest first.

    It is as it is, or well-formed with marks that need no encoding, or not encoded at all. A
    URL that is half encoded is known by the document's id alone.
    """
    return shown, _MARKS.sub(lambda mark: unquote(mark[0]), shown), unquote(shown)


def _encoded(text: str, kept: set[str]) -> str:
    return "".join(
        each
        if each.isalnum() or each in kept
        else "".join(f"%{byte:02X}" for byte in each.encode(errors="replace"))
        for each in text
    )
