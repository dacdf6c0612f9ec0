"""What the whole suite shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from catalog.database import Catalog
from tests import postgres, servers


@pytest.fixture(scope="session")
def open_weaviate() -> object:
    """Opens empty Weaviate indexes on a real server."""
    pytest.skip("no Weaviate yet")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server; gives the URL of its maintenance database."""
    if postgres.binaries() is None:
        servers.leave_out(postgres.REMEDY)
    with postgres.running() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog_url(request, tmp_path) -> Iterator[str]:
    """The URL of an empty catalog, on each database in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'catalog.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"test_{abs(hash(request.node.nodeid))}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def catalog(catalog_url) -> Iterator[Catalog]:
    """An empty catalog, on each database in turn."""
    with Catalog.open(catalog_url) as opened:
        yield opened


def pytest_terminal_summary(terminalreporter) -> None:
    """Name what was left out for want of a server."""
    needs = Counter(
        str(report.longrepr[2]).partition(servers.NEEDS)[2]
        for report in terminalreporter.stats.get("skipped", [])
        if servers.NEEDS in str(report.longrepr)
    )
    for remedy, count in needs.items():
        terminalreporter.write_line(f"{count} tests were left out: they need {remedy}")
