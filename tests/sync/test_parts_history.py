"""Whatever parts refuse: nothing stays that went elsewhere, and nothing goes that did not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.sync.parted import Site
from tests.sync.parted_bench import HISTORIES, Installation, installed

PARTS = ("a", "b", "c")
ACTS = st.sampled_from(["put", "put", "lose", "lose", "move", "drop", "make"])
EDITS = st.lists(st.tuples(ACTS, st.sampled_from(PARTS), st.integers(0, 5)), max_size=5)
SOME = st.frozensets(st.sampled_from(PARTS), max_size=2)
ROUNDS = st.lists(
    st.tuples(EDITS, st.dictionaries(st.sampled_from(PARTS), st.sampled_from([403, 503])), SOME,
              st.booleans(), st.integers(0, 5)),
    min_size=1, max_size=6,
)  # fmt: skip


def _edit(site: Site, act: str, key: str, n: int) -> None:
    name = f"{key}{n}"
    held = site.parts.get(key)
    if act == "make" and held is None:
        site.parts[key] = {}
    elif held is None:
        return
    elif act == "put":
        # What moves to where nothing can be read is gone from where it was, for all we know.
        if key not in site.refuses or site.there().get(name, key) == key:
            site.put(key, name)
    elif act == "lose" and held:
        site.lose(key, sorted(held)[n % len(held)])
    elif act == "drop" and n == 0:
        del site.parts[key]
        site.log.append((key, ""))  # which is told should it be restored
    elif act == "move" and held:
        to = PARTS[n % len(PARTS)]
        if to in site.parts and not {key, to} & site.refuses.keys():
            site.put(to, sorted(held)[n % len(held)])


@HISTORIES
@given(ROUNDS)
def test_any_history_with_parts_that_refuse(rounds) -> None:
    with installed(a=3, b=3, c=3) as ours:
        ours.sync()
        for edits, refuses, unlisted, hidden, chance in rounds:
            _one_round(ours, edits, refuses, unlisted, hidden, chance)
        ours.site.refuses, ours.site.unlisted, ours.site.hidden = {}, set(), False
        assert ours.sync() is None
        assert ours.stored() == ours.site.there()
        assert not ours.doubted()
        ours.site.listed.clear()
        ours.sync()
        assert not ours.site.listed


def _one_round(ours: Installation, edits, refuses, unlisted, hidden, chance) -> None:
    site = ours.site
    site.refuses, site.unlisted, site.hidden = refuses, set(unlisted), hidden
    logged = len(site.log)
    for edit in edits:
        _edit(site, *edit)
    if chance == 0:
        site.log.append(("a", "x"))
        site.expired = len(site.log)
    before, doubted = ours.stored(), ours.doubted()
    ours.untold |= {key for key, each in site.log[logged:] if not each}
    site.listed.clear()
    site.read.clear()
    failed = ours.sync()
    stored, there = ours.stored(), site.there()

    broken = refuses.keys() & site.parts.keys()
    assert bool(failed) == bool(broken)
    assert before.keys() & there.keys() <= stored.keys()  # what is there is never removed
    for key in PARTS:
        was, has = ({n for n, p in each.items() if p == key} for each in (before, stored))
        now = set(site.parts.get(key, ()))
        if key in broken:
            assert was - (there.keys() - now) <= has  # nor anything of a part that refuses
        elif key not in site.parts:
            assert hidden or not has
        elif key in unlisted:
            assert now <= has
        else:
            assert has == now
    if chance:  # and nothing is asked for in vain
        assert site.listed.keys() <= (ours.untold | doubted | site.read.keys()) - broken
        assert max(site.read.values(), default=0) <= 1
    ours.untold &= broken
