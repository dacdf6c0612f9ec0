"""``$filter`` and ``$orderby``."""

import pytest

from simulator.sharepoint.odata import BadQuery, decode, matching, order, select

ROWS = [
    {"id": 1, "name": "Ardmore", "at": "2026-01-01T00:00:00Z", "tags": ["a"], "on": True},
    {"id": 2, "name": "bryggen", "at": "2026-02-01T00:00:00Z", "tags": [], "on": False},
    {"id": 10, "name": "O'Brien", "at": "2026-03-01T00:00:00Z", "tags": ["a", "b"], "on": None},
]


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("name eq 'BRYGGEN'", [2]),
        ("name eq 'O''Brien'", [10]),
        ("name ne 'bryggen' and id lt 5", [1]),
        ("id eq 1 or id eq 10", [1, 10]),
        ("not (id eq 1)", [2, 10]),
        ("startswith(name,'a')", [1]),
        ("endswith(name, 'n') and contains(name,'ry')", [2]),
        ("at ge 2026-02-01T00:00:00Z", [2, 10]),
        ("at gt datetime'2026-02-01T00:00:00Z'", [10]),
        ("tags/any(t:t eq 'b')", [10]),
        ("not tags/any(t: t eq 'a')", [2]),
        ("on eq true", [1]),
        ("on eq null", [10]),
        ("name in ('Ardmore','bryggen')", [1, 2]),
        ("id ge 2 and (name eq 'x' or at le 2026-02-15)", [2]),
    ],
)
def test_filter(expression, ids):
    assert [row["id"] for row in matching(ROWS, expression)] == ids


@pytest.mark.parametrize(
    "expression", ["name", "name is 'x'", "(id eq 1", "id eq 1 id", "'x' eq name", "id # 3"]
)
def test_what_is_no_filter(expression):
    with pytest.raises(BadQuery):
        matching(ROWS, expression)


def test_order_select_and_tokens():
    assert [row["id"] for row in order(ROWS, "id desc")] == [10, 2, 1]
    assert [row["id"] for row in order(ROWS, "name")] == [1, 2, 10]
    row = {"@odata.etag": "e", "id": 1, "name": "x"}
    assert select(row, "name") == {"@odata.etag": "e", "name": "x"}
    with pytest.raises(BadQuery):
        decode("rubbish")
