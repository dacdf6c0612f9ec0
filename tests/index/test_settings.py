"""Settings of the index, as a person writes them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from index.settings import IndexSettings


def test_languages_are_parted_by_commas(monkeypatch):
    monkeypatch.setenv("BAILIWICK_INDEX_LANGUAGES", "german, english")
    assert IndexSettings(_env_file=None).languages == ("german", "english")


def test_a_language_without_a_stemmer_is_refused(monkeypatch):
    monkeypatch.setenv("BAILIWICK_INDEX_LANGUAGES", "klingon")
    with pytest.raises(ValidationError, match="no Snowball stemmer for"):
        IndexSettings(_env_file=None)
