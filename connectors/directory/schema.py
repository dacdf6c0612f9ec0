"""What a directory file may say; see docs/directory.md for an example."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from access import Source

Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, strict=True)]


def _one_or_many(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("an id is text: put the number in quotes")
    return (value,) if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], BeforeValidator(_one_or_many)]
SourceName = Annotated[Source, Field(strict=False)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PersonEntry(_Entry):
    """One person and the accounts that are theirs."""

    subject: Id
    """The id by which this person asks."""
    name: Id
    email: Id | None = None
    """Where they get mail; the subject itself when it is an address and this is left out."""
    guest: Annotated[bool, Field(strict=True)] = False
    """Guests are in no tenant and no domain, whatever their accounts look like."""
    accounts: dict[SourceName, Ids] = Field(default_factory=dict)


class GroupEntry(_Entry):
    """One group of one source, its members in full."""

    id: Id
    name: str = ""
    people: tuple[Id, ...] = ()
    """Subjects of `people`: their accounts in this source are members."""
    users: tuple[Id, ...] = ()
    """Accounts of this source, by native id."""
    groups: tuple[Id, ...] = ()
    """Groups of this source, by native id."""


class TenantEntry(_Entry):
    """A class of users that a source grants to as a whole."""

    id: Id
    kind: Literal["tenant", "domain"] = "tenant"
    people: tuple[Id, ...] | None = None
    """Subjects who belong. Without it: for a tenant every person with an account in the source,
    for a domain every account that ends in ``@id``; guests never."""


class DirectoryEntry(_Entry):
    """The whole file."""

    people: tuple[PersonEntry, ...]
    groups: dict[SourceName, tuple[GroupEntry, ...]] = Field(default_factory=dict)
    tenants: dict[SourceName, tuple[TenantEntry, ...]] = Field(default_factory=dict)
