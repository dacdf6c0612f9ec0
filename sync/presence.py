"""What a catalog holds of a container, and what a listing of it told."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
from sqlalchemy import Connection

from catalog import documents, parts
from connectors.interface import ConnectorError, ListingPage
from sync.names import Names

_NO_PART = 0


class Told:
    """What a listing proved."""

    def __init__(self, pages: Iterable[ListingPage]):
        """Read a listing to its end; raises as it does."""
        self.names = Names()
        """Everything that was listed, proven or not."""
        self.complete = False
        """Whether nothing was left out."""
        self.refused: ConnectorError | None = None
        """Why a part could not be listed, if one could not."""
        self._whole: set[str] = set()
        self._parts: frozenset[str] | None = None
        for page in pages:
            for name in page.versions:
                self.names.add(name)
            if page.whole:
                self._whole.add(page.part)
            self.complete = page.complete
            self.refused = page.refused
            self._parts = page.parts

    @property
    def proves(self) -> bool:
        """Whether absence from it proves anything at all."""
        return self.complete or bool(self._whole) or self._parts is not None

    def settles(self, part: str | None) -> bool:
        """Whether what is of this part and was not listed is gone.

        It is where the part was listed whole, or is no part of the container any more.

        Args:
            part: its name; None for documents of which no part is known.
        """
        if self.complete:
            return True
        if part is None:
            return False
        return part in self._whole or (self._parts is not None and part not in self._parts)


class Here:
    """A container's documents that are not removed, as the catalog has them.

    Each takes 16 bytes, and 2 more in a container with parts.
    """

    def __init__(self, connection: Connection, container_id: int):
        """Read them."""
        self.names = Names()
        self._rows = array("q")
        self._parts: dict[int | None, str | None] = {None: None}
        self._parts.update(parts.names(connection, container_id).items())
        numbers = {row: number for number, row in enumerate(self._parts)}
        # Which of them each document is in; nothing where there is but one to be in.
        size = "H" if len(numbers) < 1 << 16 else "I"
        self._within = array(size) if len(numbers) > 1 else None
        for name, row, part in documents.every_present(connection, container_id):
            self.names.add(name)
            self._rows.append(row)
            if self._within is not None:
                # A part of the container that it was in before says nothing here.
                self._within.append(numbers.get(part, _NO_PART))

    def absent(self, told: Told) -> list[int]:
        """Rows of those that are gone by that listing."""
        chosen = None
        if not told.complete:
            if not self._within:
                return []
            settled = np.fromiter(map(told.settles, self._parts.values()), np.bool_)
            chosen = settled[np.frombuffer(self._within, self._within.typecode)]
        return [self._rows[at] for at in self.names.lacking(told.names, chosen)]

    def undecided(self, rows: dict[int, int | None], told: Told) -> list[int]:
        """Of these rows, each with that of its part, those of which the listing says nothing."""
        return [row for row, part in rows.items() if not told.settles(self._parts.get(part))]
