"""What filters need of every chunk, in memory as arrays by slot."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.interface import Reach, Where
from index.times import NEVER, to_number

_COLUMNS = (
    ("live", np.bool_),
    ("document", np.int64),
    ("container", np.int64),
    ("scope", np.int64),
    ("source", np.int32),
    ("kind", np.int32),
    ("media_type", np.int32),
    ("owners", np.int32),
    ("canonical", np.bool_),
    ("modified_at", np.int64),
)
_SELECT = "SELECT slot, id, " + ", ".join(name for name, _ in _COLUMNS) + " FROM gate"  # noqa: S608
_TABLE_LIMIT = 1 << 23  # numbers up to here are looked up in a table, larger ones searched for
_MASKS = 8  # masks kept per snapshot
Mask = NDArray[np.bool_]
_T = TypeVar("_T", bound=np.generic)

SOURCE, KIND, MEDIA_TYPE, OWNERS = "smko"
"""What an interned string is: its first character. Owners are a JSON list of strings."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The gate of one generation. Its arrays are never changed; refreshing makes another."""

    generation: int
    columns: dict[str, NDArray[np.generic]]
    ids: NDArray[np.void]
    """Chunk ids as 16 bytes each."""
    words: dict[str, int]
    """The codes of interned strings, each with the mark of what it is."""
    _masks: dict[tuple[Reach, Where], Mask] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> Snapshot:
        """Of an index that holds nothing."""
        return cls(
            -1,
            {name: np.zeros(0, kind) for name, kind in _COLUMNS},
            np.zeros(0, "V16"),
            {},
        )

    @property
    def slots(self) -> int:
        """How many slots there are, live or free."""
        return len(self.ids)

    def refreshed(self, link: sqlite3.Connection, generation: int) -> Snapshot:
        """The gate at `generation`, read inside the transaction that is open on `link`."""
        rows = link.execute(_SELECT + " WHERE generation > ?", (self.generation,)).fetchall()
        words = dict(self.words)
        words.update(
            link.execute(
                "SELECT value, code FROM word WHERE code > ?", (max(words.values(), default=0),)
            )
        )
        if not rows:
            return Snapshot(generation, self.columns, self.ids, words)
        slot, ids, *values = zip(*rows, strict=True)
        where = np.array(slot, np.int64)
        slots = max(self.slots, int(where.max()) + 1)
        columns: dict[str, NDArray[np.generic]] = {}
        for (name, kind), value in zip(_COLUMNS, values, strict=True):
            column = _grown(self.columns[name], slots)
            column[where] = np.array(value, kind)
            columns[name] = column
        known = _grown(self.ids, slots)
        known[where] = np.frombuffer(b"".join(ids), "V16")
        return Snapshot(generation, columns, known, words)

    def admitted(self, reach: Reach, where: Where) -> Mask:
        """Which slots are live, within reach and as asked. Not to be changed."""
        # Both legs of a question need the same mask. Two threads may both make it: no harm.
        mask = self._masks.get((reach, where))
        if mask is None:
            mask = self._admit(reach, where)
            if len(self._masks) >= _MASKS:
                self._masks.clear()
            self._masks[reach, where] = mask
        return mask

    def _admit(self, reach: Reach, where: Where) -> Mask:
        column = self.columns
        mask: Mask = _among(column["scope"], reach.scopes)
        if reach.containers:
            mask |= _among(column["container"], reach.containers)
        mask &= column["live"].astype(np.bool_, copy=False)
        if where.containers:
            mask &= _among(column["container"], frozenset(where.containers))
        if where.documents:
            mask &= _among(column["document"], frozenset(where.documents))
        for name, mark, wanted in (
            ("source", SOURCE, where.sources),
            ("kind", KIND, where.kinds),
            ("media_type", MEDIA_TYPE, where.media_types),
        ):
            if wanted:
                codes = frozenset(self.words[mark + w] for w in wanted if mark + w in self.words)
                mask &= _among(column[name], codes)
        if where.owners:
            mask &= _among(column["owners"], self._owned_by(frozenset(where.owners)))
        if where.canonical is not None:
            mask &= column["canonical"] == where.canonical
        if where.modified_from is not None or where.modified_until is not None:
            modified = column["modified_at"].astype(np.int64, copy=False)
            mask &= modified != NEVER
            if where.modified_from is not None:
                mask &= modified >= to_number(where.modified_from)
            if where.modified_until is not None:
                mask &= modified < to_number(where.modified_until)
        return mask

    @cached_property
    def _owners(self) -> dict[int, frozenset[str]]:
        """The people that each interned set of owners holds."""
        return {
            code: frozenset(json.loads(word[1:]))
            for word, code in self.words.items()
            if word.startswith(OWNERS)
        }

    def _owned_by(self, wanted: frozenset[str]) -> frozenset[int]:
        """The codes of the sets of owners that hold any of those wanted."""
        return frozenset(code for code, owners in self._owners.items() if owners & wanted)


def _grown(column: NDArray[_T], slots: int) -> NDArray[_T]:
    out = np.zeros(slots, column.dtype)
    out[: len(column)] = column
    return out


def _among(column: NDArray[np.generic], wanted: frozenset[int]) -> Mask:
    """Where `column` holds one of the numbers wanted."""
    if not wanted or not len(column):
        return np.zeros(len(column), np.bool_)
    numbers = np.fromiter(wanted, np.int64, len(wanted))
    top = int(column.max())
    if top < _TABLE_LIMIT and int(column.min()) >= 0:
        table = np.zeros(top + 1, np.bool_)
        table[numbers[(numbers >= 0) & (numbers <= top)]] = True
        return table[column.astype(np.intp, copy=False)]
    return np.isin(column, numbers)
