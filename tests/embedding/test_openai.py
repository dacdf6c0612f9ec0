import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from embedding import openai, retry
from embedding.batches import batches, shorten
from embedding.hashing import HashingEmbedder
from embedding.openai import (
    BadAnswer,
    DimensionMismatch,
    Endpoint,
    OpenAIModel,
    ProviderRefused,
    ProviderUnavailable,
)
from embedding.prefixes import Prefixes, prefixes_for
from embedding.retry import backoff, retry_after
from tests.embedding.provider import Provider, serving

KEY = "sk-very-secret"


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setattr(openai, "backoff", lambda attempt: 0.01)
    return Provider()


@pytest.fixture
def connect(provider):
    opened = []
    with serving(provider) as url:

        def connect(**changes):
            settings = {"url": url, "model": "text-embedding-3-small", "dimensions": 16}
            opened.append(OpenAIModel(Endpoint(**{**settings, **changes})))
            return opened[-1]

        yield connect
        for model in opened:
            model.close()


def test_vectors_in_order_and_of_unit_length(connect, provider):
    texts = [f"text number {i}" for i in range(50)]
    vectors = connect(batch_texts=7).passages(texts)
    np.testing.assert_allclose(vectors, HashingEmbedder(16).passages(texts), atol=1e-6)
    assert len(provider.requests) == 8
    assert all(len(r["input"]) <= 7 for r in provider.requests)
    assert "dimensions" not in provider.requests[0]


def test_batches_by_tokens_and_bounded_concurrency(connect, provider):
    provider.slow = 0.05
    connect(batch_tokens=40, concurrency=3).passages(["one two three four five"] * 60)
    assert all(len(r["input"]) <= 8 for r in provider.requests)
    assert 1 < provider.most_at_once <= 3


def test_long_and_empty_texts(connect, provider):
    connect(max_tokens=20).passages(["word " * 1000, "", " \n"])
    long, *empty = provider.requests[0]["input"]
    assert long.split() == ["word"] * 20
    assert empty == ["-", "-"]
    assert connect().passages([]).shape == (0, 16)


def test_matryoshka(connect, provider):
    assert connect(dimensions=8, shortened=True).query("x").shape == (8,)
    assert provider.requests[0]["dimensions"] == 8


def test_prefixes(connect, provider):
    model = connect(prefixes=Prefixes("q: ", "p: "))
    model.query("a")
    model.passages(["b"])
    assert [r["input"] for r in provider.requests] == [["q: a"], ["p: b"]]
    assert prefixes_for("intfloat/multilingual-e5-large") == ("query: ", "passage: ")
    assert prefixes_for("text-embedding-3-large") == ("", "")
    assert prefixes_for("Snowflake/snowflake-arctic-embed-l-v2.0").query == "query: "


def test_model_names_what_vectors_depend_on(connect):
    models = {
        connect().model,
        connect(model="other").model,
        connect(dimensions=8).model,
        connect(max_tokens=99).model,
        connect(prefixes=Prefixes("q", "")).model,
    }
    assert len(models) == 5
    assert connect().model == connect(concurrency=2, api_key=SecretStr(KEY)).model


@pytest.mark.parametrize(
    ("settings", "header", "value"),
    [({}, "Authorization", f"Bearer {KEY}"), ({"key_header": "api-key"}, "api-key", KEY)],
)
def test_key_is_sent_and_never_shown(connect, provider, caplog, settings, header, value):
    caplog.set_level(logging.DEBUG)
    provider.faults = [(401, {}, {"error": {"message": f"wrong key {KEY}"}})]
    model = connect(api_key=SecretStr(KEY), **settings)
    with pytest.raises(ProviderRefused) as caught:
        model.query("x")
    model.query("x")
    assert provider.headers[0][header] == value
    for shown in (
        str(caught.value),
        repr(caught.value),
        caplog.text,
        repr(model),
        repr(vars(model)),
    ):
        assert KEY not in shown
    assert "BAILIWICK_EMBEDDING_API_KEY" in str(caught.value)


@pytest.mark.parametrize(
    "faults",
    [
        [(429, {"retry-after": "0"}, {})] * 3,
        [(503, {}, b"<html>"), (500, {}, b""), "drop"],
        ["drop", "drop"],
    ],
)
def test_passing_faults_are_outlasted(connect, provider, faults):
    provider.faults = list(faults)
    vectors = connect().passages(["a", "b"])
    np.testing.assert_allclose(vectors, HashingEmbedder(16).passages(["a", "b"]), atol=1e-6)
    assert len(provider.requests) == len(faults) + 1


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_kept_to(connect, provider, as_date):
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    value = format_datetime(until, usegmt=True) if as_date else "2"
    provider.faults = [(429, {"retry-after": value}, {})]
    connect().query("x")
    assert datetime.now(UTC) >= until
    assert len(provider.requests) == 2


def test_too_long_a_wait_is_an_error(connect, provider):
    provider.faults = [(429, {"retry-after": "3600"}, {})]
    with pytest.raises(ProviderUnavailable, match="3600 s"):
        connect().query("x")


def test_giving_up(connect, provider):
    provider.faults = [(503, {}, {})] * 99
    with pytest.raises(ProviderUnavailable, match="HTTP 503 after 3 tries"):
        connect(attempts=3).query("x")
    assert len(provider.requests) == 3


def test_nobody_there():
    with pytest.raises(ProviderUnavailable, match="no answer"):
        OpenAIModel(
            Endpoint(url="http://127.0.0.1:9/v1", model="m", dimensions=4, attempts=1)
        ).query("x")


def test_a_request_that_is_too_large_is_halved(connect, provider):
    def fault(body):
        return (413, {}, {}) if len(body["input"]) > 2 else None

    provider.faults = [fault] * 99
    texts = [f"text {i}" for i in range(8)]
    np.testing.assert_allclose(
        connect().passages(texts), HashingEmbedder(16).passages(texts), atol=1e-6
    )


def test_one_refusal_ends_the_rest(connect, provider):
    provider.faults = [(400, {}, {"error": {"message": "the text said: salary"}})]
    with pytest.raises(ProviderRefused) as caught:
        connect(batch_texts=1, concurrency=1).passages(["salary"] * 200)
    assert "salary" not in str(caught.value)
    assert len(provider.requests) < 10


@pytest.mark.parametrize(
    "payload",
    [
        b"not json",
        b"[]",
        {"data": []},
        {"data": [{"index": 0, "embedding": [1.0] * 16}] * 2},
        {"data": [{"index": 5, "embedding": [1.0] * 16}]},
        {"data": [{"index": 0, "embedding": "text"}]},
        {"data": [{"index": 0, "embedding": [0.0] * 16}]},
        {"data": [{"index": 0, "embedding": [None] * 16}]},
        {"data": None},
        {"data": [None]},
        {"data": [[1.0] * 16]},
        {"data": "x"},
        {"data": {"0": [1.0] * 16}},
        {"data": [{"index": 0, "embedding": [10**400] * 16}]},
        b"[" * 100_000,
    ],
)
def test_bad_answers(connect, provider, payload):
    provider.faults = [(200, {}, payload)]
    with pytest.raises(BadAnswer):
        connect().query("x")


def test_an_answer_that_was_spoilt_on_its_way_is_asked_for_again(connect, provider):
    provider.faults = [(200, {"content-encoding": "gzip"}, b"no gzip")] * 2
    assert connect(attempts=3).query("x").shape == (16,)
    assert len(provider.requests) == 3
    provider.faults = [(200, {"content-encoding": "gzip"}, b"no gzip")] * 2
    with pytest.raises(ProviderUnavailable, match="DecodingError"):
        connect(attempts=2).query("x")


def test_wrong_length_says_what_to_set(connect):
    with pytest.raises(DimensionMismatch, match=r"length 16.*BAILIWICK_EMBEDDING_DIMENSIONS"):
        connect(dimensions=99).query("x")


@pytest.mark.parametrize("url", ["ftp://a/v1", "nonsense", "https://user:pw@a/v1", ""])
def test_odd_addresses(url):
    with pytest.raises(ValueError, match="address"):
        OpenAIModel(Endpoint(url=url, model="m", dimensions=4))


def test_retry_after_values():
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert retry_after("120") == 120
    assert retry_after(" 1.5 ") == 1.5
    assert retry_after("Sun, 22 Nov 2026 12:00:30 GMT", now) == 30
    assert retry_after("Sun, 22 Nov 2026 11:00:00 GMT", now) == 0
    for odd in (None, "", "soon", "-5", "²"):
        assert retry_after(odd) is None
    assert [backoff(n) for n in (1, 2, 3, 20)] == [0.5, 1, 2, 30]
    assert 400 not in retry.RETRIED


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 9), st.integers(1, 100))
def test_batches(sizes, most, budget):
    plan = list(batches(sizes, most, budget))
    assert sorted(place for batch in plan for place in batch) == list(range(len(sizes)))
    for batch in plan:
        assert len(batch) <= most
        assert len(batch) == 1 or sum(sizes[i] for i in batch) <= budget


@given(st.text(), st.integers(1, 20))
def test_shorten(text, limit):
    text = text.encode(errors="replace").decode()
    short, size = shorten(text, limit)
    assert size <= limit
    assert text.startswith(short)
