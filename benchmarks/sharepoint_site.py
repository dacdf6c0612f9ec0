"""A site of the simulator: a large document library, pages and a list, all with exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.sharepoint.model import Item
from simulator.sharepoint.state import SharePointState
from simulator.world import World

_LEAVES, _BRANCHES = 40, 5
_PEOPLE, _TEAMS = 200, 20


@dataclass(frozen=True)
class TeamSite:
    """Ids of what is there."""

    world: World
    state: SharePointState
    site: str
    folder: str
    """A folder at the top of the library, with about a third of everything below it."""
    file: str
    """A file as deep as any, that has the library's permissions."""
    item: str
    """An item of the list that has the list's."""

    @property
    def folders_above(self) -> int:
        """How many folders the file is in."""
        above, at = 0, self.state.items[self.file]
        while at.parent:
            above, at = above + 1, self.state.items[at.parent]
        return above

    @property
    def files_beneath(self) -> int:
        """Files in the folder, at any depth."""
        where = self.state.items[self.folder].list_id
        return sum(item.kind == "file" for item in self.state.walk(where, self.folder))

    @property
    def unique_beneath(self) -> int:
        """Files and folders in it with permissions of their own."""
        return sum(1 for _ in self.state.beneath(self.state.items[self.folder]))

    @property
    def links_beneath(self) -> int:
        """Those of them that sharing links lead to: when a link ends is asked apart."""
        beneath = self.state.beneath(self.state.items[self.folder])
        return sum(isinstance(each, Item) and bool(each.links) for each in beneath)

    @property
    def unique(self) -> int:
        """All files, folders, pages and items with permissions of their own."""
        return sum(item.roles is not None for item in self.state.items.values())


def site_of(world: World, files: int) -> TeamSite:
    """A site with so many files, forty to a folder, and each folder with five others in it.

    One file in a hundred and one folder in fifty carry permissions of their own, as do one page
    and one list item in fifty: by turns a person, a group of the site, one of the directory, and
    a link for named people. For a hundred files there is one page, for twenty one list item.
    """
    with world.building():
        return _built(world, files)


def _built(world: World, files: int) -> TeamSite:
    directory, state = world.directory, SharePointState.of(world)
    people = [directory.add_person(id=f"w{n}", name=f"Worker {n}") for n in range(_PEOPLE)]
    for n in range(_TEAMS):
        directory.create_group(id=f"team-{n}")
        directory.add_member(group=f"team-{n}", person=people[n])
    site = state.create_site(path="/sites/archive", title="Archive")
    groups = [state.add_site_group(site=site, title=f"Readers {n}") for n in range(_TEAMS)]
    for n, group in enumerate(groups):
        state.add_to_group(site=site, group=group, principal=f"user:{people[n]}")
    state.add_to_group(site=site, group="Archive Visitors", principal="group:team-0")

    library = state.create_library(site=site, author=people[0])
    folders: list[str] = []
    for n in range(-(-files // _LEAVES)):
        parent = library if n < _BRANCHES else folders[n // _BRANCHES - 1]
        folders.append(state.create_folder(parent=parent, name=f"Folder {n}", author=people[0]))
    documents = [
        state.create_file(
            parent=folders[n // _LEAVES],
            name=f"{n}.txt",
            author=people[n % _PEOPLE],
            text=f"Line {n} of the log.",
        )
        for n in range(files)
    ]
    pages = [
        state.create_page(site=site, title=f"Page {n}", author=people[n % _PEOPLE], text="News.")
        for n in range(max(1, files // 100))
    ]
    rows = state.create_list(site=site, title="Risks", columns=["Severity"])
    items = [
        state.create_item(list=rows, author=people[n % _PEOPLE], fields={"Title": f"Risk {n}"})
        for n in range(max(1, files // 20))
    ]
    exceptions = documents[7::100] + folders[_BRANCHES::50] + pages[1::50] + items[1::50]
    for n, each in enumerate(exceptions):
        person, team = people[n % _PEOPLE], n % _TEAMS
        if n % 4 == 3:
            state.share(item=each, scope="users", people=[person])
            continue
        held = (f"user:{person}", f"site:{groups[team]}", f"group:team-{team}")
        state.share_with(item=each, principal=held[n % 4])
    file = next(
        each
        for each in reversed(documents)
        if not isinstance(state.holder(state.items[each]), Item)
    )
    return TeamSite(world, state, site, folders[0], file, items[0])
