"""What some models want before a question and before a passage."""

from __future__ import annotations

from typing import NamedTuple


class Prefixes(NamedTuple):
    """Put before texts as they are, a blank included where the model wants one."""

    query: str = ""
    passage: str = ""


_SEARCHING = "Represent this sentence for searching relevant passages: "
_INSTRUCT = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
)
# From the models' own cards; the longest part that a model's name contains decides.
_KNOWN = {
    "e5-": Prefixes("query: ", "passage: "),
    "e5-mistral": Prefixes(_INSTRUCT, ""),
    "nomic-embed-text": Prefixes("search_query: ", "search_document: "),
    "modernbert-embed": Prefixes("search_query: ", "search_document: "),
    "bge-small-en": Prefixes(_SEARCHING, ""),
    "bge-base-en": Prefixes(_SEARCHING, ""),
    "bge-large-en": Prefixes(_SEARCHING, ""),
    "mxbai-embed-large": Prefixes(_SEARCHING, ""),
    "snowflake-arctic-embed": Prefixes(_SEARCHING, ""),
    "snowflake-arctic-embed-m-v2": Prefixes("query: ", ""),
    "snowflake-arctic-embed-l-v2": Prefixes("query: ", ""),
    "qwen3-embedding": Prefixes(_INSTRUCT, ""),
    "embeddinggemma": Prefixes("task: search result | query: ", "title: none | text: "),
}


def prefixes_for(model: str) -> Prefixes:
    """The prefixes that a model was trained with; none for a model that is not known here."""
    name = model.lower()
    known = [part for part in _KNOWN if part in name]
    return _KNOWN[max(known, key=len)] if known else Prefixes()
