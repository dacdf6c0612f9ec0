"""What is wrong with an entry of a directory file, in words for whoever writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from access import Source
from connectors.directory.schema import DirectoryEntry, GroupEntry, PersonEntry, TenantEntry

Place = Sequence[int | str]
_KEY = "[key]"
"""What pydantic ends a place with when the key itself is wrong."""
_PLAIN = re.compile(r"[\w-]+")
_ENTRIES: Mapping[object, tuple[type[BaseModel], str, int]] = {
    "people": (PersonEntry, "a person", 2),
    "groups": (GroupEntry, "a group", 3),
    "tenants": (TenantEntry, "a tenant", 3),
}
"""The model of an entry, what it is called, and how many steps lead to it."""


def place(location: Place, data: object) -> str:
    """Where something is: the keys on the way there, ``#1`` being the first entry of a list.

    Args:
        location: the way, as pydantic tells it.
        data: the whole file: whether a number is a key or an entry shows there alone.
    """
    told = ""
    for at, step in enumerate(location):
        within = _at(data, location[:at])
        if isinstance(step, int) and not isinstance(within, Mapping):
            told += f" #{step + 1}"
        elif step != _KEY or isinstance(within, Mapping):
            told += f".{_written(step, within)}" if told else _written(step, within)
    return told or "the file"


def same(step: int | str, key: object) -> bool:
    """Whether a step leads to `key`; of one that is neither text nor a number it is the repr."""
    return key == step or (not isinstance(key, str) and step in (str(key), repr(key)))


def _written(step: int | str, within: object) -> str:
    """A key on one line, be it whatever."""
    keys = within if isinstance(within, Mapping) else ()
    key = next((each for each in keys if same(step, each)), step)
    return repr(key) if isinstance(key, str) and not _PLAIN.fullmatch(key) else str(key)


def words(error: ErrorDetails, data: object) -> str:
    """What is wrong and what to do about it.

    Args:
        error: one of pydantic's, of `DirectoryEntry`.
        data: the whole file.
    """
    location = error["loc"]
    last = str(location[-1]) if location else ""
    kind = error["type"]
    if kind == "enum":  # the names of sources alone, and they are keys
        last = str(location[-2])
        return f"there is no source {last!r}{_instead(last, [each.value for each in Source])}"
    if kind == "missing":
        return f"it is missing: {_called(location)} needs {last!r}"
    if kind == "extra_forbidden":
        return f"{_called(location)} has no {last!r}{_instead(last, _known_to(location))}"
    if kind == "invalid_key":
        return f"{_called(location)} has no such key; there are {', '.join(_known_to(location))}"
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        return f"it may be {error['ctx']['expected']}, and nothing else"
    if kind == "string_too_short":
        return "it is empty: say what it is, or leave the line out"
    wanted = {
        "string_type": "text; put it in quotes",
        "bool_type": "true or false, without quotes",
        "tuple_type": "a list, each entry on a line of its own after '- '",
        "dict_type": "keys with values, such as 'google_drive: …'",
        "model_type": f"{_called((*location, ''))}: keys with values, such as {_example(location)}",
    }.get(kind)
    if wanted is None:
        return f"{error['msg']}; docs/directory.md shows how it is written"
    return f"it is {_what(_at(data, location))}, and must be {wanted}"


def _model(location: Place) -> tuple[type[BaseModel], str]:
    """The model of the entry in which a key stands."""
    found = _ENTRIES.get(location[0]) if location else None
    if found is None or len(location) <= found[2]:
        return DirectoryEntry, "the file"
    return found[:2]


def _called(location: Place) -> str:
    return _model(location)[1]


def _known_to(location: Place) -> list[str]:
    return list(_model(location)[0].model_fields)


def _example(location: Place) -> str:
    return f"'{_known_to((*location, ''))[0]}: …'"


def _instead(wrong: str, known: Sequence[str]) -> str:
    close = get_close_matches(wrong, known, 1)
    meant = f" (is {close[0]!r} meant?)" if close else ""
    return f"{meant}; there are {', '.join(known)}"


def _at(data: object, location: Place) -> object:
    for step in location:
        try:
            data = data[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _what(value: object) -> str:
    if value is None:
        return "empty"
    names = {bool: "true or false", int: "a number", float: "a number", str: "text"}
    names |= {list: "a list", dict: "keys with values"}
    return names.get(type(value), "a date" if hasattr(value, "isoformat") else "something else")
