"""An index that is gone, such as after a restore, comes back without a source."""

from __future__ import annotations

import json
import shutil

from click.testing import CliRunner

from access import utc_now
from service.cli import bailiwick
from tests.sync.bench import Bench
from tests.sync.scripted import Script, Text, user


def call(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(bailiwick, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_a_lost_index_is_mended_by_the_command_that_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path))
    monkeypatch.setenv("BAILIWICK_EMBEDDING_PROVIDER", "hashing")
    script = Script()
    script.share("drive/main", user("ada"))
    script.put("a", Text("Omelette", b"How an omelette is made."))
    bench = Bench(script, tmp_path, clock=utc_now)
    bench.meet("ada")
    bench.read()
    bench.permissions()
    bench.close()
    assert "agrees" in call("index", "rebuild")
    shutil.rmtree(tmp_path / "index")
    told = call("index", "rebuild")
    assert "1 documents are missing" in told
    assert "`bailiwick index reconcile --repair` mends that" in told
    assert "`bailiwick index reconcile --repair`" in call("index", "switch", code=1)
    assert call("index", "reconcile", "--repair").endswith("; mended\n")
    assert "agrees" in call("index", "reconcile")
    assert len(json.loads(call("search", "omelette", "--as", "ada", "--json"))) == 1
