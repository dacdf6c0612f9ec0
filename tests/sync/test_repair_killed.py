"""A repair of the index that is killed at any line."""

from __future__ import annotations

import pytest

from sync.repair import compare, repair
from tests.sync.bench import Bench


def test_what_is_gone_stays_due_for_removal_until_the_index_has_dropped_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its text would stay in the index, and `purge` would say that none holds it."""
    bench.run()
    del bench.script.containers["main"]["d0"]
    bench.read()
    bench.reconcile()
    differences = compare(bench.catalog, bench.index, bench.chunker.version)
    assert differences.surplus

    def killed(documents: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bench.index, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            repair(bench.catalog, bench.index, bench.indexer.stage, differences)
    bench.put()
    assert not set(differences.surplus) & set(bench.index.documents())
