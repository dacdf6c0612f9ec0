"""A vendor: what its package hands to the core."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.oracle import Document, Rules
    from simulator.people import Person
    from simulator.verbs import VendorState
    from simulator.wire import Api
    from simulator.world import World

NAMES = ("google", "sharepoint", "confluence", "jira", "github")
"""The packages under ``simulator`` that may hold a ``VENDOR``."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's plug; ``simulator/<name>/__init__.py`` binds one to ``VENDOR``."""

    name: str
    """As in `NAMES`."""
    label: str
    """As the vendor writes it."""
    state: Callable[[World], VendorState]
    """Makes its empty state."""
    apis: Sequence[Api]
    """Its HTTP faces, one for every path prefix."""
    documents: Callable[[World], Iterable[Document]]
    """The oracle's list of everything that someone could read, gone things left out."""
    readable: Callable[[World, Person, str], bool]
    """The oracle's answer for a person and a document id."""
    rules: Sequence[Rules]
    """The oracle's rule books, for the mutation test."""
    account: Callable[[World, Person], str]
    """The person's native account id; empty where they have none."""
    company: Callable[[World], None]
    """Builds its part of the fixed company."""
    grow: Callable[[World, int], None] | None = None
    """Adds so many generated documents without holding their text; None if it can't."""
    share: int = 1
    """Its part of the generated documents, relative to the other vendors'."""


@cache
def vendors() -> tuple[Vendor, ...]:
    """Every vendor that is here, in the order of `NAMES`."""
    found = (name for name in NAMES if importlib.util.find_spec(f"simulator.{name}") is not None)
    return tuple(importlib.import_module(f"simulator.{name}").VENDOR for name in found)


def vendor_named(name: str) -> Vendor:
    """The vendor called `name`.

    Raises:
        KeyError: there is none.
    """
    for vendor in vendors():
        if vendor.name == name:
            return vendor
    raise KeyError(name)
