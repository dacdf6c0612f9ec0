import hashlib

import pytest

from embedding import wordpiece
from embedding.interface import ModelCorrupt

# Ids given by tokenizer.json of sentence-transformers/all-MiniLM-L6-v2 (see data/NOTICE).
GOLDEN = {
    "": [101, 102],
    "Who may read the payroll folder?": [101, 2040, 2089, 3191, 1996, 26854, 19622, 1029, 102],
    "naïve Café ÜBER straße": [101, 15743, 7668, 19169, 2358, 27807, 102],
    "東京の会議 2026年": [101, 1879, 1755, 1671, 1763, 100, 16798, 2575, 1840, 102],
    "JIRA-123 fixes snake_case in C++ (see foo/bar.py:42)": [
        101,
        10147,
        2527,
        1011,
        13138,
        8081,
        2229,
        7488,
        1035,
        2553,
        1999,
        1039,
        1009,
        1009,
        1006,
        2156,
        29379,
        1013,
        3347,
        1012,
        1052,
        2100,
        1024,
        4413,
        1007,
        102,
    ],
    "unbelievabilities 🙂 ​zero\tx\r\n\u0000y": [
        101,
        4895,
        8671,
        2666,
        3567,
        14680,
        100,
        5717,
        1060,
        1061,
        102,
    ],
    "[SEP] said literally [MASK]": [101, 102, 2056, 6719, 103, 102],
    "x" * 101: [
        101,
        100,
        102,
    ],
}


@pytest.fixture(scope="module")
def tokenizer():
    return wordpiece.minilm_tokenizer()


@pytest.mark.parametrize("text", GOLDEN)
def test_ids_are_those_of_the_published_tokenizer(tokenizer, text):
    assert tokenizer.encode(text).ids == GOLDEN[text]


def test_vocabulary_is_complete_and_in_order():
    words = wordpiece.vocabulary()
    assert len(words) == 30_522
    assert list(words.values()) == list(range(30_522))
    assert [words[t] for t in wordpiece.SPECIAL_TOKENS] == [0, 100, 101, 102, 103]


def test_altered_vocabulary_is_refused(monkeypatch):
    monkeypatch.setattr(wordpiece, "VOCABULARY_SHA256", hashlib.sha256(b"else").hexdigest())
    with pytest.raises(ModelCorrupt, match="reinstall"):
        wordpiece.vocabulary()


def test_truncation_keeps_the_closing_token():
    ids = wordpiece.minilm_tokenizer(16).encode("word " * 100).ids
    assert len(ids) == 16
    assert ids[-1] == 102
