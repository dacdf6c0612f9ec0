"""Versions of an index: one in service, others being built or kept.

A version is a chunker, an analyser and an embedding model; its name is the caller's. To change
one, a new version is filled while the old one serves, `index.reconcile` finds nothing amiss, and
`switch` moves the name in service at once. The old one is kept until it is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.interface import Index


@dataclass(frozen=True, slots=True)
class Version:
    """One version, as it stands."""

    name: str
    dimensions: int
    """Of its vectors."""
    chunks: int
    serving: bool
    """Whether searches go to it."""


class Versions(Protocol):
    """The versions that one backend holds."""

    def all(self) -> Sequence[Version]:
        """Every version, by name."""
        ...

    def serving(self) -> str | None:
        """The version that searches go to; None before the first `switch`."""
        ...

    def open(self, version: str, dimensions: int) -> Index:
        """The index of a version, made where missing. The caller closes it.

        Raises:
            SearchIndexError: it is there with another size of vector.
        """
        ...

    def switch(self, version: str) -> None:
        """Send searches to this version from now on, atomically.

        Raises:
            UnknownVersion: there is none by that name.
        """
        ...

    def drop(self, version: str) -> None:
        """Delete a version for good.

        Raises:
            UnknownVersion: there is none by that name.
            VersionServing: searches go to it.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...
