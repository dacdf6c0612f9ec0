"""Drive's search language: the ``q`` of files.list.

https://developers.google.com/workspace/drive/api/guides/ref-search-terms
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from simulator.clock import parse as parse_time
from simulator.google.objects import ROLES, File
from simulator.google.view import Sight

Test = Callable[[File, Sight], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<sign>!=|<=|>=|=|<|>|\(|\))|(?P<word>[\w.]+))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


class InvalidQuery(ValueError):
    """The query does not parse."""


@dataclass(slots=True)
class Query:
    """A parsed query."""

    test: Test
    parents: list[str] = field(default_factory=list)
    """Folders that every match is directly in; narrows the search."""


def parse_query(text: str) -> Query:
    """The query that `text` says; an empty text matches all.

    Raises:
        InvalidQuery: it does not parse.
    """
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidQuery(text[at:])
        tokens.append(match[0].strip())
        at = match.end()
    if not tokens:
        return Query(lambda _file, _sight: True)
    parser = _Parser(tokens)
    test = parser.any_of(outer=True)
    if parser.at != len(tokens):
        raise InvalidQuery(tokens[parser.at])
    return Query(test, parser.parents)


class _Parser:
    def __init__(self, tokens: list[str]):
        self.tokens, self.at = tokens, 0
        self.parents: list[str] = []

    def next(self) -> str:
        if self.at >= len(self.tokens):
            raise InvalidQuery("it ends early")
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self) -> str:
        return self.tokens[self.at].lower() if self.at < len(self.tokens) else ""

    def any_of(self, outer: bool = False) -> Test:
        parts = [self.all_of(outer)]
        while self.peek() == "or":
            self.next()
            parts.append(self.all_of(False))
            self.parents.clear()
        if len(parts) == 1:
            return parts[0]
        return lambda file, sight: any(part(file, sight) for part in parts)

    def all_of(self, outer: bool) -> Test:
        parts = [self.one(outer)]
        while self.peek() == "and":
            self.next()
            parts.append(self.one(outer))
        if len(parts) == 1:
            return parts[0]
        return lambda file, sight: all(part(file, sight) for part in parts)

    def one(self, outer: bool) -> Test:
        token = self.next()
        if token.lower() == "not":
            test = self.one(False)
            return lambda file, sight: not test(file, sight)
        if token == "(":  # noqa: S105
            test = self.any_of()
            if self.next() != ")":
                raise InvalidQuery("a bracket is open")
            return test
        if token.startswith("'"):
            value = _unquote(token)
            if self.next().lower() != "in":
                raise InvalidQuery(token)
            where = self.next()
            if where == "parents" and outer:
                self.parents.append(value)
            return _holds(value, where)
        if token == "sharedWithMe" and self.peek() not in _COMPARE:  # noqa: S105
            return _shared_with_me
        return _compare(token, self.next().lower(), self.next())


def _unquote(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _holds(value: str, where: str) -> Test:
    if where == "parents":
        return lambda file, sight: file.parent == sight.folder(value)
    if where not in ("owners", "writers", "readers"):
        raise InvalidQuery(where)

    def named(file: File, sight: Sight) -> bool:
        subject = sight.subject(value)
        if where == "owners":
            return bool(file.owner) and file.owner == subject
        least = ROLES.index("writer") if where == "writers" else 0
        return any(
            ROLES.index(held.role) >= least and held.subject == subject
            for at in sight.state.ancestry(file)
            for held in at.permissions.values()
        )

    return named


def _shared_with_me(file: File, sight: Sight) -> bool:
    person = sight.person.id if sight.person else ""
    return file.owner != person and not file.drive and sight.access(file).own >= 0


def _compare(name: str, sign: str, token: str) -> Test:
    value = _unquote(token) if token.startswith("'") else token
    if name in ("trashed", "starred", "sharedWithMe"):
        wanted = (value.lower() == "true") == (sign == "=")
        if sign not in ("=", "!=") or value.lower() not in ("true", "false"):
            raise InvalidQuery(name)
        if name == "trashed":
            return lambda file, sight: sight.trashed(file) == wanted
        if name == "starred":
            return lambda _file, _sight: not wanted
        return lambda file, sight: _shared_with_me(file, sight) == wanted
    if name in ("modifiedTime", "createdTime") and sign in _COMPARE:
        return _by_time(name, _COMPARE[sign], value)
    reading = _TEXTS.get(name)
    if reading is None:
        raise InvalidQuery(name)
    if sign == "contains":
        needle = value.lower()
        if name == "name":
            return lambda file, _sight: _prefix_match(needle, file.name.lower())
        return lambda file, _sight: needle in reading(file).lower()
    if sign not in ("=", "!=") or name == "fullText":
        raise InvalidQuery(f"{name} {sign}")
    return lambda file, _sight: (reading(file) == value) == (sign == "=")


def _by_time(name: str, compare: Callable[[Any, Any], bool], value: str) -> Test:
    try:
        instant = parse_time(value)
    except ValueError as wrong:
        raise InvalidQuery(value) from wrong
    if name == "modifiedTime":
        return lambda file, _sight: compare(_second(file.modified), instant)
    return lambda file, _sight: compare(_second(file.created), instant)


def _second(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _prefix_match(needle: str, name: str) -> bool:
    """The contains operator only does prefix matching on the words of a name."""
    return name.startswith(needle) or any(
        name[at:].startswith(needle) for at in (m.end() for m in re.finditer(r"\W+", name))
    )


_TEXTS: dict[str, Callable[[File], str]] = {
    "name": lambda file: file.name,
    "mimeType": lambda file: file.mime,
    "fullText": lambda file: f"{file.name}\n{file.description}\n{file.text}",
    "shortcutDetails.targetId": lambda file: file.target,
}
