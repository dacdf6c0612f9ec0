"""Opening the catalog's database: SQLite by default, PostgreSQL for a company."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from catalog.errors import CatalogError, DriverMissing, SchemaTooNew

_MIGRATIONS = Path(__file__).parent / "migrations"
CATALOG_FILE = "catalog.db"
"""Where the SQLite catalog is in its folder."""
_WRITES = {"bailiwick_writes": True}


class Catalog:
    """The relational truth: who may read what, and how far each stage has come.

    Every operation runs on a `Connection` from `reading` or `writing`; the modules beside
    this one hold the operations. Safe to share between threads and to reopen after a fork.
    """

    def __init__(self, engine: Engine) -> None:
        """Use `open` or `at`, which also bring the schema up to date."""
        self.engine = engine

    @classmethod
    def at(cls, folder: Path) -> Catalog:
        """The SQLite catalog in `folder`, made if absent.

        Raises:
            CatalogError: the folder can't be made, or as `open` does.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CatalogError(
                f"the catalog's folder {folder.absolute()} can't be made ({error.strerror}); see"
                " that this account may write there, or name another in BAILIWICK_HOME"
            ) from None
        return cls.open(f"sqlite:///{folder / CATALOG_FILE}")

    @classmethod
    def open(cls, url: str | URL) -> Catalog:
        """The catalog at an SQLAlchemy URL, its schema brought up to date.

        Raises:
            SchemaTooNew: a later release has changed the schema.
            DriverMissing: the extra ``postgres`` is not installed.
            CatalogError: the URL names neither SQLite nor PostgreSQL, or the database does not
                answer.
        """
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise CatalogError("the catalog's address is no SQLAlchemy URL") from None
        backend = parsed.get_backend_name()
        if backend == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": 60}, hide_parameters=True)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        elif backend == "postgresql":
            try:
                engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
            except ModuleNotFoundError as error:
                raise DriverMissing(
                    f"PostgreSQL needs {error.name}: pip install 'bailiwick[postgres]'"
                ) from error
        else:
            hint = "; write postgresql+psycopg2://" if backend == "postgres" else ""
            raise CatalogError(f"the catalog needs SQLite or PostgreSQL, not {backend}{hint}")
        catalog = cls(engine)
        try:
            catalog.migrate()
        except OperationalError:
            # The driver's own words may hold the address, and with it a password.
            where = parsed.host or parsed.database
            raise CatalogError(
                f"the catalog's database at {where} does not answer; see that it runs, that the "
                "address is right, and that this account may use it"
            ) from None
        except DatabaseError as error:
            if "not a database" not in str(error.orig):
                raise
            raise CatalogError(
                f"{parsed.database} is no SQLite database; name another file in"
                " BAILIWICK_CATALOG_URL, or move this one away"
            ) from None
        return catalog

    def migrate(self) -> None:
        """Bring the schema to this release's.

        Raises:
            SchemaTooNew: a later release has changed the schema.
        """
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        head = ScriptDirectory.from_config(config).get_current_head()
        # A reader waits for nobody; the lock of writers is for those who have to change something.
        with self.reading() as connection:
            if connection.dialect.has_table(connection, "alembic_version"):
                found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
                if found.scalar() == head:
                    return
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                # Of two first starts at once, of a catalog or of a release, one makes the tables;
                # the other waits, and finds them. SQLite has one writer anyway.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(718281828)")
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise SchemaTooNew(
                    "the catalog was written by a later release; install that release or newer"
                ) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment and writes nothing."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes; all of it is kept, or on any error none."""
        with self.engine.connect().execution_options(**_WRITES) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver would begin transactions by itself, late and deferred; we begin them.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: a deferred one that finds the database changed under it
    # fails without waiting.
    writes = connection.get_execution_options().get("bailiwick_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
