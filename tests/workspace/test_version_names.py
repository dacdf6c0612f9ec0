"""Whatever decides what an index holds decides on the name of its version."""

from __future__ import annotations

import pytest

from index import analyser
from workspace.workspace import same_model, version_name

BEFORE = ("chunks-1", ("english",), "minilm:384")


@pytest.mark.parametrize(
    ("chunker", "languages", "model"),
    [
        ("chunks-2", ("english",), "minilm:384"),
        ("chunks-1", ("english", "german"), "minilm:384"),
        ("chunks-1", ("english",), "minilm:512"),
    ],
)
def test_a_change_of_any_is_another_version(chunker, languages, model):
    before, after = version_name(*BEFORE), version_name(chunker, languages, model)
    assert after != before
    assert same_model(before, after) == (model == BEFORE[2])


def test_a_change_of_the_analysers_rules_is_another_version(monkeypatch):
    before = version_name(*BEFORE)
    monkeypatch.setattr(analyser, "VERSION", "another")
    assert version_name(*BEFORE) != before
    assert same_model(version_name(*BEFORE), before)


def test_nothing_else_is():
    assert version_name(*BEFORE) == version_name(*BEFORE)
