"""Generated shared drives: any number of documents, each computed when it is asked for.

A drive's documents are numbered; forty of them share a folder, and folders make a tree in which
each holds five others. Everything about a file follows from the seed and its number, so that
nothing is held but the drives, the people and the groups.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, overload

from simulator.google.formats import CSV, DOCX, MARKDOWN, PDF, PLAIN
from simulator.google.ids import permission_id
from simulator.google.objects import DOC, FOLDER, SHEET, SLIDES, File, Permission
from simulator.google.state import GoogleState
from simulator.scale import chosen, draw, power_law, prose

if TYPE_CHECKING:
    from simulator.world import World

_LEAVES, _BRANCHES = 40, 5
_MIX = (
    (DOC, 46), (SHEET, 14), (SLIDES, 8), (PDF, 14), (MARKDOWN, 8), (PLAIN, 6), (CSV, 3), (DOCX, 1),
)  # fmt: skip
_MIMES = tuple(mime for mime, share in _MIX for _ in range(share))
_TOPICS = (
    "Visit report", "Calibration", "Budget", "Review", "Minutes", "Plan", "Order", "Test",
    "Handover", "Notes", "Draft", "Checklist", "Contract", "Postmortem", "Survey", "Roster",
)  # fmt: skip
_PLACES = (
    "Killary", "Sogn", "Vigo", "Bergen", "Galway", "Cangas", "Kristiansund", "Clew Bay", "Arousa",
    "Hardanger", "Dingle", "Pontevedra",
)  # fmt: skip
_EXTENSIONS = {PDF: ".pdf", MARKDOWN: ".md", PLAIN: ".txt", CSV: ".csv", DOCX: ".docx"}


class _Drawn(File):
    """A file whose text is computed on each reading, until someone writes one."""

    __slots__ = ("_seed", "_written")
    _seed: int
    _written: str

    @property
    def text(self) -> str:
        """The content's source."""
        if hasattr(self, "_written"):
            return self._written
        if self.mime == FOLDER:
            return ""
        words = 40 + draw(self._seed, self.id, "words") % 240
        if self.mime in (SHEET, CSV):
            rows = (f"{n},{draw(self._seed, self.id, n) % 1000}" for n in range(words // 8))
            return "Item,Count\n" + "\n".join(rows) + "\n"
        said = prose(self._seed, self.id, words)
        return f"# {self.name}\n\n{said}\n"

    @text.setter
    def text(self, text: str) -> None:
        # The dataclass's own __init__ passes its default; only a later edit counts.
        if text:
            self._written = text


@dataclass(frozen=True, slots=True)
class _Place:
    """One generated shared drive."""

    number: int
    drive: str
    size: int
    """How many documents it holds."""

    @property
    def folders(self) -> int:
        return -(-self.size // _LEAVES)

    @property
    def items(self) -> int:
        return self.size + self.folders


class Generated:
    """All generated drives of one world."""

    def __init__(self, world: World, drives: Sequence[tuple[str, int]], people: Sequence[str]):
        """Lay out documents.

        Args:
            world: whose seed and start count.
            drives: (shared drive's id, number of documents) of each.
            people: who may have written or been shared something.
        """
        self._seed, self._start = world.seed, world.start
        self._people = people
        self._groups = [g for g in world.directory.groups if g.startswith("team-")]
        self._domain = world.directory.domain
        self._places = [_Place(n, drive, size) for n, (drive, size) in enumerate(drives)]
        *self._firsts, self.size = accumulate((p.items for p in self._places), initial=0)
        self._by_drive = {place.drive: place for place in self._places}
        self.file = lru_cache(maxsize=20_000)(self._file)

    def find(self, file_id: str) -> File | None:
        """The file with this id; None if it is not a generated one."""
        if len(file_id) != 33 or file_id[:2] not in ("1D", "1F"):
            return None
        try:
            number, local = int(file_id[2:6], 16), int(file_id[6:14], 16)
        except ValueError:
            return None
        if number >= len(self._places):
            return None
        place, folder = self._places[number], file_id[1] == "F"
        if local >= (place.folders if folder else place.size):
            return None
        return (
            self.file(number, local, folder) if file_id == self._id(number, local, folder) else None
        )

    def _id(self, number: int, local: int, folder: bool) -> str:
        kind = "F" if folder else "D"
        return f"1{kind}{number:04x}{local:08x}{draw(self._seed, kind, number, local):019x}"[:33]

    def _file(self, number: int, local: int, folder: bool) -> File:
        place, seed = self._places[number], self._seed
        file_id = self._id(number, local, folder)
        luck = draw(seed, file_id)
        made = self._start - timedelta(seconds=luck % (3 * 365 * 86400))
        changed = made + (self._start - made) * ((luck >> 32) % 1000 / 1000)
        if folder:
            parent = (
                place.drive if local < _BRANCHES
                else self._id(number, (local - _BRANCHES) // _BRANCHES, True)
            )  # fmt: skip
            mime = FOLDER
        else:
            parent = self._id(number, local // _LEAVES, True)
            mime = _MIMES[luck % len(_MIMES)]
        name = f"{chosen(_TOPICS, seed, file_id, 1)} {chosen(_PLACES, seed, file_id, 2)} {local}"
        author = self._people[(luck >> 8) % len(self._people)]
        file = _Drawn(
            file_id, name + _EXTENSIONS.get(mime, ""), mime, parent, place.drive, "",
            made, changed, author, version=1 + luck % 40,
        )  # fmt: skip
        file._seed = seed
        self._share(file, luck >> 16, folder)
        return file

    def _share(self, file: File, luck: int, folder: bool) -> None:
        """Two in a hundred carry permissions of their own; one folder in 200 is limited."""
        if luck % 50:
            return
        kind = ("user", "group", "group", "domain")[luck // 50 % 4]
        subject = self._domain
        if kind == "user":
            subject = self._people[luck // 200 % len(self._people)]
        elif kind == "group":
            subject = self._groups[luck // 200 % len(self._groups)]
        found = kind == "domain" and luck // 400 % 2 == 0
        key = permission_id(kind, subject, found)
        role = ("reader", "commenter", "writer")[luck // 800 % 3]
        file.permissions[key] = Permission(key, kind, role, subject, discoverable=found)
        file.limited = folder and luck // 50 % 4 == 1

    def inside(self, parent: str) -> Iterator[File]:
        """What was generated directly into a drive or folder."""
        place = self._by_drive.get(parent)
        if place is not None:
            for local in range(min(_BRANCHES, place.folders)):
                yield self.file(place.number, local, True)
            return
        folder = self.find(parent)
        if folder is None or folder.mime != FOLDER:
            return
        place = self._places[int(parent[2:6], 16)]
        local = int(parent[6:14], 16)
        first = local * _BRANCHES + _BRANCHES
        for below in range(first, min(first + _BRANCHES, place.folders)):
            yield self.file(place.number, below, True)
        for below in range(local * _LEAVES, min((local + 1) * _LEAVES, place.size)):
            yield self.file(place.number, below, False)

    def files(self, drive: str = "") -> Range:
        """The files of one drive, or of all: each folder, then the documents in it."""
        if not drive:
            return Range(self, 0, self.size)
        place = self._by_drive.get(drive)
        first = self._firsts[place.number] if place is not None else 0
        return Range(self, first, first + (place.items if place is not None else 0))

    def at(self, position: int) -> File:
        """The file at this place among all."""
        number = bisect_right(self._firsts, position) - 1
        folder, leaf = divmod(position - self._firsts[number], _LEAVES + 1)
        if leaf == 0:
            return self.file(number, folder, True)
        return self.file(number, folder * _LEAVES + leaf - 1, False)


class Range(Sequence[File]):
    """A run of generated files."""

    def __init__(self, source: Generated, first: int, end: int):
        self._source, self._first, self._end = source, first, end

    def __len__(self) -> int:
        return self._end - self._first

    @overload
    def __getitem__(self, at: int) -> File: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[File]: ...
    def __getitem__(self, at: int | slice) -> File | Sequence[File]:
        if isinstance(at, slice):
            return [self._source.at(self._first + n) for n in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return self._source.at(self._first + at % len(self))


def grow(world: World, documents: int) -> None:
    """Add people, teams whose sizes follow a power law, and drives with `documents` in them."""
    directory, state = world.directory, GoogleState.of(world)
    people = [
        directory.add_person(id=f"w{n}", name=f"Worker {n}")
        for n in range(max(5, min(documents // 250, 4000)))
    ]
    teams = max(3, len(people) // 10)
    for team in range(teams):
        directory.create_group(id=f"team-{team}")
        for n in range(power_law(world.seed, team, len(people) // 2)):
            member = people[draw(world.seed, team, n) % len(people)]
            directory.add_member(group=f"team-{team}", person=member)
        if team and draw(world.seed, team, "nest") % 4 == 0:
            directory.nest(group=f"team-{team // 2}", child=f"team-{team}")
    count = max(1, min(documents // 10_000, 60))
    weights = [power_law(world.seed, f"drive/{n}", 30) + 1 for n in range(count)]
    drives: list[tuple[str, int]] = []
    left = documents
    for n, weight in enumerate(weights):
        size = left if n == count - 1 else documents * weight // sum(weights)
        left -= size
        drive = state.create_drive(name=f"Archive {n}", organizer=people[n % len(people)])
        for k in range(3):
            member = f"team-{draw(world.seed, 'member', n, k) % teams}"
            role = ("reader", "writer", "reader")[k]
            state.add_drive_member(drive=drive, subject=member, role=role, type="group")
        drives.append((drive, size))
    state.generated = Generated(world, drives, people)
