"""What the whole suite shares: the servers that some tests need, and the word about those left out.

With BAILIWICK_REQUIRE_SERVERS=1 a test that would be left out fails instead.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

LEFT_OUT = "left out: "
"""How the reason of a test begins that was left out for want of a server."""


def _load(name: str) -> ModuleType:
    """A module beside this file, by path: `tests` is no package."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


weaviate_server = _load("weaviate_server")


def leave_out(reason: str) -> None:
    """End this test for want of something, or fail it where nothing may be left out."""
    if os.environ.get("BAILIWICK_REQUIRE_SERVERS") == "1":
        pytest.fail(f"BAILIWICK_REQUIRE_SERVERS=1, and {reason}")
    pytest.skip(LEFT_OUT + reason)


@pytest.fixture(scope="session")
def weaviate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running Weaviate; the one at WEAVIATE_URL if set."""
    if importlib.util.find_spec("weaviate") is None:
        leave_out("the Weaviate client is not installed (pip install 'bailiwick[weaviate]')")
    if url := os.environ.get("WEAVIATE_URL"):
        yield _Elsewhere(url)
        return
    if not weaviate_server.available():
        leave_out(weaviate_server.NONE_HERE)
    with weaviate_server.running(tmp_path_factory.mktemp("weaviate")) as server:
        yield server


@pytest.fixture
def weaviate_node(weaviate: Any) -> Callable[[Path], Any]:
    """Runs a node of the test's own, to be killed and started again."""
    if not weaviate_server.available() or os.environ.get("WEAVIATE_URL"):
        leave_out("a Weaviate that a test may kill needs a binary or Docker, not WEAVIATE_URL")
    return weaviate_server.running  # type: ignore[no-any-return]


class _Elsewhere:
    """A server that somebody else runs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.grpc_port = int(os.environ.get("WEAVIATE_GRPC_PORT", "50051"))
        self.key = os.environ.get("WEAVIATE_API_KEY", "")


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
    """Name the tests that were left out for want of a server, and why."""
    reasons: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        words = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if LEFT_OUT in words:
            reason = words.split(LEFT_OUT, 1)[1]
            reasons.setdefault(reason, []).append(report.nodeid)
    for reason, tests in reasons.items():
        terminalreporter.section(f"{len(tests)} tests left out")
        terminalreporter.line(reason)
        for test in sorted(tests):
            terminalreporter.line(f"  {test}")
