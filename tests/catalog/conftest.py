"""A fresh catalog for each test."""

from __future__ import annotations

import pytest

from catalog.database import Catalog


@pytest.fixture
def catalog(tmp_path):
    with Catalog.at(tmp_path) as opened:
        yield opened
