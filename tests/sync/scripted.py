"""A source that the test writes: containers, documents, groups, and whatever can go wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from access import AccessControl, Clause, Grant, Principal, PrincipalKind, Source
from connectors.interface import CursorExpired, KnownVersions, ListingPage
from corpus import (
    Change,
    Container,
    Content,
    Cursor,
    Delete,
    Document,
    Failed,
    MembershipPage,
    Page,
    PermissionPage,
    Reacl,
    Upsert,
)

SOURCE = Source.GOOGLE_DRIVE
EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
PDF = "application/pdf"
POISON = b"%PDF-1.7\nthis is not how a PDF goes on"


def user(name: str) -> Principal:
    return Principal(SOURCE, PrincipalKind.USER, f"{name}@example.com")


def group(name: str) -> Principal:
    return Principal(SOURCE, PrincipalKind.GROUP, f"{name}@example.com")


class Ticking:
    """A clock that moves a second at each look."""

    def __init__(self) -> None:
        self.now = EPOCH

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True)
class Text:
    """A document of the script."""

    title: str
    body: bytes | None
    media_type: str = "text/markdown"
    shared: tuple[str, ...] = ("container",)
    """The clauses that guard it: ``container``, or the name of one of the script's."""
    version: int = 1
    readable: bool = True


@dataclass
class Script:
    """The whole of a source, to be edited by the test while it is synced."""

    containers: dict[str, dict[str, Text]] = field(default_factory=lambda: {"main": {}})
    clauses: dict[str, frozenset[Principal] | None] = field(default_factory=dict)
    """Who is admitted, by name of the clause; None: it can't be told."""
    groups: dict[Principal, frozenset[Principal] | None] = field(default_factory=dict)
    page_size: int = 3
    incomplete: bool = False
    """Whether listings say that they were cut short."""
    expired: int = 0
    """The feed has forgotten what came before this entry of its log."""
    log: list[str] = field(default_factory=list)
    """Ids of changed documents, in order."""
    calls: Counter[str] = field(default_factory=Counter)
    before: Callable[[str], None] = lambda call: None
    """Called with the name of each call; it may raise."""

    def put(self, id: str, text: Text, container: str = "main") -> None:
        """Write a document, wherever it was before."""
        for held in self.containers.values():
            held.pop(id, None)
        self.containers[container][id] = text
        self.log.append(id)

    def edit(self, id: str, **changes: object) -> None:
        """Change a document where it is; a new body or title is a new version."""
        container, text = self.find(id)
        if {"body", "title", "media_type"} & changes.keys():
            changes["version"] = text.version + 1
        self.put(id, replace(text, **changes), container)

    def delete(self, id: str, *, told: bool = True) -> None:
        """Remove a document, with a tombstone or silently."""
        container, _ = self.find(id)
        del self.containers[container][id]
        if told:
            self.log.append(id)

    def find(self, id: str) -> tuple[str, Text]:
        for name, held in self.containers.items():
            if id in held:
                return name, held[id]
        raise KeyError(id)

    def share(self, clause: str, *readers: Principal) -> None:
        """Say who a clause admits."""
        self.clauses[clause] = frozenset(readers)

    def called(self, name: str) -> None:
        self.calls[name] += 1
        self.before(name)


class ScriptedConnector:
    """A `SourceConnector` over a script, with a crawl first and a log of changes after it."""

    source = SOURCE

    def __init__(self, script: Script, clock: Callable[[], datetime]) -> None:
        self.script = script
        self.clock = clock

    def containers(self) -> Iterator[Container]:
        self.script.called("containers")
        for name in self.script.containers:
            yield Container(self.source, name, f"The {name} drive", f"https://drive.test/{name}")

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """A cursor is the place in the log to go on from, and the last id of a crawl under way."""
        script = self.script
        at, after = (len(script.log), "") if since is None else json.loads(since.token)
        if since is not None and at < script.expired:
            raise CursorExpired(self.source, "the feed has moved on", "Read it all.", 410)
        if after is not None:
            yield from self._crawl(container, at, after, known)
            return
        names = list(dict.fromkeys(script.log[at:]))
        last = len(script.log)
        for start in range(0, len(names) or 1, script.page_size):
            script.called("changes")
            some = names[start : start + script.page_size]
            done = start + script.page_size >= len(names)
            yield Page(self._told(container, some, known), _cursor(last if done else at, None))

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        self.script.called("permissions")
        held = sorted(self.script.containers[container.id].items())
        changes = tuple(Reacl(name, self._access(container, text)) for name, text in held)
        clauses = {clause for change in changes for clause in change.access.clauses}
        yield PermissionPage(tuple(clauses), changes, Cursor("end"))

    def listing(
        self, container: Container, parts: Collection[str] | None = None
    ) -> Iterator[ListingPage]:
        names = sorted(self.script.containers[container.id])
        size = self.script.page_size
        for start in range(0, len(names) or 1, size):
            self.script.called("listing")
            some = names[start : start + size]
            last = start + size >= len(names) and not self.script.incomplete
            held = self.script.containers[container.id]
            yield ListingPage({name: str(held[name].version) for name in some}, last)

    def memberships(self) -> Iterator[MembershipPage]:
        for name, members in sorted(self.script.groups.items()):
            self.script.called("memberships")
            yield MembershipPage(self.source, {name: members})

    def _crawl(
        self, container: Container, at: int, after: str, known: KnownVersions
    ) -> Iterator[Page]:
        while True:
            self.script.called("changes")
            names = sorted(n for n in self.script.containers[container.id] if n > after)
            some = names[: self.script.page_size]
            if len(some) == len(names):
                yield Page(self._told(container, some, known), _cursor(at, None))
                return
            after = some[-1]
            yield Page(self._told(container, some, known), _cursor(at, after))

    def _told(
        self, container: Container, names: list[str], known: KnownVersions
    ) -> tuple[Change, ...]:
        held = self.script.containers[container.id]
        elsewhere = {
            name
            for each, texts in self.script.containers.items()
            if each != container.id
            for name in texts
        }
        stored = known([name for name in names if name in held])
        changes: list[Change] = []
        for name in names:
            if name in elsewhere:
                continue  # another container's feed tells of it
            if name not in held:
                changes.append(Delete(name))
                continue
            text = held[name]
            access = self._access(container, text)
            if stored.get(name) == str(text.version):
                changes.append(Reacl(name, access))
            elif text.readable:
                self.script.called("read")
                changes.append(Upsert(self._document(container, name, text, access)))
            else:
                if name in stored:
                    changes.append(Reacl(name, access))
                changes.append(Failed(name, "HTTP 500", "Wait."))
        return tuple(changes)

    def _document(
        self, container: Container, name: str, text: Text, access: AccessControl
    ) -> Document:
        skipped = "too large" if text.body is None else ""
        return Document(
            self.source,
            name,
            container.id,
            text.title,
            f"https://drive.test/{name}",
            Content(text.body, text.media_type, skipped),
            str(text.version),
            ("Ada",),
            EPOCH,
            EPOCH + timedelta(days=text.version),
            access,
        )

    def _access(self, container: Container, text: Text) -> AccessControl:
        now = self.clock()
        found = []
        for name in text.shared:
            key = f"drive/{container.id}" if name == "container" else name
            readers = self.script.clauses.get(key)
            if readers is None:
                found.append(Clause.unknown(self.source, key, "HTTP 403", now))
            else:
                grants = frozenset(Grant(each) for each in readers)
                found.append(Clause(self.source, key, grants, now))
        return AccessControl(frozenset(found))


def _cursor(at: int, after: str | None) -> Cursor:
    return Cursor(json.dumps([at, after]))
