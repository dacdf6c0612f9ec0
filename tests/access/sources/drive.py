"""Google Drive: what is shared above is shared below, until a limited folder; shortcuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from access import AccessControl, Clause, Grant, Principal, PrincipalKind, Source
from simulator.clock import rfc3339
from simulator.google.objects import FOLDER, File, Permission
from simulator.google.state import GoogleState
from simulator.people import Person
from simulator.world import World
from tests.access.sources.plain import Found, PlainSource, directory
from tests.simulator.google.worlds import OPS, build, pick, step

_OPENING = [
    ("drive", 0, 0, 0), ("folder", 0, 0, 0), ("folder", 1, 1, 0), ("file", 0, 1, 0),
    ("file", 1, 2, 0), ("drive file", 2, 0, 1), ("drive file", 2, 0, 0), ("file", 2, 3, 0),
    ("share", 1, 2, 0), ("share", 2, 3, 1), ("join", 0, 0, 0), ("join", 1, 1, 0),
    ("nest", 0, 0, 1), ("member", 0, 1, 3), ("share", 3, 4, 0), ("shortcut", 0, 0, 0),
]  # fmt: skip


_PEOPLE, _GROUPS = ["p0", "p1", "p2", "p3"], ["g0", "g1", "g2"]
_LEND = "lend"


class Drive(PlainSource):
    source = Source.GOOGLE_DRIVE
    vendor = "google"

    def world(self) -> World:
        return build(_OPENING)

    def edits(self) -> st.SearchStrategy[Any]:
        number = st.integers(0, 63)
        told = [op for op in OPS if op != "advance"]  # by days; `directory` lets hours pass
        theirs = st.tuples(st.sampled_from(told), number, number, number)
        lending = st.tuples(st.just(_LEND), number, st.sampled_from(_PEOPLE), st.integers(1, 4))
        texts = st.tuples(st.sampled_from(["edit", "move"]), number, number, number)
        return st.one_of(theirs, theirs, theirs, texts, lending, directory(_PEOPLE, _GROUPS))

    def edit(self, world: World, edit: Any) -> None:
        state = GoogleState.of(world)
        if edit[0] == _LEND:
            _, place, who, hours = edit
            file = pick([f for f in state.files if state.files[f].parent], place)
            until = rfc3339(world.now() + timedelta(hours=hours))
            state.share(file=file, type="user", subject=who, expires=until)
        elif "." in edit[0]:
            super().edit(world, edit)
        else:
            step(world, world.directory, state, _PEOPLE, _GROUPS, *edit)

    def accounts(self, person: Person) -> list[str]:
        return [person.email, *person.aliases]

    def documents(self, world: World, asked: datetime) -> Iterator[Found]:
        state = GoogleState.of(world)
        for file in state.files.values():
            target = state.lookup(file.target) if file.target else None
            if file.mime == FOLDER or (file.target and target is None):
                continue
            if any(at.trashed for each in (file, target) if each for at in state.ancestry(each)):
                continue
            clauses = [self._guarding(world, file, asked)]
            if target is not None:
                # Whoever may open the shortcut has the address, so a link is enough for the target.
                opened = map(_as_found, self._readers(world, target))
                clauses.append(self.clause(f"target/{target.id}", opened, asked))
            yield Found(
                file.id,
                file.drive or file.owner,
                f"{file.id} {file.revision}",
                AccessControl.all_of(*clauses),
            )

    def _guarding(self, world: World, file: File, asked: datetime) -> Clause:
        """The clause of the highest place above with the same readers."""
        state, at = GoogleState.of(world), file
        readers = self._readers(world, file)
        while (above := state.lookup(at.parent)) and self._readers(world, above) == readers:
            at = above
        key = at.id
        if at.parent in state.drives:
            members = self._granted(world, state.drives[at.parent].permissions.values())
            key = at.parent if members == readers else at.id
        return self.clause(key, readers, asked)

    def _readers(self, world: World, file: File) -> frozenset[Grant]:
        state = GoogleState.of(world)
        found = self._granted(world, file.permissions.values())
        if file.limited:
            drive = state.drives.get(file.drive)
            organizers = drive.permissions.values() if drive else ()
            return found | self._granted(
                world, (each for each in organizers if each.role == "organizer")
            )
        if file.parent in state.drives:
            return found | self._granted(world, state.drives[file.parent].permissions.values())
        above = state.lookup(file.parent)
        return found | self._readers(world, above) if above else found

    def _granted(self, world: World, permissions: Iterable[Permission]) -> frozenset[Grant]:
        return frozenset(
            Grant(self._principal(world, each), each.expires)
            for each in permissions
            if not each.view
        )

    def _principal(self, world: World, held: Permission) -> Principal:
        if held.type in ("user", "group"):
            return self.named(world, held.type, held.subject)
        if held.type == "domain":
            name = held.subject if held.discoverable else f"link:{held.subject}"
            return Principal(self.source, PrincipalKind.DOMAIN, name)
        name = "discoverable" if held.discoverable else "link"
        return Principal(self.source, PrincipalKind.ANYONE, name)


def _as_found(grant: Grant) -> Grant:
    each = grant.principal
    if each.kind is PrincipalKind.ANYONE:
        return Grant(Principal(each.source, each.kind, "discoverable"), grant.expires_at)
    if each.kind is PrincipalKind.DOMAIN:
        plain = Principal(each.source, each.kind, each.id.removeprefix("link:"))
        return Grant(plain, grant.expires_at)
    return grant
