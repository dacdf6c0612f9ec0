"""The embedding cache in the catalog."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import update

from catalog.tables import vector
from catalog.vectors import CatalogVectors
from embedding.cache import embed_missing
from embedding.hashing import HashingEmbedder


@pytest.mark.parametrize("kept", [0, 1, 30, 32])
def test_a_vector_that_was_cut_short_is_made_again(catalog, kept):
    embedder = HashingEmbedder(16)
    whole = embed_missing(["one", "two"], embedder, CatalogVectors(catalog))
    with catalog.writing() as connection:
        connection.execute(update(vector).values(data=whole.vectors[0].tobytes()[:kept]))
    again = embed_missing(["one", "two"], embedder, CatalogVectors(catalog))
    assert again.computed == 2
    assert np.array_equal(again.vectors, whole.vectors)
    assert embed_missing(["one", "two"], embedder, CatalogVectors(catalog)).computed == 0
