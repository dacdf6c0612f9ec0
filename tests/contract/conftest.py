"""An empty index of each backend in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.interface import Index
from tests.contract.chunks import DIMENSIONS, OpenIndex


@pytest.fixture(params=["embedded", "weaviate"], scope="module")
def open_index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenIndex]:
    """Opens empty indexes of one backend, and closes them all at the end."""
    opened: list[Index] = []
    if request.param == "embedded":
        from index.embedded import EmbeddedIndex

        def fresh() -> Index:
            folder = tmp_path_factory.mktemp("embedded")
            opened.append(EmbeddedIndex(folder, "1", DIMENSIONS))
            return opened[-1]

    else:
        open_weaviate = request.getfixturevalue("open_weaviate")

        def fresh() -> Index:
            opened.append(open_weaviate("1", DIMENSIONS))
            return opened[-1]

    yield fresh
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: OpenIndex) -> Index:
    """An empty index."""
    return open_index()
