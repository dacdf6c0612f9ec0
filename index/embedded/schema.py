"""The tables of the embedded index, and connections to them.

A *slot* is a row number shared by the tables, the full-text table and the matrix of vectors. The
narrow table `gate` has a row for every slot ever used: what filters need, and whether the slot
is live. Everything a filter does not need is in `passage`. Processes notice each other's writes
by `state.generation`, which every write bumps; `gate.generation` says which slots it touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from index.embedded.damage import Lost
from index.interface import SearchIndexError

FORMAT = "1"
"""Of the tables below and of the matrix."""

# White space and control characters part tokens; everything else belongs to them. The `ascii`
# tokenizer takes every character beyond ASCII as part of a token.
_TOKEN_CHARACTERS = "".join(chr(c) for c in range(0x21, 0x7F) if not chr(c).isalnum())
_TOKENIZER = "ascii tokenchars '" + _TOKEN_CHARACTERS.replace("'", "''") + "'"

# Fewer and larger pieces written at once, merged less eagerly: half as much work per chunk.
_FTS = [("hashsize", 16 << 20), ("automerge", 16), ("crisismerge", 32), ("pgsz", 8000)]

_TABLES = f"""
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE word (code INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
CREATE TABLE gate (
    slot INTEGER PRIMARY KEY,
    live INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    document INTEGER NOT NULL,
    container INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    source INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    media_type INTEGER NOT NULL,
    owners INTEGER NOT NULL,
    canonical INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    freed_at REAL NOT NULL,
    id BLOB NOT NULL,
    content BLOB NOT NULL,
    metadata BLOB NOT NULL,
    url TEXT NOT NULL
);
CREATE INDEX gate_generation ON gate (generation);
CREATE INDEX gate_document ON gate (document) WHERE live = 1;
CREATE UNIQUE INDEX gate_id ON gate (id) WHERE live = 1;
CREATE INDEX gate_free ON gate (freed_at) WHERE live = 0;
CREATE TABLE passage (
    slot INTEGER PRIMARY KEY,
    ordinal INTEGER NOT NULL,
    indexed_at INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    title TEXT NOT NULL,
    headings TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE VIRTUAL TABLE keyword USING fts5(
    analysed, tokenize = "{_TOKENIZER.replace('"', '""')}"
);
"""


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun by hand.

    Commits reach the disk before they return: what a power cut could take back would include
    freed slots, whose vectors may have been overwritten since.
    """
    link = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    link.execute("PRAGMA busy_timeout = 60000")
    link.execute("PRAGMA synchronous = FULL")
    link.execute("PRAGMA cache_size = -32768")
    link.execute("PRAGMA mmap_size = 268435456")
    return link


def create(
    link: sqlite3.Connection, version: str, dimensions: int, unused: Callable[[], bool]
) -> None:
    """Make the tables where there are none, and check what they are for.

    Args:
        link: a connection.
        version: what the tables are for.
        dimensions: of its vectors.
        unused: tells whether the matrix has never been written to.

    Raises:
        SearchIndexError: the file holds another version, size of vector or format.
        Lost: there were tables, and they are gone.
    """
    # Whether there are tables is looked at first: a reader need not wait for a writer.
    if not _made(link):
        link.execute("PRAGMA page_size = 8192")
        link.execute("PRAGMA journal_mode = WAL")
        link.execute("BEGIN IMMEDIATE")
        try:
            if not _made(link):
                if not unused():
                    raise Lost("its tables are gone")
                for statement in _TABLES.split(";\n"):
                    if statement.strip():
                        link.execute(statement)
                link.executemany("INSERT INTO keyword (keyword, rank) VALUES (?, ?)", _FTS)
                link.executemany(
                    "INSERT INTO state VALUES (?, ?)",
                    [
                        ("format", FORMAT),
                        ("version", version),
                        ("dimensions", dimensions),
                        ("generation", 0),
                    ],
                )
            link.execute("COMMIT")
        except BaseException:
            if link.in_transaction:  # a full disk has rolled back by itself
                link.execute("ROLLBACK")
            raise
    found = dict(link.execute("SELECT name, value FROM state WHERE name <> 'generation'"))
    wanted = {"format": FORMAT, "version": version, "dimensions": dimensions}
    if found != wanted:
        raise SearchIndexError(f"the embedded index is {found}, and {wanted} was asked for")


def _made(link: sqlite3.Connection) -> bool:
    return link.execute("SELECT 1 FROM sqlite_schema WHERE name = 'keyword'").fetchone() is not None
