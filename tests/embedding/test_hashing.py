import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedding.hashing import HashingEmbedder


@given(st.lists(st.text()))
def test_unit_vectors_for_any_text(texts):
    embedder = HashingEmbedder()
    vectors = embedder.passages(texts)
    assert vectors.shape == (len(texts), 64)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(embedder.query(text), vector)


def test_shared_words_are_near():
    one, two, three = HashingEmbedder(256).passages(
        ["restart the message broker", "how to restart a broker", "annual leave policy"]
    )
    assert one @ two > 0.3
    assert one @ two > one @ three + 0.2


def test_model_names_its_length():
    assert HashingEmbedder(8).model != HashingEmbedder(16).model
    with pytest.raises(ValueError, match="dimensions"):
        HashingEmbedder(1)
