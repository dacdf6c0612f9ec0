"""Errors of the Weaviate client as ours: the kind and the status, never its words."""

from __future__ import annotations

import httpx
import pytest

from index.interface import SearchIndexError
from index.weaviate.connection import translated


def test_no_word_of_what_was_written_is_told():
    from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateBaseError

    answer = httpx.Response(422, text="invalid property: Secret title")
    for error, said in (
        (WeaviateBaseError("Secret title"), "Weaviate, writing: WeaviateBaseError"),
        (
            UnexpectedStatusCodeError("Secret title", answer),
            "Weaviate, writing: UnexpectedStatusCodeError, HTTP 422",
        ),
        (httpx.ConnectError("Secret title"), "Weaviate, writing: ConnectError"),
    ):
        with pytest.raises(SearchIndexError) as raised, translated("writing"):
            raise error
        assert str(raised.value) == said
