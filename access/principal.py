"""A reader as one source names it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, unquote

from access.errors import InvalidPrincipal
from access.source import Source


class PrincipalKind(StrEnum):
    """What sort of reader a principal is."""

    USER = "user"
    GROUP = "group"
    DOMAIN = "domain"
    """Every account of one mail domain; the id is the domain, with a ``link:`` prefix when
    the grant holds only for those who were handed the link."""
    TENANT = "tenant"
    """Every member of the tenant, guests excluded; the id is the tenant or organisation, with
    a ``link:`` prefix as for a domain."""
    ANYONE = "anyone"
    """Everybody, signed in or not; the id is ``discoverable`` or ``link``."""


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """A reader as a source names it: who a permission list may mention.

    Two principals are the same reader only if source, kind and id are all equal: a group
    named like a user, or equal ids in two sources, stay apart.
    """

    source: Source
    """The system that knows this reader."""
    kind: PrincipalKind
    """Whether it is one user, a group, or a whole class of users."""
    id: str
    """The native id, qualified where the source's own id is not unique (a team by its
    organisation, a site group by its site). Compared byte for byte: connectors fold case
    where the vendor does."""
    name: str = field(default="", compare=False, repr=False)
    """What the source calls this reader, where the id is a number: for showing alone. It may be
    anybody's tomorrow, so it is no part of who the reader is; empty where nobody said."""

    def __post_init__(self) -> None:
        """Refuse ids that no source issues and that could be confused with another.

        Raises:
            InvalidPrincipal: the id is empty, has outer white space, or holds a control,
                surrogate or invisible formatting character.
        """
        if not self.id or self.id != self.id.strip():
            raise InvalidPrincipal(f"empty or padded id for a {self.kind} of {self.source}")
        if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in self.id):
            raise InvalidPrincipal(
                f"control or invisible character in the id of a {self.kind} of {self.source}"
            )

    def encode(self) -> str:
        """This principal as one string, ``source:kind:id`` with the id percent-encoded.

        No id can forge another principal's string, since ``:`` and ``%`` never appear bare.
        """
        return f"{self.source}:{self.kind}:{quote(self.id, safe='@.-_')}"

    @classmethod
    def decode(cls, text: str) -> Principal:
        """The principal that `encode` wrote.

        Raises:
            InvalidPrincipal: `text` is not exactly what `encode` gives for some principal.
        """
        parts = text.split(":")
        if len(parts) != 3:
            raise InvalidPrincipal(f"not source:kind:id: {text!r}")
        try:
            principal = cls(
                Source(parts[0]), PrincipalKind(parts[1]), unquote(parts[2], errors="strict")
            )
        except (ValueError, UnicodeDecodeError) as error:
            raise InvalidPrincipal(f"not a principal: {text!r}") from error
        if principal.encode() != text:
            raise InvalidPrincipal(f"not in canonical form: {text!r}")
        return principal
