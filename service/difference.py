"""The difference between an answer of now and one that was kept from an earlier moment."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class NotAnEarlierAnswer(ValueError):
    """A file is not what the command printed earlier with ``--json``."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What came and what went, each in order."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]


def difference(before: Iterable[str], now: Iterable[str]) -> Difference:
    """What `now` has and `before` had not, and the other way round."""
    old, new = set(before), set(now)
    return Difference(tuple(sorted(new - old)), tuple(sorted(old - new)))


def earlier(path: Path, command: str) -> list[Any]:
    """The list that `command` printed into a file with ``--json``.

    Raises:
        NotAnEarlierAnswer: the file holds something else, or can't be read.
    """
    wrong = NotAnEarlierAnswer(f"{path} is not what `bailiwick {command} --json` printed")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise wrong from error
    named = _has_person if command == "who-can-read" else _is_document
    if not isinstance(told, list) or not all(map(named, told)):
        raise wrong
    return told


def _has_person(told: object) -> bool:
    who = told.get("person") if isinstance(told, dict) else None
    return isinstance(who, dict) and who.keys() == {"issuer", "subject"}


def _is_document(told: object) -> bool:
    return isinstance(told.get("document") if isinstance(told, dict) else told, str)
