"""The promise for SharePoint: every person x document of a whole company, beside the oracle."""

from __future__ import annotations

import pytest

from access import Source
from simulator.sharepoint.state import SharePointState
from simulator.world import World
from tests.e2e.comparison import Comparison, asked_through_a_search
from tests.e2e.saltmarsh import installation

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SHAREPOINT = Source.SHAREPOINT


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 2], ids=["Microsoft's pages", "two on a page"])
def test_everyone_reads_what_the_oracle_says_and_nothing_else(tmp_path, capsys, most):
    world = World.company()
    state = SharePointState.of(world)
    state.limit_pages(most=most)

    def left_out(name: str) -> str:
        item = state.items[name.partition(":")[2]]
        return "" if state.live(item) else "in the recycle bin"

    with installation(world, tmp_path, [SHAREPOINT]) as ours:
        ours.sync(SHAREPOINT, text=not most)
        compared = Comparison.of(ours, SHAREPOINT)
        absent = compared.absent(left_out)
        with capsys.disabled():
            compared.printed(absent)
        compared.agrees(absent)
        if not most:
            asked_through_a_search(ours, compared)
