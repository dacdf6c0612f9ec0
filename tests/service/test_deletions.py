"""Held deletions from the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from access import utc_now
from service.cli import bailiwick
from tests.sync.bench import Bench
from tests.sync.scripted import Script, Text, user


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A workspace in which twelve of fifteen documents seem gone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path))
    script = Script(page_size=50)
    script.share("drive/main", user("ada"))
    for n in range(15):
        script.put(f"d{n:02}", Text("Title", b"x"))
    bench = Bench(script, tmp_path, clock=utc_now)
    bench.meet("ada")
    bench.read()
    for n in range(12):
        script.delete(f"d{n:02}", told=False)
    assert bench.reconcile().held == 12
    bench.close()
    return tmp_path


def call(*arguments: str) -> str:
    result = CliRunner().invoke(bailiwick, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_held_are_listed_and_accepted(home):
    (held,) = json.loads(call("deletes", "held", "--json"))
    assert (held["source"], held["container"], held["documents"]) == ("google_drive", "main", 12)
    assert "The main drive" in call("deletes", "held")
    assert len(json.loads(call("what-can-read", "ada", "--json"))) == 15
    assert call("deletes", "accept", "google_drive", "main") == "12 documents removed\n"
    assert json.loads(call("deletes", "accept", "google_drive", "main", "--json")) == {"removed": 0}
    left = json.loads(call("what-can-read", "ada", "--json"))
    assert [each["document"] for each in left] == [f"google_drive:d{n}" for n in (12, 13, 14)]
    assert call("deletes", "held") == "no deletion is on hold\n"
