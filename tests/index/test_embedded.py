"""The embedded index among processes, under SIGKILL, and over time."""

from __future__ import annotations

import logging
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index.embedded import EmbeddedIndex
from index.embedded import index as embedded_index
from index.embedded import writer as embedded_writer
from index.embedded.versions import EmbeddedVersions
from index.interface import Reach, SearchIndexError, Where
from tests.fixtures.unprivileged import unprivileged

ROOT = Path(__file__).parents[2]
DIMENSIONS = 8
ALL = Reach(frozenset(range(10)))
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# What each child process below starts with: documents whose every part tells their revision.
CHILD = """
import os, signal, sys, random
from datetime import datetime, UTC
from pathlib import Path
from uuid import UUID, uuid5
import numpy as np
from index.embedded import EmbeddedIndex
from index.embedded import writer
from index.interface import IndexedChunk
writer.QUARANTINE = 0.0

def document(number, revision):
    count = (number + revision) % 5
    return number, [IndexedChunk(
        uuid5(UUID(int=0), f"{number}/{k}"), number, 1, number % 10, "github", k,
        f"revision {revision} part {k}", f"revision r{revision} d{number} part", "t", (), "",
        "file", "", (), False, None, None, datetime(2026, 1, 1, tzinfo=UTC), "0" * 64,
        vector(number, k, revision)) for k in range(count)]

def vector(number, k, revision):
    raw = np.random.default_rng([number, k, revision]).standard_normal(8).astype(np.float32)
    return raw / np.linalg.norm(raw)

folder = Path(sys.argv[1])
"""


def _load() -> dict[str, Callable]:
    scope: dict = {"sys": type("S", (), {"argv": ["", "."]})}
    exec(CHILD.replace("import os, signal, sys, random", "import os, random"), scope)
    embedded_writer.QUARANTINE = 120.0
    return scope


_made = _load()
document, vector = _made["document"], _made["vector"]


def child(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + code, *map(str, arguments)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
    )


def sound(folder: Path) -> dict[int, int]:
    """Check every table, the matrix and both legs against each other; revisions by document."""
    link = sqlite3.connect(folder / "index.sqlite")
    assert link.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    link.execute("INSERT INTO keyword (keyword, rank) VALUES ('integrity-check', 1)")
    live = {slot for (slot,) in link.execute("SELECT slot FROM gate WHERE live = 1")}
    assert live == {slot for (slot,) in link.execute("SELECT slot FROM passage")}
    assert live == {slot for (slot,) in link.execute("SELECT rowid FROM keyword")}
    link.close()
    index = EmbeddedIndex(folder, "1", DIMENSIONS)
    try:
        revisions: dict[int, int] = {}
        for hit in index.by_vector(np.ones(8, np.float32), ALL, Where(), 10**6):
            number, k = hit.chunk.document, hit.chunk.ordinal
            revision = int(hit.chunk.text.split()[1])
            assert revisions.setdefault(number, revision) == revision, "a torn document"
            expected = float(vector(number, k, revision) @ np.ones(8, np.float32))
            assert hit.score == pytest.approx(expected, abs=1e-5), "another chunk's vector"
        for number, revision in revisions.items():
            assert index.documents()[number] == (number + revision) % 5
            found = index.by_keyword([f"r{revision}"], ALL, Where(documents=(number,)), 99)
            assert len(found) == (number + revision) % 5
        assert len(live) == sum(index.documents().values())
        return revisions
    finally:
        index.close()


def test_killed_at_any_line(tmp_path: Path) -> None:
    # A tracer counts lines of the backend's own code and kills the process at the chosen one.
    code = """
index = EmbeddedIndex(folder, "1", 8)
start, fatal = int(sys.argv[2]), int(sys.argv[3])
lines = 0
def trace(frame, event, _):
    global lines
    if "/index/embedded/" not in frame.f_code.co_filename:
        return None
    if event == "line":
        lines += 1
        if lines == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace
sys.settrace(trace)
for revision in range(start, start + 3):
    index.put([document(n, revision) for n in range(6)])
    index.delete([revision % 6])
sys.settrace(None)
index.close()
print(lines)
"""
    whole = child(code, tmp_path, 0, 0)
    lines = int(whole.communicate()[0])
    assert whole.returncode == 0
    assert lines > 300
    sound(tmp_path)
    rng = random.Random(3)
    for attempt in range(25):
        fatal = rng.randrange(1, lines)
        killed = child(code, tmp_path, 3 * attempt + 3, fatal)
        killed.communicate()
        assert killed.returncode in (-signal.SIGKILL, 0)
        sound(tmp_path)
    # And it goes on: the same work again ends as if nothing had happened.
    assert child(code, tmp_path, 300, 0).wait() == 0
    assert {n: r for n, r in sound(tmp_path).items() if r != 302} == {}
    assert (tmp_path / "vectors.f32").stat().st_size <= 4096 * DIMENSIONS * 4


def test_killed_at_any_moment(tmp_path: Path) -> None:
    code = """
index = EmbeddedIndex(folder, "1", 8)
print("ready", flush=True)
for revision in range(int(sys.argv[2]), 10**9):
    index.put([document(n, revision) for n in range(60)])
"""
    rng = random.Random(4)
    start = 0
    for _ in range(8):
        running = child(code, tmp_path, start)
        assert running.stdout
        assert running.stdout.readline() == b"ready\n"
        time.sleep(rng.random() * 0.3)
        running.kill()
        running.communicate()
        revisions = sound(tmp_path)
        assert len(set(revisions.values())) <= 1, "the group that was one transaction"
        start = max(revisions.values(), default=start) + 1


def test_writers_and_readers_in_several_processes(tmp_path: Path) -> None:
    code = """
writer.QUARANTINE = 120.0  # as it is; without it the searches below meet vectors of others
mine = int(sys.argv[2])
index = EmbeddedIndex(folder, "1", 8)
for revision in range(20):
    index.put([document(n, revision) for n in range(mine, 40, 4)])
    index.put([document(100, revision * 4 + mine)])
    index.delete([200 + mine])
index.close()
"""
    reader = EmbeddedIndex(tmp_path, "1", DIMENSIONS)
    writers = [child(code, tmp_path, n) for n in range(4)]
    searches = 0
    while any(w.poll() is None for w in writers):
        seen: dict[int, set[str]] = {}
        for hit in reader.by_vector(np.ones(8, np.float32), ALL, Where(), 1000):
            seen.setdefault(hit.chunk.document, set()).add(hit.chunk.text.split()[1])
            number, revision = hit.chunk.document, int(hit.chunk.text.split()[1])
            expected = float(vector(number, hit.chunk.ordinal, revision) @ np.ones(8, np.float32))
            assert hit.score == pytest.approx(expected, abs=1e-5)
        assert all(len(revisions) == 1 for revisions in seen.values()), "a mixture"
        searches += 1
    assert [w.wait() for w in writers] == [0] * 4
    assert searches > 3
    # The reader, open since before anything was written, sees it all.
    expected = {n: (n + 19) % 5 for n in range(40) if (n + 19) % 5}
    assert {n: c for n, c in reader.documents().items() if n < 100} == expected
    reader.close()
    sound(tmp_path)


def test_threads_share_an_index(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, "1", DIMENSIONS)
    wrong: list[object] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                for leg in (
                    index.by_vector(np.ones(8, np.float32), ALL, Where(owners=("a",)), 99),
                    index.by_vector(np.ones(8, np.float32), ALL, Where(), 99),
                    index.by_keyword(["part"], ALL, Where(), 99),
                ):
                    seen: dict[int, set[str]] = {}
                    for hit in leg:
                        seen.setdefault(hit.chunk.document, set()).add(hit.chunk.text.split()[1])
                    wrong.extend(r for r in seen.values() if len(r) > 1)
            except Exception as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for revision in range(40):
        index.put([document(n, revision) for n in range(10)])
    done.set()
    for thread in threads:
        thread.join()
    index.close()
    assert wrong == []
    assert set(sound(tmp_path).values()) == {39}


def test_freed_slots_wait_and_are_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = EmbeddedIndex(tmp_path, "1", DIMENSIONS)

    def slots() -> int:
        link = sqlite3.connect(tmp_path / "index.sqlite")
        (last,) = link.execute("SELECT max(slot) + 1 FROM gate").fetchone()
        link.close()
        return int(last)

    index.put([document(4, 0)])
    index.put([document(4, 5)])
    assert slots() == 8, "the freed slots may still be being read"
    monkeypatch.setattr(embedded_writer, "QUARANTINE", -1.0)
    for revision in range(10, 100, 5):
        index.put([document(4, revision)])
    assert slots() == 8
    index.close()
    assert sound(tmp_path) == {4: 95}


def test_a_failed_write_takes_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = EmbeddedIndex(tmp_path, "1", DIMENSIONS)
    index.put([document(1, 0)])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(type(index._matrix), "write", full)
        with pytest.raises(SearchIndexError, match="No space"):
            index.put([document(1, 1), document(2, 0)])
    assert sound(tmp_path) == {1: 0}
    index.put([document(1, 1), document(2, 0)])
    index.close()
    assert sound(tmp_path) == {1: 1, 2: 0}


def test_a_full_disk_takes_everything_back(tmp_path: Path) -> None:
    # Of all that a transaction had added, what an owner or a kind is called too.
    code = """
import resource
from dataclasses import replace
from index.interface import Reach, SearchIndexError, Where
def document(number, revision):
    return number, [IndexedChunk(
        UUID(int=number), number, 1, number % 10, "github", 0, "part " * 500, "part", "t", (), "",
        "file", "", (f"owner{number}",), False, None, None, datetime(2026, 1, 1, tzinfo=UTC),
        "0" * 64, vector(number, 0, revision))]

def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

index = EmbeddedIndex(folder, "1", 8)
index.put([document(1, 0)])
room(max(file.stat().st_size for file in folder.iterdir()) + 100_000)
try:
    index.put([document(n, 0) for n in range(2, 400)])
except SearchIndexError:
    print("full")
room(resource.RLIM_INFINITY)
assert index.documents() == {1: 1}
index.put([document(n, 0) for n in range(2, 30)])
reach = Reach(frozenset(range(10)))
found = index.by_vector(np.ones(8, np.float32), reach, Where(), 99)
assert {hit.chunk.owners for hit in found} == {(f"owner{n}",) for n in range(1, 30)}
for n in range(1, 30):
    [hit] = index.by_keyword(["part"], reach, Where(owners=(f"owner{n}",)), 99)
    assert hit.chunk.document == n
"""
    full = child(code, tmp_path)
    assert full.communicate()[0] == b"full\n"
    assert full.returncode == 0


def test_another_version_is_refused(tmp_path: Path) -> None:
    EmbeddedIndex(tmp_path, "1", DIMENSIONS).close()
    with pytest.raises(SearchIndexError, match="version"):
        EmbeddedIndex(tmp_path, "2", DIMENSIONS)
    with pytest.raises(SearchIndexError):
        EmbeddedIndex(tmp_path, "1", DIMENSIONS + 1)


def test_says_once_when_it_is_outgrown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedded_index, "OUTGROWN", 5)
    index = EmbeddedIndex(tmp_path, "1", DIMENSIONS)
    with caplog.at_level(logging.WARNING):
        index.put([document(4, 0)])
        assert not caplog.records
        for number in (3, 13, 23):
            index.put([document(number, 0)])
    index.close()
    [record] = caplog.records
    assert "bailiwick index rebuild" in record.getMessage()


def test_a_search_holds_little_memory(tmp_path: Path) -> None:
    code = """
import resource
from index.interface import Reach, Where
d = 384
index = EmbeddedIndex(folder, "1", d)
rng = np.random.default_rng(0)
now = datetime(2026, 1, 1, tzinfo=UTC)
n = 0
for _ in range(15):
    rows = rng.standard_normal((2000, d)).astype(np.float32)
    index.put([(n + i, [IndexedChunk(UUID(int=n + i), n + i, 1, 1, "s", 0, "text", "text", "", (),
        "", "", "", (), False, None, None, now, "", rows[i])]) for i in range(2000)])
    n += 2000
index.close()
index = EmbeddedIndex(folder, "1", d)
index.by_keyword(["text"], Reach(frozenset([1])), Where(), 10)
def anonymous():
    return int([l for l in open("/proc/self/status") if l.startswith("RssAnon")][0].split()[1])
before = anonymous()
for _ in range(3):
    index.by_vector(rows[0], Reach(frozenset([1])), Where(), 10)
print(anonymous() - before)
"""
    process = child(code, tmp_path)
    out, _ = process.communicate()
    assert process.returncode == 0
    # 30,000 vectors are 46 MB; none of that is copied.
    assert int(out) < 10_000, "kB of anonymous memory beyond what the process had"


def test_a_folder_that_is_closed_is_told_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the parents of it are closed to others
    versions = EmbeddedVersions(Path())
    for name in ("one", "two"):
        versions.open(name, 4).close()
    versions.switch("one")
    for each in (tmp_path, *tmp_path.rglob("*")):
        each.chmod(0o555 if each.is_dir() else 0o444)
    refused = rf"^the index in {tmp_path}\S* can't be used \(.+\); see that this account may write"
    with unprivileged():
        assert versions.serving() == "one"
        for ask in (
            lambda: versions.open("one", 4),
            lambda: versions.open("three", 4),
            lambda: versions.switch("two"),
            lambda: versions.drop("two"),
        ):
            with pytest.raises(SearchIndexError, match=refused):
                ask()
    tmp_path.chmod(0)
    with unprivileged(), pytest.raises(SearchIndexError, match=refused):
        versions.serving()
    tmp_path.chmod(0o755)
    assert {each.name for each in versions.all()} == {"one", "two"}
