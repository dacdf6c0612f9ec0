"""What the whole suite shares: real servers, and the naming of tests left out for want of one."""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from catalog.database import Catalog
from tests import postgres, servers, weaviate_server
from tests.e2e.emulated import emulated, environment, materialize
from tests.fixtures.company import Company

# How long an example takes says more about the machine than about the code. What passes here
# passes everywhere: the same examples every time. New ones are for the profiles that search.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
# For a night: pytest --hypothesis-profile=long tests/access
settings.register_profile("long", deadline=None, max_examples=2_500)
settings.load_profile("suite")


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


@pytest.fixture(scope="session")
def weaviate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running Weaviate; the one at WEAVIATE_URL if set."""
    if importlib.util.find_spec("weaviate") is None:
        servers.leave_out(
            "the Weaviate client is not installed (pip install 'weaviate-client>=4.23.1,<4.24')"
        )
    if url := os.environ.get("WEAVIATE_URL"):
        yield _Elsewhere(url)
        return
    if not weaviate_server.available():
        servers.leave_out(weaviate_server.NONE_HERE)
    with weaviate_server.running(tmp_path_factory.mktemp("weaviate")) as server:
        yield server


@pytest.fixture
def weaviate_node(weaviate: Any) -> Callable[[Path], Any]:
    """Runs a node of the test's own, to be killed and started again."""
    if not weaviate_server.available() or os.environ.get("WEAVIATE_URL"):
        servers.leave_out(
            "a Weaviate that a test may kill needs a binary or Docker, not WEAVIATE_URL"
        )
    return weaviate_server.running  # type: ignore[no-any-return]


class _Elsewhere:
    """A server that somebody else runs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.grpc_port = int(os.environ.get("WEAVIATE_GRPC_PORT", "50051"))
        self.key = os.environ.get("WEAVIATE_API_KEY", "")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The emulator's company in a synced workspace; look, and change nothing."""
    home = tmp_path_factory.mktemp("company")
    with emulated() as emulator:
        settings = environment(emulator, home)
        yield Company(emulator, home, settings, materialize(settings))


ACCESS_PAIRS = "access pairs"
"""The property by which a test tells how many pairs of person and document it checked."""

_numbers = count()


def settings_for(server: Any, **more: Any) -> Any:
    """Settings for a server, with a prefix of its own."""
    from index.settings import IndexSettings

    assert urlsplit(server.url).hostname
    return IndexSettings(
        _env_file=None,
        **{
            "backend": "weaviate",
            "weaviate_url": server.url,
            "weaviate_grpc_port": server.grpc_port,
            "weaviate_api_key": server.key or None,
            "weaviate_collection": f"Test{os.getpid()}x{next(_numbers)}",
            **more,
        },
    )


@pytest.fixture(scope="session")
def weaviate_settings(weaviate: Any) -> Callable[..., Any]:
    """Makes settings for the running server, each with names of its own."""
    return lambda **more: settings_for(weaviate, **more)


@pytest.fixture(scope="module")
def open_weaviate(weaviate_settings: Callable[..., Any]) -> Iterator[Callable[[str, int], Any]]:
    """Opens empty Weaviate indexes over one connection; drops them at the end of the module."""
    from index.weaviate import WeaviateIndex
    from index.weaviate.connection import connect

    client = connect(weaviate_settings())
    opened = []

    def fresh(version: str, dimensions: int) -> Any:
        opened.append(WeaviateIndex(weaviate_settings(), version, dimensions, client))
        return opened[-1]

    yield fresh
    for index in opened:
        client.collections.delete(index.collection)
    client.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell what the state machine of access has checked, and which tests were left out and why."""
    _tell_pairs(terminalreporter)
    needs: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        words = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if servers.NEEDS in words:
            needs.setdefault(words.split(servers.NEEDS, 1)[1], []).append(report.nodeid)
    for remedy, tests in needs.items():
        terminalreporter.section(f"{len(tests)} tests left out")
        terminalreporter.line(remedy)
        for test in sorted(tests):
            terminalreporter.line(f"  {test}")


def _tell_pairs(terminalreporter: Any) -> None:
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    told = [
        (report.nodeid, counts)
        for report in reports
        for name, counts in getattr(report, "user_properties", ())
        if name == ACCESS_PAIRS and report.when == "call"
    ]
    if told:
        terminalreporter.section("who may read what, against the oracle")
        total: Counter[str] = Counter()
        for nodeid, counts in sorted(told):
            total.update(counts)
            terminalreporter.line(f"{_words(counts)}  {nodeid.rpartition('[')[2].rstrip(']')}")
        terminalreporter.line(f"{_words(total)}  in all")


def _words(counts: Mapping[str, int]) -> str:
    return (
        f"{counts.get('pairs', 0):>9,} pairs checked in {counts.get('edits', 0):>6,} edits,"
        f" {counts.get('admitted', 0):>8,} of them admitted:"
        f" leaks {counts.get('leaks', 0)}, missing {counts.get('missing', 0)}"
    )
