"""Generated repositories: any number of documents, each computed when it is asked for.

An issue follows from the seed, its repository and its number. Git needs every file's true name,
so a repository's files are drawn once, when it is first opened, to learn their hashes; their
text is forgotten again and drawn anew for whoever reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.github.git import Git, Ident, object_sha
from simulator.github.model import Issue
from simulator.github.state import GithubState
from simulator.scale import chosen, draw, power_law, prose

if TYPE_CHECKING:
    from simulator.world import World

_YEARS = timedelta(days=3 * 365)
_ABOUT = ("calibration", "radio", "storage", "alarms", "export", "moorings", "optics", "tides")
_KINDS = ("md", "md", "md", "txt", "py", "go")
ORG = "saltmarsh-archive"


class _DrawnIssue(Issue):
    """An issue whose body is computed on each reading, until someone writes one."""

    __slots__ = ("_key", "_seed", "_written")
    _seed: int
    _key: str
    _written: str

    @property
    def body(self) -> str:
        """What it says."""
        if hasattr(self, "_written"):
            return self._written
        return prose(self._seed, self._key, 30 + draw(self._seed, self._key, "words") % 150)

    @body.setter
    def body(self, body: str) -> None:
        # The dataclass's own __init__ passes an empty one; only a later edit counts.
        if body:
            self._written = body


class DrawnIssues(MutableMapping[int, Issue]):
    """A repository's issues by number: drawn, unless a verb has touched them."""

    def __init__(self, seed: int, repo: int, size: int, people: Sequence[str], end: datetime):
        """Lay out issues.

        Args:
            seed: the world's.
            repo: the repository's id.
            size: how many are drawn; they have the numbers from 1.
            people: who may have written them.
            end: when the last one was opened; the first was three years before.
        """
        self._seed, self._repo, self._size = seed, repo, size
        self._people, self._end = people, end
        self._written: dict[int, Issue] = {}
        self._gone: set[int] = set()

    def __getitem__(self, number: int) -> Issue:
        if number in self._written:
            return self._written[number]
        if not 1 <= number <= self._size or number in self._gone:
            raise KeyError(number)
        key = f"{self._repo}/issues/{number}"
        luck = draw(self._seed, key)
        opened = self._end - _YEARS * (self._size - number) / self._size
        opened = opened.replace(microsecond=0)
        later = min(opened + timedelta(hours=luck % 2000), self._end).replace(microsecond=0)
        title = f"{chosen(_ABOUT, self._seed, key).capitalize()} {luck % 900 + 100}"
        author = self._people[(luck >> 16) % len(self._people)]
        made = _DrawnIssue(luck % 10**12 + 10**10, number, title, "", author, opened, later)
        made._seed, made._key = self._seed, key
        if number % 3 == 0:
            made.state, made.reason, made.closed, made.closed_by = (
                "closed",
                "completed",
                later,
                author,
            )
        made.labels = ["bug"] if number % 5 == 0 else []
        return made

    def __setitem__(self, number: int, issue: Issue) -> None:
        self._written[number] = issue
        self._gone.discard(number)

    def __delitem__(self, number: int) -> None:
        _ = self[number]
        self._written.pop(number, None)
        self._gone.add(number)

    def __iter__(self) -> Iterator[int]:
        yield from (n for n in range(1, self._size + 1) if n not in self._gone)
        yield from (n for n in self._written if n > self._size)

    def __len__(self) -> int:
        above = sum(1 for n in self._written if n > self._size)
        return self._size - sum(1 for n in self._gone if n <= self._size) + above


class _Blobs(MutableMapping[str, bytes]):
    """Blobs by name: drawn from the path they were first met under, or written."""

    def __init__(self, seed: int, repo: int):
        self._seed, self._repo = seed, repo
        self._written: dict[str, bytes] = {}
        self._drawn: dict[str, tuple[str, int]] = {}

    def text(self, path: str) -> bytes:
        """What a drawn file holds."""
        key = f"{self._repo}/blob/{path}"
        said = prose(self._seed, key, 40 + draw(self._seed, key) % 240)
        return f"# {path}\n\n{said}\n".encode()

    def meet(self, path: str) -> str:
        """Learn a drawn file's name."""
        content = self.text(path)
        sha = object_sha("blob", content)
        self._drawn[sha] = (path, len(content))
        return sha

    def size_of(self, sha: str) -> int:
        """A blob's bytes, without drawing it."""
        found = self._drawn.get(sha)
        return found[1] if found is not None else len(self._written[sha])

    def __getitem__(self, sha: str) -> bytes:
        found = self._drawn.get(sha)
        return self.text(found[0]) if found is not None else self._written[sha]

    def __setitem__(self, sha: str, content: bytes) -> None:
        if sha not in self._drawn:
            self._written[sha] = content

    def __delitem__(self, sha: str) -> None:
        raise TypeError("Git keeps its objects")

    def __iter__(self) -> Iterator[str]:
        yield from self._drawn
        yield from self._written

    def __len__(self) -> int:
        return len(self._drawn) + len(self._written)


class DrawnGit(Git):
    """A repository of one commit, whose objects come to be when it is first opened."""

    def __init__(self, seed: int, repo: int, size: int, by: Ident, at: datetime):
        """Remember what to draw.

        Args:
            seed: the world's.
            repo: the repository's id.
            size: how many files it has.
            by: whose commit it is.
            at: when that was.
        """
        self.default = "main"
        self._recipe = (seed, repo, size, by, at)

    def __getattr__(self, name: str) -> Any:
        if name not in ("blobs", "trees", "commits", "branches"):
            raise AttributeError(name)
        seed, repo, size, by, at = self._recipe
        blobs = _Blobs(seed, repo)
        self.blobs, self.trees, self.commits, self.branches = blobs, {}, {}, {}
        files = {}
        for n in range(size):
            about, kind = chosen(_ABOUT, seed, repo, n), chosen(_KINDS, seed, repo, n, "kind")
            path = "README.md" if n == 0 else f"{about}/part-{n // 40}/{about}-{n}.{kind}"
            files[path] = blobs.meet(path)
        self.branches["main"] = self.commit(files, (), by, at, "Import the archive").sha
        return getattr(self, name)

    def size_of(self, blob: str) -> int:
        """A blob's bytes."""
        assert isinstance(self.blobs, _Blobs)
        return self.blobs.size_of(blob)


def grow(world: World, documents: int) -> None:
    """Add an organisation with repositories and teams that hold `documents` files and issues."""
    directory, state = world.directory, GithubState.of(world)
    people = [
        person for person in directory.people if person.startswith("w") and person[1:].isdecimal()
    ]
    people += [
        directory.add_person(id=f"w{n}", name=f"Worker {n}")
        for n in range(len(people), max(5, min(documents // 250, 4000)))
    ]
    state.create_org(login=ORG, owner=people[0], name="Saltmarsh archive")
    state.set_base(org=ORG, level="none")
    for person in people[1:]:
        state.add_member(org=ORG, person=person)
    teams = max(3, len(people) // 20)
    for team in range(teams):
        parent = (
            f"{ORG}/crew-{team // 4}" if team and draw(world.seed, team, "below") % 3 == 0 else ""
        )
        parent = parent if parent != f"{ORG}/crew-{team}" else ""
        state.create_team(org=ORG, name=f"crew-{team}", parent=parent)
        for n in range(power_law(world.seed, ("crew", team), len(people) // 2)):
            member = people[draw(world.seed, "crew", team, n) % len(people)]
            state.add_team_member(team=f"{ORG}/crew-{team}", person=member)
    count = max(1, min(documents // 1000, 400))
    weights = [power_law(world.seed, ("archive", n), 12) + 4 for n in range(count)]
    left = documents
    for n, weight in enumerate(weights):
        size = left if n == count - 1 else documents * weight // sum(weights)
        left -= size
        visibility = "internal" if n % 10 == 3 else "private"
        made = state.create_repo(org=ORG, name=f"archive-{n}", visibility=visibility)
        repo, files = state.repos[made], max(1, size * 9 // 20)
        author = people[n % len(people)]
        begun = (world.start - _YEARS).replace(microsecond=0)
        repo.git = DrawnGit(world.seed, made, files, state.ident(author), begun)
        repo.last = max(size - files, 0)
        repo.issues = DrawnIssues(world.seed, made, repo.last, people, world.start)
        for k in range(2):
            team = draw(world.seed, "grant", n, k) % teams
            level = ("read", "write")[k]
            state.grant_team(team=f"{ORG}/crew-{team}", repo=f"{ORG}/{repo.name}", level=level)
