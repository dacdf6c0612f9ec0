"""Any endpoint that speaks OpenAI's embeddings API: OpenAI, Azure, TEI, vLLM, Ollama and others.

API: https://platform.openai.com/docs/api-reference/embeddings/create
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from embedding.batches import batches, shorten
from embedding.interface import EmbeddingError, EmbeddingRefused, Vector, Vectors
from embedding.prefixes import Prefixes, prefixes_for
from embedding.retry import RETRIED, backoff, retry_after

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr


class ProviderUnavailable(EmbeddingError):
    """The provider did not answer, or kept saying "later"."""


class ProviderRefused(EmbeddingRefused):
    """The provider rejected the request; sending it again would not help."""


class BadAnswer(EmbeddingError):
    """The provider answered something other than the vectors asked for."""


class DimensionMismatch(BadAnswer):
    """The vectors have another length than the settings say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the model is and what it accepts."""

    url: str
    """Up to the version, such as ``https://api.openai.com/v1``."""
    model: str
    """The model's name as the endpoint knows it."""
    dimensions: int
    """Length of a vector; an answer of another length is refused."""
    shortened: bool = False
    """Whether to ask for `dimensions`, of a model that can shorten its vectors (Matryoshka)."""
    api_key: SecretStr | None = None
    """Sent as a bearer token, or as it is in `key_header`."""
    key_header: str = "Authorization"
    """``api-key`` for Azure."""
    prefixes: Prefixes | None = None
    """Put before texts; None for those that the model is known to want."""
    max_tokens: int = 8191
    """Texts are cut after so many tokens of cl100k_base."""
    batch_texts: int = 128
    """Most texts in a request."""
    batch_tokens: int = 32_000
    """Most tokens in a request."""
    concurrency: int = 4
    """Requests under way at once."""
    attempts: int = 6
    """How often a request is tried."""
    max_wait: float = 120.0
    """Most seconds to wait between tries; a provider that asks for more is given up."""
    timeout: float = 60.0
    """Seconds to wait for an answer."""


class OpenAIModel:
    """A model behind an OpenAI-compatible endpoint. Safe to share between threads."""

    def __init__(self, endpoint: Endpoint, *, transport: httpx.BaseTransport | None = None) -> None:
        """Prepare; nothing is sent before the first call.

        Raises:
            ValueError: The address is not http(s), or holds credentials, which would be logged.
        """
        import httpx

        address = httpx.URL(endpoint.url)
        if address.scheme not in ("http", "https") or not address.host or address.userinfo:
            raise ValueError("the endpoint's address must be http(s)://host/… without credentials")
        if min(endpoint.dimensions, endpoint.concurrency, endpoint.attempts) < 1:
            raise ValueError("dimensions, concurrency and attempts must be at least 1")
        self.dimensions = endpoint.dimensions
        self.max_tokens = endpoint.max_tokens
        self._endpoint = endpoint
        self._prefixes = (
            prefixes_for(endpoint.model) if endpoint.prefixes is None else endpoint.prefixes
        )
        mark = hashlib.sha256("\0".join(self._prefixes).encode()).hexdigest()[:8]
        self.model = f"{endpoint.model}:{endpoint.dimensions}:{endpoint.max_tokens}:{mark}"
        headers = {}
        if endpoint.api_key is not None:
            key = endpoint.api_key.get_secret_value()
            bearer = endpoint.key_header.lower() == "authorization"
            headers[endpoint.key_header] = f"Bearer {key}" if bearer else key
        self._client = httpx.Client(
            headers=headers,
            timeout=endpoint.timeout,
            transport=transport,
            limits=httpx.Limits(max_connections=endpoint.concurrency),
        )
        self._url = f"{endpoint.url.rstrip('/')}/embeddings"

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: shape (len(texts), dimensions), each of unit length.

        Raises:
            ProviderUnavailable: It did not answer in the tries allowed.
            ProviderRefused: It rejected the request.
            BadAnswer: It answered something else than one vector of the right length a text.
        """
        return self._embed([self._prefixes.passage + text for text in texts])

    def query(self, text: str) -> Vector:
        """The vector of a question: shape (dimensions,), unit length. Raises as `passages`."""
        vector: Vector = self._embed([self._prefixes.query + text])[0]
        return vector

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        """Use it in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def _embed(self, texts: Sequence[str]) -> Vectors:
        point = self._endpoint
        cut = [shorten(text, point.max_tokens) for text in texts]
        inputs = [text if text.strip() else "-" for text, _ in cut]  # OpenAI refuses empty ones
        plan = list(batches([size for _, size in cut], point.batch_texts, point.batch_tokens))
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        stop = threading.Event()

        def run(places: list[int]) -> None:
            try:
                vectors[places] = self._request([inputs[i] for i in places], stop)
            except BaseException:
                stop.set()
                raise

        if len(plan) <= 1:
            for places in plan:
                run(places)
            return vectors
        with ThreadPoolExecutor(min(point.concurrency, len(plan))) as pool:
            futures = [pool.submit(run, places) for places in plan]
            failures = [error for future in futures if (error := future.exception())]
        if failures:
            raise next((e for e in failures if not isinstance(e, _Stopped)), failures[0])
        return vectors

    def _request(self, inputs: list[str], stop: threading.Event) -> Vectors:
        """One batch, tried until it succeeds, is refused or was tried often enough."""
        import httpx

        body: dict[str, object] = {
            "model": self._endpoint.model,
            "input": inputs,
            "encoding_format": "float",
        }
        if self._endpoint.shortened:
            body["dimensions"] = self.dimensions
        for attempt in range(1, self._endpoint.attempts + 1):
            if stop.is_set():
                raise _Stopped("another batch failed")
            wait = backoff(attempt)
            try:
                answer = self._client.post(self._url, json=body)
            except (httpx.TransportError, httpx.DecodingError) as error:
                seen = f"no answer ({type(error).__name__})"
            else:
                if answer.status_code == 200:
                    return self._vectors(answer, len(inputs))
                if answer.status_code == 413 and len(inputs) > 1:
                    half = len(inputs) // 2
                    parts = (inputs[:half], inputs[half:])
                    return np.concatenate([self._request(part, stop) for part in parts])
                if answer.status_code not in RETRIED:
                    raise ProviderRefused(_refusal(answer.status_code, self._endpoint.model))
                seen = f"HTTP {answer.status_code}"
                asked = retry_after(answer.headers.get("retry-after"))
                wait = wait if asked is None else asked
            if wait > self._endpoint.max_wait:
                raise ProviderUnavailable(f"{seen}; it asks to wait {wait:.0f} s: try again later")
            if attempt < self._endpoint.attempts:
                stop.wait(wait)
        raise ProviderUnavailable(
            f"{seen} after {self._endpoint.attempts} tries: check that the endpoint is up"
        )

    def _vectors(self, answer: httpx.Response, expected: int) -> Vectors:
        try:
            rows = _in_order(answer.json()["data"], expected)
            vectors = np.array(rows, dtype=np.float32)
        except _NOT_AS_TOLD as error:
            raise BadAnswer(
                f"the endpoint's answer is not a list of {expected} embeddings"
            ) from error
        if vectors.ndim != 2 or vectors.shape[1] != self.dimensions:
            got = vectors.shape[1] if vectors.ndim == 2 else "mixed"
            raise DimensionMismatch(
                f"{self._endpoint.model} gives vectors of length {got}, the settings say"
                f" {self.dimensions}: correct BAILIWICK_EMBEDDING_DIMENSIONS, or set"
                " BAILIWICK_EMBEDDING_SHORTENED if the model can shorten its vectors"
            )
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise BadAnswer("the endpoint returned a vector that is zero or not finite")
        unit: Vectors = (vectors / lengths).astype(np.float32)
        return unit


_NOT_AS_TOLD = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading an answer ends in that has another shape than it should."""


class _Stopped(EmbeddingError):
    """This batch was given up since another one failed."""


def _in_order(items: list[dict[str, Any]], expected: int) -> list[list[float]]:
    """The embeddings in the order of the inputs, which ``index`` gives."""
    rows: dict[int, list[float]] = {
        item.get("index", place): item["embedding"] for place, item in enumerate(items)
    }
    if len(items) != expected:
        raise ValueError("another number of embeddings than of texts")
    return [rows[place] for place in range(expected)]


def _refusal(status: int, model: str) -> str:
    remedies = {
        401: "check BAILIWICK_EMBEDDING_API_KEY",
        403: "the key may not use this model",
        404: "check BAILIWICK_EMBEDDING_URL (up to /v1) and the model's name",
    }
    remedy = remedies.get(status, "check the model's limits and the settings")
    return f"the embedding endpoint refused {model}: HTTP {status}; {remedy}"
