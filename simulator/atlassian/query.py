"""The grammar that CQL and JQL share; what a clause means is each dialect's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|(?P<op>>=|<=|!=|!~|=|~|>|<)|(?P<mark>[(),])|(?P<word>[^\s()=<>!~,"']+))"""
)
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = 800
"""Words in a query; what is nested deeper than Python goes is not read."""
_SPAN = re.compile(r"([+-]?)((?:\s*\d+[mhdwM])+)$")


class QueryError(ValueError):
    """The query can't be understood; the text is for the vendor's error message."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function used as a value, such as ``now("-4h")``."""

    name: str
    args: tuple[str, ...]


Value = str | Call


@dataclass(frozen=True, slots=True)
class Clause:
    """``field op value``, or ``field in (…)``."""

    field: str
    """In lower case."""
    op: str
    """``= != ~ !~ > >= < <= in``, ``not in``, ``is`` or ``is not``."""
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """``and``, ``or`` or ``not`` over other nodes."""

    word: str
    nodes: tuple[Node, ...]


Node = Clause | Branch


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    where: Node | None
    order: tuple[tuple[str, bool], ...]
    """(field in lower case, descending)."""


class _Reader:
    def __init__(self, text: str):
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise QueryError(
                    f"Error in the query: the character '{text[at]}' is unexpected "
                    f"(line 1, character {at + 1})."
                )
            kind = found.lastgroup or ""
            value = found[kind]
            if kind == "string":
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            self.tokens.append((kind, value))
            at = found.end()
        if len(self.tokens) > _LONGEST:
            raise QueryError("The query is too long.")
        self.at = 0

    def word(self, ahead: int = 0) -> str:
        if self.at + ahead < len(self.tokens):
            kind, value = self.tokens[self.at + ahead]
            if kind != "string":
                return value.lower()
        return ""

    def take(self, *kinds: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] not in kinds:
            near = self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"
            raise QueryError(f"Error in the query near '{near}': expected {' or '.join(kinds)}.")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def mark(self, wanted: str) -> None:
        if self.take("mark") != wanted:
            raise QueryError(f"Error in the query: expected '{wanted}'.")


def parse_query(text: str) -> Query:
    """Read a query.

    Raises:
        QueryError: it is malformed.
    """
    reader = _Reader(text)
    where = None if not reader.tokens or reader.word() == "order" else _either(reader)
    order: list[tuple[str, bool]] = []
    if reader.word() == "order":
        reader.at += 1
        if reader.take("word").lower() != "by":
            raise QueryError("Error in the query: expected 'by' after 'order'.")
        while True:
            field, down = reader.take("word", "string").lower(), False
            if reader.word() in ("asc", "desc"):
                down = reader.take("word").lower() == "desc"
            order.append((field, down))
            if reader.word() != ",":
                break
            reader.at += 1
    if reader.at < len(reader.tokens):
        raise QueryError(f"Error in the query near '{reader.tokens[reader.at][1]}'.")
    return Query(where, tuple(order))


def _either(reader: _Reader) -> Node:
    nodes = [_both(reader)]
    while reader.word() in ("or", "||"):
        reader.at += 1
        nodes.append(_both(reader))
    return nodes[0] if len(nodes) == 1 else Branch("or", tuple(nodes))


def _both(reader: _Reader) -> Node:
    nodes = [_one(reader)]
    while reader.word() in ("and", "&&"):
        reader.at += 1
        nodes.append(_one(reader))
    return nodes[0] if len(nodes) == 1 else Branch("and", tuple(nodes))


def _one(reader: _Reader) -> Node:
    if reader.word() in ("not", "!"):
        reader.at += 1
        return Branch("not", (_one(reader),))
    if reader.word() == "(":
        reader.at += 1
        found = _either(reader)
        reader.mark(")")
        return found
    field = reader.take("word", "string").lower()
    if reader.word() == "is":
        reader.at += 1
        op = "is"
        if reader.word() == "not":
            reader.at += 1
            op = "is not"
        return Clause(field, op, (reader.take("word").lower(),))
    if reader.word() in ("in", "not"):
        op = reader.take("word").lower()
        if op == "not":
            if reader.take("word").lower() != "in":
                raise QueryError("Error in the query: expected 'in' after 'not'.")
            op = "not in"
        if reader.word() != "(":
            return Clause(field, op, (_value(reader),))
        reader.at += 1
        values = [_value(reader)]
        while reader.word() == ",":
            reader.at += 1
            values.append(_value(reader))
        reader.mark(")")
        return Clause(field, op, tuple(values))
    return Clause(field, reader.take("op"), (_value(reader),))


def _value(reader: _Reader) -> Value:
    kind = reader.tokens[reader.at][0] if reader.at < len(reader.tokens) else ""
    text = reader.take("word", "string")
    if kind == "word" and reader.word() == "(":
        reader.at += 1
        args = []
        while reader.word() != ")":
            args.append(reader.take("word", "string"))
            if reader.word() == ",":
                reader.at += 1
        reader.mark(")")
        return Call(text.lower(), tuple(args))
    return text


def holds(node: Node | None, match: Callable[[Clause], bool]) -> bool:
    """Whether a query's condition holds, given what each clause says."""
    if node is None:
        return True
    if isinstance(node, Clause):
        return match(node)
    if node.word == "not":
        return not holds(node.nodes[0], match)
    if node.word == "and":
        return all(holds(one, match) for one in node.nodes)
    return any(holds(one, match) for one in node.nodes)


def clauses(node: Node | None) -> Iterator[Clause]:
    """Every clause of a condition."""
    if isinstance(node, Clause):
        yield node
    elif node is not None:
        for one in node.nodes:
            yield from clauses(one)


def instant(value: Value, now: datetime, zone: ZoneInfo) -> datetime | None:
    """What a date in a query means: at minute precision, in the zone of whoever asks.

    Takes ``yyyy-MM-dd``, ``yyyy/MM/dd``, both with ``HH:mm``, spans from now such as ``-4h``,
    and ``now()`` or ``now("-4h")``. None for anything else, a time with seconds included.
    """
    if isinstance(value, Call):
        if value.name == "startofday" and not value.args:
            return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        if value.name != "now":
            return None
        return span(value.args[0], now) if value.args else now
    text = value.strip().replace("/", "-")
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    return span(text, now)


def span(text: str, now: datetime) -> datetime | None:
    """The instant that far from `now`; None if the text is no span."""
    found = _SPAN.match(text.strip())
    if found is None:
        return None
    seconds = 0
    for number, unit in re.findall(r"(\d+)([mhdwM])", found[2]):
        seconds += int(number) * (2_592_000 if unit == "M" else _UNITS[unit])
    try:
        gap = timedelta(seconds=seconds)
        return now - gap if found[1] == "-" else now + gap
    except OverflowError:
        return None


ORDERED = ("=", "!=", ">", ">=", "<", "<=")
"""Operators that `compare` knows."""


def compare(op: str, left: Any, right: Any) -> bool:
    """``left op right`` for the ordering operators, ``=`` and ``!=``."""
    if op == "=":
        return bool(left == right)
    if op == "!=":
        return bool(left != right)
    if op == ">":
        return bool(left > right)
    if op == ">=":
        return bool(left >= right)
    return bool(left < right) if op == "<" else bool(left <= right)


def among(clause: Clause, *shown: str) -> bool:
    """Whether a text field with these values satisfies ``=``, ``!=``, ``in`` or ``not in``."""
    have = {one.lower() for one in shown}
    wanted = {one.lower() for one in clause.values if isinstance(one, str)}
    if clause.op in ("=", "in"):
        return bool(have & wanted)
    if clause.op in ("!=", "not in"):
        return not have & wanted
    raise QueryError(f"The operator '{clause.op}' is not supported by the '{clause.field}' field.")
