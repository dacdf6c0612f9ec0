"""Errors of the directory file.

DirectoryError
├── DirectoryMissing
└── DirectoryInvalid
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class DirectoryError(Exception):
    """Root of every error about a directory file."""


class DirectoryMissing(DirectoryError):
    """There is no such file, or it can't be read."""


class DirectoryInvalid(DirectoryError):
    """The file does not say what it must; every problem is named with its line."""

    def __init__(self, path: Path, problems: Sequence[tuple[int, str]]):
        """Keep the problems.

        Args:
            path: the file.
            problems: line (from 1) and what is wrong there.
        """
        super().__init__("\n".join(f"{path}:{line}: {what}" for line, what in problems))
        self.path = path
        self.problems = tuple(problems)
