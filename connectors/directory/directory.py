"""People, accounts and groups as a directory file states them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from access import (
    Evidence,
    IdentityLink,
    InvalidPrincipal,
    Person,
    Principal,
    PrincipalKind,
    Source,
)
from connectors.directory.errors import DirectoryInvalid, DirectoryMissing
from connectors.directory.lines import Lines
from connectors.directory.schema import DirectoryEntry, GroupEntry, PersonEntry, TenantEntry
from connectors.directory.words import place, words
from corpus import MembershipPage

ISSUER = "directory"
"""The issuer of people who are known from a directory file alone."""

_FOLDED = {Source.GOOGLE_DRIVE}
"""Sources whose ids are e-mail addresses, which their vendors compare without regard to case."""


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """A person of the file."""

    person: Person
    name: str
    email: str | None
    guest: bool
    """Whether they are from outside, and so in no tenant and no domain."""
    links: tuple[IdentityLink, ...]
    """Their accounts, each on the file's explicit word."""


@dataclass(frozen=True, slots=True)
class Directory:
    """What a directory file says, checked as a whole."""

    people: tuple[DirectoryPerson, ...]
    groups: dict[Principal, frozenset[Principal]]
    """Direct members of every group, tenant and domain of the file."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that the file speaks about, in a fixed order."""
        named = {p.source for p in self.groups}
        named.update(link.principal.source for who in self.people for link in who.links)
        return tuple(source for source in Source if source in named)

    def memberships(self, source: Source) -> MembershipPage:
        """The groups of one source, each in full, and the accounts there that are people's."""
        return MembershipPage(
            source,
            {g: members for g, members in self.groups.items() if g.source is source},
            tuple(k for who in self.people for k in who.links if k.principal.source is source),
        )


def load_directory(path: Path) -> Directory:
    """Read a directory file; raises as `directory_text` and `directory_of` do."""
    return directory_of(path, directory_text(path))


def directory_text(path: Path) -> str:
    """The text of a directory file.

    Raises:
        DirectoryMissing: there is no such file, or it can't be read.
        DirectoryInvalid: it is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise DirectoryInvalid(path, [(1, "it is not UTF-8 text; save it as UTF-8")]) from None
    except (FileNotFoundError, NotADirectoryError):
        raise DirectoryMissing(
            f"{path} is not there; put it back, or set BAILIWICK_DIRECTORY to where it is"
        ) from None
    except PermissionError:
        raise DirectoryMissing(
            f"{path} may not be read by this account; let it read the file, or set"
            " BAILIWICK_DIRECTORY to another"
        ) from None
    except OSError as error:
        raise DirectoryMissing(
            f"{path} can't be read ({error.strerror or type(error).__name__}); set"
            " BAILIWICK_DIRECTORY to a file"
        ) from None


def directory_of(path: Path, text: str) -> Directory:
    """What the text of a directory file says.

    Raises:
        DirectoryInvalid: it does not say what it must; the message names file and line.
    """
    lines = Lines(path, text)
    try:
        entry = DirectoryEntry.model_validate(lines.data)
    except ValidationError as error:
        raise DirectoryInvalid(
            path,
            [
                (lines.line(at), f"{place(at, lines.data)}: {words(each, lines.data)}")
                for each in error.errors(include_input=False, include_url=False)
                for at in (each["loc"],)
            ],
        ) from None
    return _Reading(path, lines).directory(entry)


class _Reading:
    """Turns entries into values, gathering every problem before giving up."""

    def __init__(self, path: Path, lines: Lines):
        self._path = path
        self._lines = lines
        self._problems: list[tuple[int, str]] = []
        self._accounts: dict[tuple[str, Source], tuple[Principal, ...]] = {}
        self._owner: dict[Principal, str] = {}
        self._guests: set[str] = set()

    def directory(self, entry: DirectoryEntry) -> Directory:
        people = tuple(self._people(entry.people))
        groups: dict[Principal, frozenset[Principal]] = {}
        for source, listed in entry.groups.items():
            for i, group in enumerate(listed):
                at = ("groups", source.value, i)
                self._add(groups, self._group(source, group.id, at), at, group, source)
        for source, tenants in entry.tenants.items():
            for i, tenant in enumerate(tenants):
                at = ("tenants", source.value, i)
                name = self._principal(source, PrincipalKind(tenant.kind), tenant.id, at)
                self._add(groups, name, at, tenant, source)
        if self._problems:
            raise DirectoryInvalid(self._path, sorted(self._problems))
        return Directory(people, groups)

    def _people(self, entries: tuple[PersonEntry, ...]) -> Iterator[DirectoryPerson]:
        seen: set[str] = set()
        for i, entry in enumerate(entries):
            at = ("people", i)
            if entry.subject in seen:
                self._wrong(at, f"the subject {entry.subject!r} stands twice; make them one")
            seen.add(entry.subject)
            if entry.guest:
                self._guests.add(entry.subject)
            person = Person(ISSUER, entry.subject)
            links = []
            for source, ids in entry.accounts.items():
                here = (*at, "accounts", source.value)
                accounts = tuple(
                    found
                    for id in ids
                    if (found := self._principal(source, PrincipalKind.USER, id, here))
                )
                self._accounts[entry.subject, source] = accounts
                for account in accounts:
                    first = self._owner.setdefault(account, entry.subject)
                    if first != entry.subject:
                        said = f"the account {account.id!r} is {first!r} already"
                        self._wrong(here, f"{said}; an account is one person's")
                    links.append(IdentityLink(person, account, Evidence.EXPLICIT))
            email = entry.email or (entry.subject if "@" in entry.subject else None)
            yield DirectoryPerson(person, entry.name, email, entry.guest, tuple(links))
        self._seen = seen

    def _add(
        self,
        groups: dict[Principal, frozenset[Principal]],
        name: Principal | None,
        at: tuple[str | int, ...],
        entry: GroupEntry | TenantEntry,
        source: Source,
    ) -> None:
        if name is None:
            return
        if name in groups:
            self._wrong(at, f"the {name.kind} {name.id!r} stands twice; make them one")
        if isinstance(entry, GroupEntry):
            groups[name] = frozenset(self._members(source, entry, at))
        else:
            groups[name] = frozenset(self._everyone(source, entry, at))
        if name in groups[name]:
            self._wrong(at, f"the {name.kind} {name.id!r} is its own member; take it out")

    def _members(
        self, source: Source, entry: GroupEntry, at: tuple[str | int, ...]
    ) -> Iterator[Principal]:
        yield from self._named(source, entry.people, at)
        for id in entry.users:
            if found := self._principal(source, PrincipalKind.USER, id, (*at, "users")):
                yield found
        for id in entry.groups:
            if found := self._group(source, id, (*at, "groups")):
                yield found

    def _everyone(
        self, source: Source, entry: TenantEntry, at: tuple[str | int, ...]
    ) -> Iterator[Principal]:
        if entry.people is not None:
            for subject in entry.people:
                if subject in self._guests:
                    self._wrong(
                        (*at, "people"),
                        f"{subject!r} is a guest; guests are in no {entry.kind}: take them out",
                    )
            yield from self._named(source, entry.people, at)
            return
        for (subject, where), accounts in self._accounts.items():
            if where is source and subject not in self._guests:
                yield from (
                    a
                    for a in accounts
                    if entry.kind == "tenant" or a.id.lower().endswith(f"@{entry.id.lower()}")
                )

    def _named(
        self, source: Source, subjects: Iterable[str], at: tuple[str | int, ...]
    ) -> Iterator[Principal]:
        for i, subject in enumerate(subjects):
            here = (*at, "people", i)
            accounts = self._accounts.get((subject, source), ())
            if subject not in self._seen:
                self._wrong(
                    here, f"there is no person {subject!r}; add them under people, or take them out"
                )
            elif not accounts:
                self._wrong(
                    here,
                    f"{subject!r} has no account in {source.value}; name it under their accounts",
                )
            yield from accounts

    def _group(self, source: Source, id: str, at: tuple[str | int, ...]) -> Principal | None:
        return self._principal(source, PrincipalKind.GROUP, id, at)

    def _principal(
        self, source: Source, kind: PrincipalKind, id: str, at: tuple[str | int, ...]
    ) -> Principal | None:
        try:
            return Principal(source, kind, id.lower() if source in _FOLDED else id)
        except InvalidPrincipal as error:
            self._wrong(at, str(error))
            return None

    def _wrong(self, at: tuple[str | int, ...], what: str) -> None:
        self._problems.append((self._lines.line(at), f"{place(at, self._lines.data)}: {what}"))
