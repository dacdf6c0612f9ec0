"""An embedded index whose files were damaged says so, and finds nothing that is wrong."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from index.embedded import EmbeddedIndex
from index.embedded.damage import Damaged
from index.embedded.snapshot import Snapshot
from index.interface import Hit, Reach, SearchIndexError, Where
from tests.contract.chunks import DIMENSIONS, chunk, vector

ALL = Reach(frozenset([1]))
Damage = Callable[[Path], None]


def opened(folder: Path) -> EmbeddedIndex:
    return EmbeddedIndex(folder, "1", DIMENSIONS)


def found(index: EmbeddedIndex) -> Sequence[Hit]:
    return index.by_vector(vector(5), ALL, Where(), 1_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = opened(tmp_path / "v-1")
    index.put([(n, [chunk(n, k) for k in range(3)]) for n in range(50)])
    index.close()
    return tmp_path / "v-1"


def cut(name: str, part: float) -> Damage:
    def damage(folder: Path) -> None:
        os.truncate(folder / name, int((folder / name).stat().st_size * part))

    return damage


def filled(name: str, data: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(data) and None


def zeroed(folder: Path) -> None:
    with (folder / "index.sqlite").open("r+b") as file:
        file.seek(8192 * 3)
        file.write(bytes(8192 * 9))


DAMAGES = {
    "vectors deleted": lambda folder: (folder / "vectors.f32").unlink(),
    "vectors emptied": cut("vectors.f32", 0),
    "vectors cut": cut("vectors.f32", 1 / 64),
    "vectors no matrix": filled("vectors.f32", b"x" * 100),
    "tables deleted": lambda folder: (folder / "index.sqlite").unlink(),
    "tables emptied": cut("index.sqlite", 0),
    "tables cut": cut("index.sqlite", 0.5),
    "tables no database": filled("index.sqlite", os.urandom(100_000)),
    "tables zeroed": zeroed,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_told_and_a_new_index_takes_its_place(folder: Path, damage: Damage) -> None:
    damage(folder)
    try:
        index = opened(folder)
    except SearchIndexError as error:
        told = [error]
    else:
        told = []
        for _ in range(2):  # and each time anew: no connection is spoilt by it
            with pytest.raises(SearchIndexError) as raised:
                found(index)
            told.append(raised.value)
            with pytest.raises(SearchIndexError) as raised:
                index.put([(n, [chunk(n, 0)]) for n in (99, 100)])
            told.append(raised.value)
        index.close()
    for error in told:
        assert isinstance(error, Damaged), error
        assert f"delete the folder {folder} and run `bailiwick index rebuild`" in str(error)
        assert "\n" not in str(error)
    shutil.rmtree(folder)
    index = opened(folder)
    index.put([(1, [chunk(1, 0)])])
    assert len(found(index)) == 1
    index.close()


def test_whatever_bytes_change_no_search_ends_in_anything_but_an_error_of_the_index(
    folder: Path,
) -> None:
    index = opened(folder)
    right = {hit.chunk.id: hit.score for hit in found(index)}
    index.close()
    file = folder / "index.sqlite"
    sound = file.read_bytes()
    rng = random.Random(7)
    for _ in range(60):
        for rest in folder.glob("index.sqlite-*"):
            rest.unlink()
        damaged = bytearray(sound)
        for _ in range(rng.randrange(1, 30)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        file.write_bytes(damaged)
        try:
            index = opened(folder)
        except SearchIndexError:
            continue
        hits: list[Hit] = []
        with suppress(SearchIndexError):
            index.by_keyword(["passag"], ALL, Where(), 1_000)
        with suppress(SearchIndexError):
            list(index.entries())
        with suppress(SearchIndexError):
            hits = [hit for hit in found(index) if hit.chunk.id in right]
        for hit in hits:
            assert hit.score == pytest.approx(right[hit.chunk.id], abs=1e-5)
        index.close()


def test_a_search_that_fails_spoils_no_later_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(folder)

    def failing(*_: object) -> Snapshot:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(Snapshot, "refreshed", failing)
        with pytest.raises(SearchIndexError, match="disk I/O error"):
            found(index)
    assert len(found(index)) == 150
    index.close()
