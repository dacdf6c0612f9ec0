"""Searches while the index in service is switched, and the old one dropped at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from access import Person
from catalog.policy import AccessPolicy
from index.embedded.versions import EmbeddedVersions
from index.serving import Serving
from retrieval.gate import Gate
from retrieval.search import Retrieval
from tests.sync.bench import Bench
from tests.sync.scripted import Script, Text, user

AT_ONCE = 6


@pytest.fixture
def bench(tmp_path):
    script = Script()
    script.share("drive/main", user("ada"))
    script.put("one", Text("On anchors", b"What an anchor is for."))
    bench = Bench(script, tmp_path)
    bench.meet("ada")
    bench.everything()
    yield bench
    bench.close()


def test_no_search_fails_when_the_old_version_is_dropped_at_once(bench, tmp_path):
    versions = EmbeddedVersions(tmp_path / "versions")

    def fill(name: str) -> None:
        index = versions.open(name, bench.embedder.dimensions)
        replace(bench.indexer, index=index).run(bench.container())
        index.close()

    fill("0")
    versions.switch("0")
    serving = Serving(versions)
    gate = Gate(bench.catalog, AccessPolicy(), bench.clock)
    retrieval = Retrieval(bench.catalog, serving, bench.embedder, gate, clock=bench.clock)
    barrier = threading.Barrier(AT_ONCE)

    def ask(together: bool = False) -> list[str]:
        if together:
            barrier.wait(10)  # more at once than before: connections are opened anew
        return [each.title for each in retrieval.search("anchor", Person("directory", "ada"))]

    assert ask() == ["On anchors"]
    for old in range(3):
        fill(str(old + 1))
        versions.switch(str(old + 1))
        versions.drop(str(old))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = [pool.submit(ask, True) for _ in range(AT_ONCE)]
            assert [each.result() for each in found] == [["On anchors"]] * AT_ONCE
    retrieval.close()
    serving.close()
