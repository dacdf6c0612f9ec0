"""The matrix of vectors: one file of float32 rows, written by slot and mapped for reading."""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from index.embedded.damage import Lost
from index.interface import Vector

_GROW = 4096  # rows that the file grows by at once


class Matrix:
    """Vectors by slot. The tables say which slots are live; the rest of the file means nothing.

    A vector is on disk before the transaction that makes its slot live commits, and a slot
    that a reader may still be reading is not written: see `writer.QUARANTINE`.
    """

    def __init__(self, path: Path, dimensions: int) -> None:
        """The matrix in the file at `path`, which is made where missing."""
        self._row = dimensions * 4
        self._dimensions = dimensions
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, vectors: Mapping[int, Vector]) -> None:
        """Store vectors by slot, and wait for the disk. One process at a time."""
        if not vectors:
            return
        slots = sorted(vectors)
        rows = -(-(slots[-1] + 1) // _GROW) * _GROW
        if os.fstat(self._file).st_size < rows * self._row:
            os.ftruncate(self._file, rows * self._row)
        start = 0
        for i in range(1, len(slots) + 1):
            if i == len(slots) or slots[i] != slots[i - 1] + 1:
                run = np.stack([vectors[s] for s in slots[start:i]])
                self._pwrite(run.tobytes(), slots[start] * self._row)
                start = i
        os.fdatasync(self._file)

    def present(self) -> bool:
        """Whether the file is still where it was opened; while open, no other has its number."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._file))
        except OSError:
            return False

    @property
    def rows(self) -> int:
        """How many rows the file has room for."""
        return os.fstat(self._file).st_size // self._row

    def map(self, rows: int) -> Vector:
        """At least `rows` rows, mapped read-only. Shape (rows or more, dimensions).

        Raises:
            Lost: the file has fewer.
        """
        if rows == 0:
            return np.zeros((0, self._dimensions), np.float32)
        size = self.rows
        if size < rows:
            raise Lost("vectors are gone")
        view = mmap.mmap(self._file, size * self._row, prot=mmap.PROT_READ)
        return np.frombuffer(view, np.float32).reshape(size, self._dimensions)

    def close(self) -> None:
        """Close the file, once; mappings stay until they are let go of."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _pwrite(self, data: bytes, offset: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, offset)
            view = view[written:]
            offset += written
