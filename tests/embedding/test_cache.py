import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedding import EmbeddingError, MemoryVectorStore, embed_missing, text_hash
from embedding.hashing import HashingEmbedder


class Counting(HashingEmbedder):
    def __init__(self, fail_after=None):
        super().__init__(16)
        self.texts = []
        self.fail_after = fail_after

    def passages(self, texts):
        if self.fail_after is not None and len(self.texts) >= self.fail_after:
            raise EmbeddingError("killed")
        self.texts += texts
        return super().passages(texts)


@given(st.lists(st.text(max_size=8), max_size=30), st.integers(1, 7))
def test_each_text_is_embedded_once_and_rows_are_in_order(texts, batch_size):
    embedder, store = Counting(), MemoryVectorStore()
    done = embed_missing(texts, embedder, store, batch_size=batch_size)
    np.testing.assert_array_equal(done.vectors, HashingEmbedder(16).passages(texts))
    assert sorted(embedder.texts) == sorted(set(texts))
    assert done.computed == len(set(texts)) == len(store)
    assert done.computed + done.reused == len(texts)
    again = embed_missing(texts, embedder, store)
    assert again.computed == 0
    np.testing.assert_array_equal(again.vectors, done.vectors)


def test_what_was_made_before_a_failure_is_kept():
    texts = [f"text {i:02}" for i in range(20)]
    store = MemoryVectorStore()
    with pytest.raises(EmbeddingError):
        embed_missing(texts, Counting(fail_after=10), store, batch_size=5)
    assert len(store) == 10
    rest = Counting()
    assert embed_missing(texts, rest, store, batch_size=5).computed == 10


def test_another_model_shares_nothing():
    store = MemoryVectorStore()
    embed_missing(["a"], HashingEmbedder(8), store)
    assert embed_missing(["a"], HashingEmbedder(16), store).computed == 1


@pytest.mark.parametrize("bad", [np.zeros(3, np.float32), np.full(16, np.nan, np.float32)])
def test_a_damaged_vector_is_made_again(bad):
    embedder, store = Counting(), MemoryVectorStore()
    store.put_many(embedder.model, {text_hash("a"): bad})
    assert embed_missing(["a"], embedder, store).computed == 1
    assert embed_missing(["a"], embedder, store).computed == 0


@pytest.mark.parametrize("shape", [(1, 16), (2, 8)])
def test_an_embedder_that_breaks_its_word_is_caught(shape):
    class Broken(HashingEmbedder):
        def passages(self, texts):
            return np.ones(shape, np.float32)

    with pytest.raises(EmbeddingError, match="returned"):
        embed_missing(["a", "b"], Broken(16), MemoryVectorStore())


def test_hashes_tell_surrogates_apart():
    assert len({text_hash(t) for t in ("\ud800", "\ud801", "?", "")}) == 4
