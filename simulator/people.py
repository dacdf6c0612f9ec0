"""People and the groups of the company's directory."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Person:
    """One account holder. Vendors derive their own account ids from `id`."""

    id: str
    """Stable, lower case, and never reused: ``ada``."""
    name: str
    """What people call them today."""
    email: str
    """The primary address today."""
    aliases: list[str] = field(default_factory=list)
    """Other addresses of the same mailbox; a rename leaves the old address here."""
    guest: bool = False
    """From outside the company."""
    active: bool = True
    """False once deactivated (suspended); can be reversed."""
    deleted: bool = False
    """The account is gone for good."""
    email_hidden: bool = False
    """Vendors that can hide an address do."""
    same_as: str = ""
    """The id of the first account of the same human; empty when this is it."""
    title: str = ""
    """Their job."""

    @property
    def works(self) -> bool:
        """Whether the account can sign in."""
        return self.active and not self.deleted

    @property
    def domain(self) -> str:
        """The domain of the primary address."""
        return self.email.rpartition("@")[2]


@dataclass(slots=True)
class Group:
    """A directory group: people, and other groups, perhaps in a cycle."""

    id: str
    """Stable: ``platform``."""
    name: str
    """Shown name."""
    email: str
    """Its address."""
    members: dict[str, str] = field(default_factory=dict)
    """Person id → role (``MEMBER``, ``MANAGER`` or ``OWNER``), in order of joining."""
    groups: list[str] = field(default_factory=list)
    """Ids of the groups nested in it."""
