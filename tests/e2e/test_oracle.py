"""The promise, against the simulator's oracle: every person x document of a whole company.

The oracle is a second reading of the vendors' pages, which shares nothing with this product.
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

import pytest

from simulator.github.state import GithubState
from simulator.google.objects import SHORTCUT
from simulator.google.state import GoogleState
from simulator.world import World
from tests.e2e.comparison import Comparison, asked_through_a_search
from tests.e2e.saltmarsh import installation

_CODE = {".c", ".go", ".h", ".py", ".sh", ".tf", ".ts", ".yaml", ".yml"}


def left_out(world: World, name: str) -> str:
    """By which rule a document is none of ours; empty where it should be there."""
    source, _, id = name.partition(":")
    if source == "google_drive":
        file = GoogleState.of(world).lookup(id)
        if file is None or file.mime == SHORTCUT:
            return "a shortcut is an address: its target is the document"
        if next((f for f in GoogleState.of(world).ancestry(file) if f.trashed), None):
            return "in the bin"
        if not file.drive and not world.directory.person(file.owner).works:
            return "its owner's account is closed, so that their My Drive can't be read"
        if not file.drive and world.directory.person(file.owner).guest:
            return "its owner is from outside, so that their My Drive can't be read"
        return ""
    repository, kind, _ = id.split("/", 2)
    if kind == "discussions":
        return "discussions are not synced"
    if kind == "wiki":
        return "wikis are not synced"
    if kind == "file" and PurePosixPath(id).suffix in _CODE:
        return "source code is not synced"
    if kind == "issue" and not GithubState.of(world).repos[int(repository)].has_issues:
        return "issues are turned off"
    return ""


@pytest.mark.slow
def test_everyone_reads_what_the_oracle_says_and_nothing_else(tmp_path, capsys):
    world = World.company()
    with installation(world, tmp_path) as ours:
        for source in ours.connectors:
            ours.sync(source, text=True)
        compared = Comparison.of(ours, *ours.connectors)
        absent = compared.absent(partial(left_out, world))
        with capsys.disabled():
            compared.printed(absent)
        compared.agrees(absent)
        asked_through_a_search(ours, compared)
