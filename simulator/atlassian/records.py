"""The plain text files that the company's documents are written in.

A record begins with ``=== field | field | …``; then ``name: value`` lines, a blank line, and
the body in light markup up to the next record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Record:
    """One document."""

    heads: list[str]
    """The fields of its first line."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """(name, value) lines in order."""
    body: str = ""

    def note(self, name: str, default: str = "") -> str:
        """The value of the first line with this name."""
        return next((value for key, value in self.notes if key == name), default)

    def words(self, name: str) -> list[str]:
        """The comma-separated values of a line."""
        return [one.strip() for one in self.note(name).split(",") if one.strip()]


def records(path: Path) -> Iterator[Record]:
    """Read a file of records."""
    for part in path.read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, rest = part.partition("\n")
        notes, _, body = rest.partition("\n\n") if not rest.startswith("\n") else ("", "", rest)
        made = Record([one.strip() for one in head.split("|")], body=body.strip())
        for line in notes.strip().splitlines():
            name, _, value = line.partition(": ")
            made.notes.append((name, value))
        yield made
