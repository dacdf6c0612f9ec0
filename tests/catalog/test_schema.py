"""The migrations build what the tables say, once, for one process or several."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

import catalog
from access import Principal, PrincipalKind, Source
from catalog import checkpoints, principals
from catalog.checkpoints import Feed
from catalog.database import Catalog
from catalog.errors import CatalogError, SchemaTooNew
from catalog.tables import metadata
from corpus import Cursor


def test_migrations_and_tables_agree(catalog):
    with catalog.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def _of_release(engine, revision):
    config = Config()
    config.set_main_option("script_location", str(Path(catalog.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_a_catalog_of_an_earlier_release_is_brought_up_to_date(catalog_url):
    """Rows stay; SharePoint's places are given up, since they say nothing of parts."""
    engine = create_engine(catalog_url)
    _of_release(engine, "0002")
    with engine.begin() as connection:
        for source in ("sharepoint", "google_drive"):
            connection.execute(
                text(
                    "INSERT INTO checkpoint (source, container, feed, cursor, updated_at)"
                    " VALUES (:source, 'c', 'content', 'there', 1)"
                ),
                {"source": source},
            )
        connection.execute(
            text("INSERT INTO principal (source, kind, native_id) VALUES ('github', 'user', '7')")
        )
    engine.dispose()
    with Catalog.open(catalog_url) as opened, opened.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        drive = checkpoints.load(connection, Source.GOOGLE_DRIVE, "c", Feed.CONTENT)
        assert drive == Cursor("there")
        assert checkpoints.load(connection, Source.SHAREPOINT, "c", Feed.CONTENT) is None
        seven = Principal(Source.GITHUB, PrincipalKind.USER, "7")
        assert [each.name for each in principals.find(connection, [seven])] == [""]


def test_a_later_schema_is_refused(tmp_path):
    with Catalog.at(tmp_path) as catalog, catalog.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="later release"):
        Catalog.at(tmp_path)


OPEN = "import sys; from catalog.database import Catalog; Catalog.open(sys.argv[1]).close()"


def _opening(url, several=4):
    command = [sys.executable, "-c", OPEN, url]
    return [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(several)]


def _opened(started):
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()


def test_several_processes_may_open_a_new_catalog_at_once(catalog_url):
    _opened(_opening(catalog_url))


def test_several_processes_may_bring_a_catalog_up_to_date_at_once(catalog_url):
    """They have all seen that it is of an earlier release, and begin when a sync lets go of it."""
    engine = create_engine(catalog_url)
    _of_release(engine, "0001")
    with engine.connect() as writer:
        if engine.dialect.name == "postgresql":
            writer.execute(text("LOCK TABLE document IN SHARE MODE"))
        else:
            writer.exec_driver_sql("PRAGMA journal_mode=WAL")
            writer.execute(text("UPDATE counter SET value = value"))
        started = _opening(catalog_url)
        _wait_for_writers(engine, len(started))
    _opened(started)
    engine.dispose()


def _wait_for_writers(engine, several):
    if engine.dialect.name != "postgresql":
        time.sleep(3)  # SQLite does not say who waits
        return
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    deadline = time.monotonic() + 60
    found = 0
    while found < several:
        assert time.monotonic() < deadline, f"{found} of {several} wait"
        time.sleep(0.1)
        with engine.connect() as connection:
            found = connection.execute(text(waiting)).scalar()


def test_other_databases_are_refused():
    with pytest.raises(CatalogError, match="SQLite or PostgreSQL"):
        Catalog.open("mysql://localhost/x")


def test_a_url_of_another_program_is_told_how_to_write_it():
    with pytest.raises(CatalogError, match=r"write postgresql\+psycopg2://"):
        Catalog.open("postgres://u@127.0.0.1/x")


def test_a_file_that_is_no_database_is_one_line(tmp_path):
    (tmp_path / "catalog.db").write_text("something else " * 100)
    with pytest.raises(CatalogError, match="is no SQLite database"):
        Catalog.at(tmp_path)


def test_a_reader_cannot_block_or_see_half_a_writer(catalog):
    with catalog.reading() as reader:
        before = reader.execute(text("SELECT value FROM counter")).scalar()
        with catalog.writing() as writer:
            writer.execute(text("UPDATE counter SET value = value + 1"))
        assert reader.execute(text("SELECT value FROM counter")).scalar() == before
    with catalog.reading() as reader:
        assert reader.execute(text("SELECT value FROM counter")).scalar() == before + 1


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql+psycopg2://x:secret@127.0.0.1:1/y", "sqlite:////dev/null/c.db"]
)
def test_a_database_that_cannot_be_had_is_one_line_without_secrets(url):
    with pytest.raises(CatalogError) as raised:
        Catalog.open(url)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)
