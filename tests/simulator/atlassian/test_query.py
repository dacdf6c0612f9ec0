from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.atlassian.query import (
    Branch,
    Call,
    Clause,
    QueryError,
    holds,
    instant,
    parse_query,
)

NOW = datetime(2026, 6, 15, 9, 0, 30, tzinfo=UTC)
DUBLIN = ZoneInfo("Europe/Dublin")


def test_and_binds_tighter_than_or_and_order_is_kept():
    query = parse_query('a = 1 or not b != "x y" and (c in (2, "3") or d ~ e) ORDER BY f DESC, g')
    assert query.where == Branch(
        "or",
        (
            Clause("a", "=", ("1",)),
            Branch(
                "and",
                (
                    Branch("not", (Clause("b", "!=", ("x y",)),)),
                    Branch("or", (Clause("c", "in", ("2", "3")), Clause("d", "~", ("e",)))),
                ),
            ),
        ),
    )
    assert query.order == (("f", True), ("g", False))


def test_functions_quotes_and_emptiness():
    query = parse_query(
        r'who = currentUser() and at > now("-4h") and t = "say \"hi\"" and l is not empty'
    )
    assert query.where is not None
    values = [clause.values for clause in query.where.nodes]
    assert values == [
        (Call("currentuser", ()),),
        (Call("now", ("-4h",)),),
        ('say "hi"',),
        ("empty",),
    ]
    assert query.where.nodes[3].op == "is not"


@pytest.mark.parametrize(
    "text", ["a =", "a = 1 and", "(a = 1", "a = 1 b = 2", "= 1", "a in (1", ";"]
)
def test_malformed_queries_are_refused(text):
    with pytest.raises(QueryError):
        parse_query(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-06-15 10:00", datetime(2026, 6, 15, 9, 0, tzinfo=UTC)),
        ("2026/01/15", datetime(2026, 1, 15, 0, 0, tzinfo=UTC)),
        ("2026-06-15", datetime(2026, 6, 14, 23, 0, tzinfo=UTC)),
        ("-90m", datetime(2026, 6, 15, 7, 30, 30, tzinfo=UTC)),
        ("-1w 2d", datetime(2026, 6, 6, 9, 0, 30, tzinfo=UTC)),
        (Call("now", ("-1d",)), datetime(2026, 6, 14, 9, 0, 30, tzinfo=UTC)),
        (Call("startofday", ()), datetime(2026, 6, 14, 23, 0, tzinfo=UTC)),
        ("2026-06-15 10:00:30", None),
        ("yesterday", None),
    ],
)
def test_dates(text, found):
    assert instant(text, NOW, DUBLIN) == found


@settings(deadline=None)
@given(st.recursive(st.booleans(), lambda inner: st.lists(inner, min_size=1, max_size=3)))
def test_conditions_hold_as_booleans_do(tree):
    def text(node, deep=0):
        if isinstance(node, bool):
            return f"x = {str(node).lower()}"
        return "(" + (" and " if deep % 2 else " or ").join(text(n, deep + 1) for n in node) + ")"

    def truth(node, deep=0):
        if isinstance(node, bool):
            return node
        return (all if deep % 2 else any)(truth(n, deep + 1) for n in node)

    where = parse_query(text(tree)).where
    assert holds(where, lambda clause: clause.values[0] == "true") is truth(tree)
