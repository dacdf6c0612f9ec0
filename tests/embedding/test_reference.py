"""The bundled model against vectors of the original fp32 weights; see reference/make.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from embedding.bundled import BundledModel

FOLDER = Path(__file__).parent / "reference"
TEXTS = json.loads((FOLDER / "texts.json").read_text())
LEAST = 0.998


def cosines_of(model):
    reference = np.load(FOLDER / "vectors.npz")["vectors"]
    assert reference.shape == (len(TEXTS), 384)
    return (model.passages(TEXTS) * reference).sum(axis=1)


@pytest.fixture(scope="module")
def cosines():
    return cosines_of(BundledModel())


def test_every_vector_is_near_the_reference(cosines):
    assert {TEXTS[i]: float(cosines[i]) for i in np.flatnonzero(cosines < LEAST)} == {}


def test_and_most_are_nearer(cosines):
    assert float(cosines.mean()) > 0.999


def test_int8_stays_close_too():
    assert float(cosines_of(BundledModel(precision="int8")).min()) > 0.996
