"""The company that the tests read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.embedded import serve
from tests.connectors.sharepoint.there import (
    There,
    office,
)


@pytest.fixture
def there() -> Iterator[There]:
    world, state, made = office()
    with serve(world) as running:
        yield There(running, state, made)
