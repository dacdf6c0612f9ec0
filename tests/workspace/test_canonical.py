"""Which containers are preferred: a setting, applied where containers are found."""

from __future__ import annotations

import pytest

from catalog import containers
from sync.discovery import discover
from tests.sync.bench import Bench
from tests.sync.scripted import SOURCE, Script, Text, user
from workspace.errors import SettingsInvalid
from workspace.settings import load_settings


@pytest.fixture
def bench(tmp_path):
    script = Script(containers={"main": {}, "other": {}})
    for name in script.containers:
        script.share(f"drive/{name}", user("ada"))
        script.put(f"of-{name}", Text("Omelette", b"How an omelette is made."), name)
    bench = Bench(script, tmp_path)
    bench.meet("ada")
    yield bench
    bench.close()


def synced(bench, *canonical: str) -> tuple[int, int]:
    """Sync as the pipelines do; gives the documents that the index took, and texts embedded."""
    count = embedded = 0
    for each in discover(bench.catalog, bench.connector, bench.clock, canonical):
        bench.container = lambda name, each=each: each
        report = bench.run(each.id).index
        count += report.documents
        embedded += report.embedded
    return count, embedded


@pytest.mark.parametrize("preferred", ["main", "other"])
def test_of_two_alike_the_canonical_comes_first(bench, preferred):
    assert synced(bench, f"{SOURCE}:{preferred}")[0] == 2
    with bench.catalog.reading() as connection:
        assert [each.id for each in containers.load(connection) if each.canonical] == [preferred]
    assert bench.found("omelette", "ada")[0] == f"of-{preferred}"


def test_a_changed_setting_reaches_what_is_indexed_already(bench):
    synced(bench, f"{SOURCE}:main")
    for preferred in ("other", "main"):
        assert synced(bench, f"{SOURCE}:{preferred}") == (2, 0), "nothing is embedded again"
        assert bench.found("omelette", "ada")[0] == f"of-{preferred}"
    assert synced(bench, f"{SOURCE}:main") == (0, 0)


def test_the_setting(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_CANONICAL", "github:4711, google_drive:0A:b")
    assert load_settings().canonical == {"github:4711", "google_drive:0A:b"}
    for wrong in ("4711", "gitbuh:1", "github:"):
        monkeypatch.setenv("BAILIWICK_CANONICAL", wrong)
        with pytest.raises(SettingsInvalid, match=r"BAILIWICK_CANONICAL: .*source:container id"):
            load_settings()
