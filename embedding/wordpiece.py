"""The WordPiece tokenizer of all-MiniLM-L6-v2, built from the vocabulary carried here.

The vocabulary is data/minilm-vocab.txt, one word a line in the order of its ids; where it
comes from is said in data/NOTICE. Everything else about the tokenizer is the configuration of
BERT uncased, so no tokenizer file has to be carried or downloaded.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

from embedding.interface import ModelCorrupt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def vocabulary() -> dict[str, int]:
    """The 30,522 words and their ids.

    Raises:
        ModelCorrupt: The file is not the one that was published.
    """
    data = files("embedding").joinpath("data", "minilm-vocab.txt").read_bytes()
    if hashlib.sha256(data).hexdigest() != VOCABULARY_SHA256:
        raise ModelCorrupt(
            "embedding/data/minilm-vocab.txt has been altered; reinstall bailiwick to restore it"
        )
    words = data.decode().split("\n")[:-1]
    return {word: number for number, word in enumerate(words)}


def minilm_tokenizer(max_tokens: int | None = None) -> Tokenizer:
    """The tokenizer of sentence-transformers/all-MiniLM-L6-v2.

    Args:
        max_tokens: Cut after this many tokens, the two special ones counted; None never cuts.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    words = vocabulary()
    tokenizer = Tokenizer(
        models.WordPiece(words, unk_token="[UNK]", max_input_chars_per_word=100)  # noqa: S106
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", words["[CLS]"]), ("[SEP]", words["[SEP]"])],
    )
    tokenizer.decoder = decoders.WordPiece()
    if max_tokens is not None:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer
