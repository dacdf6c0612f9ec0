from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chunking import tokens
from chunking.blocks import Block, BlockKind
from chunking.splitter import Splitter

HEADING, TEXT, ITEM, TABLE, CODE = BlockKind
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=20
)
LINES = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
TEXTS = st.lists(LINES, min_size=1, max_size=4).map("\n".join)
BLOCKS = st.lists(
    st.one_of(
        st.builds(Block, st.just(HEADING), LINES, st.integers(1, 6)),
        st.builds(Block, st.sampled_from([TEXT, ITEM, TABLE, CODE]), TEXTS),
    ),
    max_size=12,
)
SPLITTERS = st.builds(Splitter, st.integers(16, 120), st.integers(0, 4))


def prose(n, word="word"):
    return [Block(TEXT, f"Sentence {i} about {word} {i * 7919 % 101}.") for i in range(n)]


@given(BLOCKS, SPLITTERS)
@example([Block(TEXT, "😀" * 500)], Splitter(16, 4))
@example([Block(TABLE, "a | b\n" + "x" * 3000)], Splitter(64, 4))
def test_budget_ordinals_and_counts(blocks, splitter):
    chunks = splitter.split(blocks)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert 0 < chunk.tokens <= splitter.budget
        assert chunk.tokens == tokens.count(chunk.text)
        assert chunk.text.strip()


@given(BLOCKS, SPLITTERS)
def test_deterministic(blocks, splitter):
    assert splitter.split(blocks) == splitter.split(list(blocks))


def words_of(blocks):
    return " ".join(block.text for block in blocks).split()


@settings(max_examples=200)
@given(BLOCKS, st.integers(16, 120))
def test_without_overlap_nothing_is_lost_or_said_twice(blocks, budget):
    """Tables aside, whose first row is repeated, and words longer than a budget, which are cut."""
    blocks = [b if b.kind is not TABLE else Block(CODE, b.text) for b in blocks]
    chunks = Splitter(budget, 0).split(blocks)
    assert "".join("".join(c.text.split()) for c in chunks) == "".join(words_of(blocks))
    if all(tokens.count(" " + word) <= budget - 8 for word in words_of(blocks)):
        assert [w for c in chunks for w in c.text.split()] == words_of(blocks)


@given(BLOCKS, SPLITTERS)
def test_with_overlap_every_word_is_in_order(blocks, splitter):
    """The words are a subsequence of the chunks' words, so only repetitions are added."""
    wanted = words_of(blocks)
    if any(tokens.count(" " + word) > splitter.budget // 2 - 8 for word in wanted):
        return
    said = iter([w for c in splitter.split(blocks) for w in c.text.split()])
    assert all(word in said for word in wanted)


def test_overlap_repeats_the_end_of_the_chunk_before():
    chunks = Splitter(60, 12).split(prose(40))
    assert len(chunks) > 3
    for before, after in pairwise(chunks):
        head = after.text.split("\n")[0]
        assert before.text.endswith(head)
        assert 0 < tokens.count(head) <= 12


def test_headings_and_pages():
    long = " ".join(f"word{i}" for i in range(60))
    chunks = Splitter(200, 0).split(
        [
            Block(HEADING, "Guide", 1),
            Block(HEADING, "Install", 2),
            Block(TEXT, long, page=1),
            Block(HEADING, "Use", 2),
            Block(TEXT, long, page=3),
            Block(HEADING, "Other", 1),
            Block(TEXT, long, page=4),
        ]
    )
    assert [c.headings for c in chunks] == [("Guide",), ("Guide", "Use"), ("Other",)]
    assert [c.text.split("\n")[0] for c in chunks] == ["Guide", "Use", "Other"]
    assert [c.page for c in chunks] == [None, None, None]
    assert Splitter(200, 0).split([Block(TEXT, "a", page=7)])[0].page == 7


def test_small_sections_share_a_chunk_under_what_they_have_in_common():
    blocks = [Block(HEADING, "FAQ", 1)]
    for i in range(3):
        blocks += [Block(HEADING, f"Question {i}", 2), Block(TEXT, "Yes.")]
    (chunk,) = Splitter(200, 16).split(blocks)
    assert chunk.headings == ("FAQ",)


def test_a_heading_is_never_left_behind():
    for n in range(3, 30):
        blocks = [*prose(n), Block(HEADING, "Next", 1), *prose(20, "other")]
        for chunk in Splitter(64, 8).split(blocks):
            assert not chunk.text.endswith("Next")


def test_table_rows_stay_whole_and_the_first_is_repeated():
    rows = [f"name{i} | {i} | some description of part {i}" for i in range(60)]
    chunks = Splitter(100, 16).split([Block(TABLE, "Name | Id | What\n" + "\n".join(rows))])
    assert len(chunks) > 5
    seen = []
    for chunk in chunks:
        first, *rest = chunk.text.split("\n")
        assert first == "Name | Id | What"
        seen += rest
    assert seen == rows


@pytest.mark.parametrize("place", [0, 3, 150, 299])
def test_an_edit_changes_one_or_two_chunks(place):
    blocks = [
        Block(TEXT, f"Paragraph {i} on topic {i * 7919 % 1009}, said at length.")
        for i in range(300)
    ]
    before = {c.text for c in Splitter(200, 16).split(blocks)}
    blocks[place] = Block(TEXT, "Something else entirely, and rather longer than what was here.")
    after = {c.text for c in Splitter(200, 16).split(blocks)}
    assert 1 <= len(after - before) <= 2


def test_pieces_cut_between_words():
    text = " ".join(f"word{i}" for i in range(5000))
    parts = tokens.pieces(text, 50)
    assert " ".join(parts).split() == text.split()
    assert all(tokens.count(part) <= 50 for part in parts)


@given(st.text(max_size=300), st.integers(12, 40))
def test_pieces_of_anything(text, limit):
    text = text.encode(errors="replace").decode()
    parts = tokens.pieces(text, limit)
    assert "".join("".join(p.split()) for p in parts) == "".join(text.split())
    assert all(tokens.count(part) <= limit for part in parts)


def test_a_long_blob_is_cut_in_linear_time():
    chunks = Splitter(200, 16).split([Block(CODE, "QUJD" * 100_000)])
    assert "".join("".join(c.text.split()) for c in chunks) == "QUJD" * 100_000


@pytest.mark.parametrize(("budget", "overlap"), [(15, 0), (100, 26), (100, -1)])
def test_settings_are_checked(budget, overlap):
    with pytest.raises(ValueError, match="budget"):
        Splitter(budget, overlap)
