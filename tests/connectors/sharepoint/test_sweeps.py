"""A sweep of a site of which a part can't be swept: the others are, this time and the next."""

from __future__ import annotations

import pytest

from connectors.interface import SourceUnavailable, Throttled
from connectors.sharepoint.connector import SharePointConnector
from corpus import Cursor, PermissionPage, Reacl
from tests.connectors.sharepoint.there import There


class _Sweeps:
    """Sweeps one after the other, each from the place that the last one saved."""

    def __init__(self, there: There, connector: SharePointConnector):
        self._connector = connector
        self._container = there.container(connector)
        self._cursor: Cursor | None = None
        self.pages: list[PermissionPage] = []
        self.error: SourceUnavailable | None = None

    def sweep(self) -> list[str]:
        """The parts in which documents were told, in their order."""
        self.pages, self.error = [], None
        try:
            for page in self._connector.permissions(self._container, self._cursor):
                self.pages.append(page)
                self._cursor = page.cursor
        except SourceUnavailable as error:
            self.error = error
        told = (c for page in self.pages for c in page.changes if isinstance(c, Reacl))
        return list(dict.fromkeys(each.part for each in told))


@pytest.fixture
def order(there: There) -> list[str]:
    """The ids of five lists of an item each, in the order in which they are swept."""
    made = []
    for number in range(4):
        made.append(there.state.create_list(site=there.made["team"], title=f"T{number}"))
        there.state.create_item(list=made[-1], author="ana", fields={"Title": "x"})
    return sorted([*made, there.made["list"]])


def test_a_server_that_goes_down_keeps_no_sweep_from_the_parts_before(
    there: There, order: list[str]
) -> None:
    sweeps = _Sweeps(there, there.connector(attempts=1))
    for broken in order[1:3]:
        there.fault("server_error", endpoint="rest.items", match=broken, times=None)
    there.fault("server_error", endpoint="sites.get", times=None)
    for _ in range(3):
        assert sweeps.sweep()[-1] == f"list/{order[0]}"
        assert sweeps.error is not None
    there.running.world.faults.clear()
    assert {f"list/{each}" for each in order} <= set(sweeps.sweep())


@pytest.mark.parametrize("kind", ["reset", "server_error", "forbidden"])
def test_one_broken_part_keeps_no_sweep_from_the_others(
    there: There, order: list[str], kind: str
) -> None:
    sweeps = _Sweeps(there, there.connector(attempts=1))
    there.fault(kind, endpoint="rest.items", match=order[2], times=None)
    well = {f"list/{each}" for each in order if each != order[2]}
    for _ in range(3):
        swept = set(sweeps.sweep())
        assert well <= swept
        assert f"list/{order[2]}" not in swept
        assert sweeps.error is not None


def test_the_clause_of_a_list_that_refuses_its_items_is_told(
    there: There, order: list[str]
) -> None:
    sweeps = _Sweeps(there, there.connector(attempts=1))
    there.fault("forbidden", endpoint="rest.items", match=order[2], times=None)
    sweeps.sweep()
    told = {clause.key: clause for page in sweeps.pages for clause in page.clauses}
    assert told[f"list/{order[2]}"].known


def test_a_sweep_that_is_throttled_goes_on_where_it_was(there: There, order: list[str]) -> None:
    sweeps = _Sweeps(there, there.connector(attempts=1))
    there.fault("rate_limit", endpoint="rest.items", match=order[2], times=None)
    first = sweeps.sweep()
    assert isinstance(sweeps.error, Throttled)
    assert first[-1] == f"list/{order[1]}"
    there.running.world.faults.clear()
    second = sweeps.sweep()
    assert second[0] == f"list/{order[2]}"
    assert sweeps.error is None
