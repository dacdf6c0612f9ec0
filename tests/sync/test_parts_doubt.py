"""Containers in parts: a doubt is settled by no older look, and age counts for each document."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog import documents
from catalog.policy import AccessPolicy
from catalog.staleness import freshness
from pipelines.due import overdue_permissions
from tests.sync.parted import SOURCE
from tests.sync.parted_bench import Installation, site_of

POLICY = AccessPolicy()


@pytest.fixture
def ours(tmp_path, catalog) -> Installation:
    """A container of one part with five documents, synced."""
    made = Installation(site_of(a=5, b=2), catalog, tmp_path)
    assert made.sync() is None
    return made


def _freshness(made: Installation):
    with made.catalog.reading() as connection:
        (state,) = freshness(connection, POLICY, made.clock())
    return state


def test_an_older_look_that_is_written_while_we_list_saves_nothing(ours) -> None:
    """A sweep has asked before the document went, and writes what it was told now."""
    asked = ours.clock()
    ours.site.lose("a", "a1")

    def meanwhile() -> None:
        with ours.catalog.writing() as connection:
            access = {"a1": ours.connector._access()}
            documents.set_access(connection, SOURCE, access, ours.clock(), asked)

    ours.site.meanwhile = meanwhile
    ours.sync()
    assert ours.stored().keys() == {"a0", "a2", "a3", "a4", "b0", "b1"}


def test_what_a_comparison_finds_untold_is_read_at_the_next_sync(ours) -> None:
    ours.site.parts["a"]["untold"] = 1
    ours.site.lose("a", "a1")
    ours.sync()
    assert "untold" not in ours.stored()
    ours.sync()
    assert "untold" in ours.stored()
    ours.site.read.clear()
    ours.sync()
    assert not ours.site.read, "and not again at every sync"


def test_a_sweep_comes_due_though_edits_confirm_the_clause(ours) -> None:
    """A part is one clause: an edit confirms it, and says nothing of the other documents."""
    sweeps = 0
    for _ in range(27):
        state = _freshness(ours)
        ours.site.put("a", "a0")
        ours.sync()
        if overdue_permissions([state], SOURCE, POLICY, ours.clock()):
            sweeps += 1
            ours.sweep()
        assert not _freshness(ours).hidden
        ours.clock.now += timedelta(hours=1)
    assert sweeps == 4


def test_an_operator_is_warned_before_documents_in_a_part_are_hidden(ours) -> None:
    first = _freshness(ours).oldest_permission
    ours.clock.now += timedelta(hours=20)
    ours.site.put("a", "a0")
    ours.sync()
    state = _freshness(ours)
    assert (state.hidden, state.soon) == (0, 6)
    assert state.hides_at == first + POLICY.limit(SOURCE)
