"""What the whole suite shares."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def open_weaviate() -> object:
    """Opens empty Weaviate indexes on a real server."""
    pytest.skip("no Weaviate yet")
