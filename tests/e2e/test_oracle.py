"""The promise, against the simulator's oracle: every person x document of a whole company.

The oracle is a second reading of the vendors' pages, which shares nothing with this product.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import PurePosixPath

import pytest

from catalog import documents
from catalog.errors import UnknownPerson
from index.interface import Where
from simulator import oracle
from simulator.github.state import GithubState
from simulator.google.objects import SHORTCUT
from simulator.google.state import GoogleState
from simulator.world import World
from tests.e2e.saltmarsh import installation, name_of, person, readable

_CODE = {".c", ".go", ".h", ".py", ".sh", ".tf", ".ts", ".yaml", ".yml"}
SAMPLE = 150
"""Pairs that are also asked through a whole search; each takes some milliseconds."""


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
        rows, admitted = ours.rows(), ours.admitted()
        truth = readable(world, "google", "github")
        absent = {name: left_out(world, name) for name in truth.keys() - rows.keys()}
        people = [each.id for each in oracle.people(world)]
        leaks = {(who, name) for who, name in admitted if who not in truth.get(name, set())}
        missing = {
            (who, name)
            for name, readers in truth.items()
            if name in rows
            for who in readers
            if (who, name) not in admitted
        }
        titles = {
            name_of(each): f"{each.container}: {each.title}"
            for vendor in ("google", "github")
            for each in oracle.documents(world, vendor)
        }
        with capsys.disabled():
            print(
                f"\nthe company: {len(people)} accounts, {len(truth)} documents,"
                f" {len(people) * len(truth)} pairs, {len(admitted)} admitted:"
                f" leaks {len(leaks)}, missing {len(missing)}"
            )
            for why, count in sorted(Counter(absent.values()).items()):
                print(f"  left out: {count} documents, {why or 'WITHOUT A RULE'}")
            for kind, found in (("leak", leaks), ("missing", missing)):
                for name, count in Counter(name for _, name in found).most_common(30):
                    print(f"  {kind} x{count}: {name} {titles.get(name)}")
        assert rows.keys() <= truth.keys()
        assert [titles[name] for name, why in absent.items() if not why] == []
        assert not leaks
        assert not missing

        gone = [each.id for each in oracle.people(world) if not each.works]
        assert gone
        for who in gone:
            with pytest.raises(UnknownPerson):
                ours.gate.admit(person(who), rows.values())

        with ours.catalog.reading() as connection:
            stored = documents.load(connection, sorted(rows.values()))
        indexed = [n for n in rows if rows[n] in ours.index.documents()]
        drawn = random.Random(7)
        works = [each.id for each in oracle.people(world) if each.works]
        for _ in range(SAMPLE):
            who, name = drawn.choice(works), drawn.choice(indexed)
            found = ours.retrieval.search(
                stored[rows[name]].title, person(who), 5, Where(documents=(rows[name],))
            )
            assert {each.document for each in found} <= {name}
            assert bool(found) == (who in truth[name]), (who, titles[name])
