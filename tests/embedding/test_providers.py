"""fastembed, the settings and the registry."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import ValidationError

from embedding.bundled import BundledModel
from embedding.fastembed import FastembedModel
from embedding.hashing import HashingEmbedder
from embedding.interface import EmbeddingError, ModelMissing
from embedding.openai import OpenAIModel
from embedding.registry import PROVIDERS, build_embedder
from embedding.settings import EmbeddingSettings

PREFIX = "BAILIWICK_EMBEDDING_"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in EmbeddingSettings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


@pytest.fixture
def fake(monkeypatch):
    """A fastembed that has one model, which is or is not in its folder."""
    seen = SimpleNamespace(options=None, texts=[], present=True)

    class TextEmbedding:
        def __init__(self, **options):
            seen.options = options
            if options["local_files_only"] and not seen.present:
                raise ValueError("Could not load model from any source")

        def embed(self, texts, batch_size):
            seen.texts += texts
            return iter(HashingEmbedder(8).passages(texts) * 2)

    monkeypatch.setitem(sys.modules, "fastembed", SimpleNamespace(TextEmbedding=TextEmbedding))
    return seen


def test_fastembed(fake, tmp_path):
    model = FastembedModel("BAAI/bge-small-en-v1.5", 8, cache_folder=tmp_path)
    assert fake.options is None
    np.testing.assert_allclose(
        model.passages(["a", "b"]), HashingEmbedder(8).passages(["a", "b"]), atol=1e-6
    )
    model.query("c")
    assert fake.texts == ["a", "b", "Represent this sentence for searching relevant passages: c"]
    assert fake.options["local_files_only"] is True
    assert fake.options["cache_dir"] == str(tmp_path)
    assert model.passages([]).shape == (0, 8)


def test_fastembed_downloads_only_where_allowed(fake):
    fake.present = False
    with pytest.raises(ModelMissing, match="ALLOW_DOWNLOAD"):
        FastembedModel("m", 8).query("x")
    assert FastembedModel("m", 8, allow_download=True).query("x").shape == (8,)


def test_fastembed_of_another_length(fake):
    with pytest.raises(EmbeddingError, match="DIMENSIONS"):
        FastembedModel("m", 9).query("x")


def test_without_fastembed_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(ModelMissing, match=r"bailiwick\[fastembed\]"):
        FastembedModel("m", 8).query("x")


def test_bundled_is_the_default(monkeypatch):
    assert isinstance(build_embedder(), BundledModel)
    monkeypatch.setenv(PREFIX + "PRECISION", "f32")
    monkeypatch.setenv(PREFIX + "THREADS", "1")
    model = build_embedder()
    assert (model.precision, model.threads) == ("f32", 1)


def test_the_environment_chooses(monkeypatch):
    values = {
        "PROVIDER": "openai",
        "URL": "http://127.0.0.1:1/v1",
        "MODEL": "intfloat/e5-base-v2",
        "DIMENSIONS": "768",
        "API_KEY": "sk-secret",
        "PASSAGE_PREFIX": "",
    }
    for name, value in values.items():
        monkeypatch.setenv(PREFIX + name, value)
    settings = EmbeddingSettings()
    assert "sk-secret" not in repr(settings) + settings.model_dump_json()
    model = build_embedder(settings)
    assert isinstance(model, OpenAIModel)
    assert model._prefixes == ("query: ", "")
    assert model.dimensions == 768


@pytest.mark.parametrize("provider", ["openai", "fastembed"])
def test_what_is_missing_is_named(monkeypatch, provider):
    monkeypatch.setenv(PREFIX + "PROVIDER", provider)
    with pytest.raises(ValidationError, match=r"needs .*BAILIWICK_EMBEDDING_MODEL"):
        build_embedder()


def test_every_provider_can_be_built(monkeypatch):
    common = {"model": "m", "dimensions": 8, "url": "http://a/v1"}
    for provider in PROVIDERS:
        model = build_embedder(EmbeddingSettings(provider=provider, **common))
        assert model.model
        assert model.max_tokens > 0
