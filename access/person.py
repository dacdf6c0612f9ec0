"""People: who asks, and how we know which principals they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from access.errors import AccessError
from access.principal import Principal


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """A caller as their identity provider names them.

    An e-mail address is evidence about a person, never the person: it can be reassigned.
    """

    issuer: str
    """Who vouches for the subject: the ``iss`` of a verified token, or ``directory`` for
    people listed in a directory file."""
    subject: str
    """The issuer's stable id for the person."""

    def __post_init__(self) -> None:
        """Refuse nameless people.

        Raises:
            AccessError: issuer or subject is empty.
        """
        if not self.issuer or not self.subject:
            raise AccessError("a person needs an issuer and a subject")


class Evidence(StrEnum):
    """Why a principal is believed to be a person, strongest first."""

    SAME_DIRECTORY = "same_directory"
    """The source and the issuer share one directory, and the ids are equal."""
    EXTERNAL_IDENTITY = "external_identity"
    """The source holds the issuer's id for the account (SAML or SCIM)."""
    EXPLICIT = "explicit"
    """A directory file of ours says so."""
    VERIFIED_EMAIL = "verified_email"
    """The account has a mailbox in a domain that the organisation has proven to own."""


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """The belief that a principal is a person, with what it rests on."""

    person: Person
    """Who is meant."""
    principal: Principal
    """The account that is theirs."""
    evidence: Evidence
    """What the belief rests on."""
