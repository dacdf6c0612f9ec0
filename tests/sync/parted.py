"""A source whose containers are listed in parts: each may refuse, or lose things untold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from access import AccessControl, Clause, Source
from connectors.interface import (
    CursorExpired,
    KnownVersions,
    ListingPage,
    PartUnavailable,
    SourceUnavailable,
)
from corpus import (
    Change,
    Container,
    Content,
    Cursor,
    Document,
    MembershipPage,
    Page,
    PermissionPage,
    Reacl,
    Upsert,
)
from tests.sync.scripted import user

SOURCE = Source.SHAREPOINT
BOX = Container(SOURCE, "box", "Box", "https://box.test")


@dataclass
class Site:
    """The source, to be edited by the test."""

    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Versions of the documents in each part."""
    log: list[tuple[str, str]] = field(default_factory=list)
    """What happened: the part, and the document; empty where it is not told which is gone."""
    refuses: dict[str, int] = field(default_factory=dict)
    """The status that a part refuses with, in everything."""
    unlisted: set[str] = field(default_factory=set)
    """Parts whose listing is never proven complete."""
    hidden: bool = False
    """Whether a listing of parts ends early, so that nothing is proven of them."""
    expired: int = 0
    """The feed has forgotten what came before this entry of its log."""
    listed: Counter[str] = field(default_factory=Counter)
    """How often each part was listed."""
    read: Counter[str] = field(default_factory=Counter)
    """How often each part was read from its beginning."""
    meanwhile: Callable[[], None] = lambda: None
    """Called once the first part of a listing was listed."""

    def put(self, part: str, name: str) -> None:
        """Write a document, wherever it was before."""
        for key, held in self.parts.items():
            if key != part and held.pop(name, None):
                self.log.append((key, ""))
        held = self.parts.setdefault(part, {})
        held[name] = held.get(name, 0) + 1
        self.log.append((part, name))

    def lose(self, part: str, name: str) -> None:
        """Delete a document; the log tells that one went, and not which."""
        del self.parts[part][name]
        self.log.append((part, ""))

    def there(self) -> dict[str, str]:
        """The part of each document."""
        return {name: part for part, held in self.parts.items() for name in held}


@dataclass
class PartedConnector:
    """Follows a `Site` by the contract: one place for each part, and doubts in the cursor."""

    site: Site
    clock: Callable[[], datetime]
    source = SOURCE

    def containers(self) -> Iterator[Container]:
        yield BOX

    def memberships(self) -> Iterator[MembershipPage]:
        yield from ()

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        site = self.site
        marks: dict[str, int] = {} if since is None else json.loads(since.token)
        doubted = {""} if since is None else set(since.doubted)
        if any(mark < site.expired for mark in marks.values()):
            raise CursorExpired(SOURCE, "forgotten", "Read it all.", 410)
        lost = marks.keys() - site.parts.keys()
        marks = {key: mark for key, mark in marks.items() if key not in lost}
        doubted |= lost
        refused: dict[str, int] = {}
        for part in sorted(site.parts):
            if part in site.refuses:
                refused[part] = site.refuses[part]
                if part not in marks:
                    doubted.add(part)
                continue
            end = len(site.log)
            if part in marks:
                news = [name for key, name in site.log[marks[part] :] if key == part]
                if "" in news:
                    doubted.add(part)
                names = sorted({name for name in news if name in site.parts[part]})
            else:
                site.read[part] += 1
                doubted.add(part)
                names = sorted(site.parts[part])
            marks[part] = end
            yield Page(self._told(part, names, known), _cursor(marks, doubted))
        compare = frozenset(doubted - refused.keys())
        yield Page((), _cursor(marks, doubted), compare=compare)
        for status in refused.values():
            raise _refused(status)

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        refused = 0
        for part, held in sorted(self.site.parts.items()):
            if part in self.site.refuses:
                refused = self.site.refuses[part]
                continue
            access = self._access()
            changes = tuple(Reacl(name, access, part) for name in sorted(held))
            yield PermissionPage(tuple(access.clauses), changes, Cursor("end"))
        if refused:
            raise _refused(refused)

    def listing(
        self, container: Container, parts: Collection[str] | None = None
    ) -> Iterator[ListingPage]:
        site = self.site
        held = sorted(site.parts)
        wanted = [part for part in held if parts is None or part in parts]
        complete = wanted == held and not site.hidden
        error: SourceUnavailable | None = None
        for part in wanted:
            site.listed[part] += 1
            if part in site.refuses:
                error = error or _refused(site.refuses[part])
                complete = False
                continue
            yield ListingPage({n: str(v) for n, v in site.parts[part].items()}, False, part)
            if part in site.unlisted:
                complete = False
            else:
                yield ListingPage({}, False, part, whole=True)
            done, site.meanwhile = site.meanwhile, lambda: None
            done()
        keys = None if site.hidden else frozenset(held)
        yield ListingPage({}, complete, parts=keys, refused=error)

    def capabilities(self) -> Iterator[object]:
        yield from ()

    def _told(self, part: str, names: list[str], known: KnownVersions) -> tuple[Change, ...]:
        stored = known(names)
        access = self._access()
        found: list[Change] = []
        for name in names:
            version = str(self.site.parts[part][name])
            if stored.get(name) == version:
                found.append(Reacl(name, access, part))
                continue
            content = Content(f"{name} {version}".encode(), "text/plain")
            document = Document(
                SOURCE, name, BOX.id, name, f"https://box.test/{name}", content, version, (),
                None, None, access, part=part,
            )  # fmt: skip
            found.append(Upsert(document))
        return tuple(found)

    def _access(self) -> AccessControl:
        return AccessControl.all_of(Clause.of(SOURCE, "site/box", [user("ada")], self.clock()))


def _cursor(marks: dict[str, int], doubted: set[str]) -> Cursor:
    return replace(Cursor(json.dumps(marks)), doubted=frozenset(doubted))


def _refused(status: int) -> PartUnavailable:
    return PartUnavailable(SOURCE, "a part can't be read", "Wait.", status)
