"""The index against what it ought to hold: for parity before a switch, and for repair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from index.interface import Entry, Index


@dataclass(slots=True)
class Tally:
    """What one container has, expected and found."""

    documents: int = 0
    """Expected."""
    chunks: int = 0
    """Expected."""
    found_documents: int = 0
    found_chunks: int = 0
    differences: int = 0
    """Documents of the container that are in one of the lists of `Differences`."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Documents for which the index is not as expected, by what repairs them, in order."""

    missing: tuple[int, ...]
    """Expected and not here: to be put."""
    altered: tuple[int, ...]
    """Here with other chunks, by number or id: to be put."""
    misplaced: tuple[int, ...]
    """Here with the right chunks in another container or scope: to be put again."""
    surplus: tuple[int, ...]
    """Here and not expected: to be deleted."""
    containers: dict[int, Tally] = field(default_factory=dict)
    """By container: the expected one, or for surplus documents the one found."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.missing or self.altered or self.misplaced or self.surplus)


def reconcile(index: Index, expected: Iterable[Entry]) -> Differences:
    """Compare what `index` holds with what it ought to hold.

    Args:
        index: What is compared. It should not be written to meanwhile.
        expected: An entry for every document that has chunks. Where it tells no `ids`, only the
            number of chunks is compared.
    """
    wanted = {entry.document: entry for entry in expected}
    containers: dict[int, Tally] = {}
    for entry in wanted.values():
        tally = containers.setdefault(entry.container, Tally())
        tally.documents += 1
        tally.chunks += entry.chunks
    lists: dict[str, list[int]] = {"altered": [], "misplaced": [], "surplus": []}
    seen: set[int] = set()
    for found in index.entries():
        due = wanted.get(found.document)
        seen.add(found.document)
        tally = containers.setdefault(due.container if due else found.container, Tally())
        tally.found_documents += 1
        tally.found_chunks += found.chunks
        if kind := _difference(found, due):
            lists[kind].append(found.document)
            tally.differences += 1
    missing = [d for d, entry in wanted.items() if entry.chunks and d not in seen]
    for document in missing:
        containers[wanted[document].container].differences += 1
    return Differences(
        missing=tuple(sorted(missing)),
        altered=tuple(sorted(lists["altered"])),
        misplaced=tuple(sorted(lists["misplaced"])),
        surplus=tuple(sorted(lists["surplus"])),
        containers=containers,
    )


def _difference(found: Entry, due: Entry | None) -> str:
    """Which list a document belongs in; empty if it is as it ought to be."""
    if due is None or due.chunks == 0:
        return "surplus"
    if found.chunks != due.chunks or (due.ids is not None and found.ids != due.ids):
        return "altered"
    if (found.container, found.scope) != (due.container, due.scope):
        return "misplaced"
    return ""
