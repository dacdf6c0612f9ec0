"""Ids by their hashes say what sets of ids say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.names import Names

NAMES = st.lists(st.text(max_size=3), max_size=30)


def names(given: list[str]) -> Names:
    made = Names()
    for each in given:
        made.add(each)
    return made


@given(NAMES, NAMES, NAMES)
def test_as_sets_of_strings(here: list[str], listed: list[str], failed: list[str]) -> None:
    assert len(names(here)) == len(here)
    lacking = names(here).lacking(names(listed))
    assert lacking == [n for n, name in enumerate(here) if name not in listed]
    strangers = names(listed).strangers(names(here), failed)
    assert strangers == len(set(listed) - set(here) - set(failed))
    assert names(listed).without(failed) == set(failed) - set(listed)
