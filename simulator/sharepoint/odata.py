"""The parts of OData that Graph speaks: ``$select``, ``$filter``, ``$orderby``, skip tokens."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?(?![\w:-]))"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)"
    r"|(?P<word>[A-Za-z_@][\w./@-]*)|(?P<mark>[(),:]))"
)
_COMPARE = ("eq", "ne", "gt", "ge", "lt", "le")


class BadQuery(ValueError):
    """A query option that is malformed or not supported."""


def encode(value: Any) -> str:
    """A value as an opaque token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decode(token: str) -> Any:
    """What `encode` made a token of.

    Raises:
        BadQuery: nothing did.
    """
    try:
        return json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as wrong:
        raise BadQuery("The skip token is malformed.") from wrong


def select(row: Row, names: str) -> Row:
    """The row with the named properties only, annotations kept."""
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    if not wanted or "*" in wanted:
        return row
    return {key: value for key, value in row.items() if key in wanted or key.startswith("@")}


def value_at(row: Any, path: str) -> Any:
    """The value at a path of property names; None where it ends early."""
    for name in path.split("/"):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def order(rows: list[Row], by: str) -> list[Row]:
    """The rows sorted by ``$orderby``."""
    for part in reversed([p.strip() for p in by.split(",") if p.strip()]):
        path, _, way = part.partition(" ")
        rows = sorted(
            rows, key=lambda row: str(value_at(row, path) or "").lower(), reverse=way == "desc"
        )
    return rows


def matching(rows: Iterable[Row], expression: str) -> list[Row]:
    """The rows that a ``$filter`` admits.

    Raises:
        BadQuery: the expression is malformed or beyond the subset: comparisons, ``and``, ``or``,
            ``not``, ``in``, ``startswith``, ``endswith``, ``contains`` and ``any``.
    """
    if not expression:
        return list(rows)
    return [row for row in rows if _Reader(expression, row).whole()]


class _Reader:
    """Recursive descent over one expression, for one row."""

    def __init__(self, expression: str, row: Row):
        self._row, self._names = row, {}  # type: tuple[Row, dict[str, Any]]
        self._left: list[tuple[str, str]] = []
        at = 0
        while expression[at:].strip():
            found = _TOKEN.match(expression, at)
            if found is None or found.lastgroup is None:
                raise BadQuery(f"Syntax error at position {at} in '{expression}'.")
            self._left.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    def whole(self) -> bool:
        said = self._either()
        if self._left:
            raise BadQuery(f"Syntax error at '{self._left[0][1]}'.")
        return said

    def _peek(self) -> str:
        return self._left[0][1] if self._left else ""

    def _take(self, expected: str = "") -> tuple[str, str]:
        if not self._left or (expected and self._left[0][1] != expected):
            raise BadQuery(f"Expected '{expected or 'more'}' in the filter.")
        return self._left.pop(0)

    def _either(self) -> bool:
        said = self._both()
        while self._peek() == "or":
            self._take()
            said = self._both() or said
        return said

    def _both(self) -> bool:
        said = self._one()
        while self._peek() == "and":
            self._take()
            said = self._one() and said
        return said

    def _one(self) -> bool:
        if self._peek() == "not":
            self._take()
            return not self._one()
        if self._peek() == "(":
            self._take()
            said = self._either()
            self._take(")")
            return said
        kind, text = self._take()
        if kind != "word":
            raise BadQuery(f"Unexpected '{text}' in the filter.")
        if text in ("startswith", "endswith", "contains"):
            return self._function(text)
        if text.endswith("/any"):
            return self._any(self._value(text.removesuffix("/any")))
        return self._comparison(self._value(text))

    def _function(self, name: str) -> bool:
        self._take("(")
        held = str(self._value(self._take()[1]) or "").lower()
        self._take(",")
        wanted = str(self._literal()).lower()
        self._take(")")
        if name == "contains":
            return wanted in held
        return held.startswith(wanted) if name == "startswith" else held.endswith(wanted)

    def _any(self, held: Any) -> bool:
        self._take("(")
        name = self._take()[1]
        self._take(":")
        kept, said = list(self._left), False
        for one in held if isinstance(held, list) and held else [None]:
            self._left = list(kept)
            self._names[name] = one
            said = (self._either() and one is not None) or said
        self._take(")")
        return said

    def _value(self, path: str) -> Any:
        first, _, rest = path.partition("/")
        if first in self._names:
            return value_at(self._names[first], rest) if rest else self._names[first]
        return value_at(self._row, path)

    def _literal(self) -> Any:
        kind, text = self._take()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        return {"true": True, "false": False, "null": None}.get(text, text)

    def _comparison(self, held: Any) -> bool:
        operator = self._take()[1]
        if operator == "in":
            self._take("(")
            options = [self._literal()]
            while self._peek() == ",":
                self._take()
                options.append(self._literal())
            self._take(")")
            return held in options
        if operator not in _COMPARE:
            raise BadQuery(f"The operator '{operator}' is not supported.")
        wanted = self._literal()
        if operator in ("eq", "ne"):
            same = bool(_folded(held) == _folded(wanted))
            return same == (operator == "eq")
        if held is None:
            return False
        if not isinstance(wanted, float):
            held, wanted = str(held), str(wanted)
        higher, equal = held > wanted, held == wanted
        if operator in ("gt", "ge"):
            return bool(higher or (equal and operator == "ge"))
        return bool(not higher and (not equal or operator == "le"))


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
