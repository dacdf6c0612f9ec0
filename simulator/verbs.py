"""Verbs: the only way in which a world changes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Self, TypeVar, cast

if TYPE_CHECKING:
    from simulator.world import World

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="State")


class VerbError(ValueError):
    """A verb was refused: no such object, or a thing the vendor does not allow."""


class State:
    """Something of a world that verbs change."""

    name: ClassVar[str]
    """The first half of its verbs' names: ``google`` in ``google.share``."""

    def __init__(self, world: World):
        self.world = world

    @classmethod
    def verbs(cls) -> list[str]:
        """The names of its verbs, without the prefix, sorted."""
        return sorted(n for n, f in inspect.getmembers(cls) if getattr(f, "is_verb", False))


class VendorState(State):
    """One vendor's objects. Subclass it and set `name`."""

    @classmethod
    def of(cls, world: World) -> Self:
        """This vendor's state in `world`."""
        found = world.states[cls.name]
        if not isinstance(found, cls):
            raise TypeError(f"{cls.name} is a {type(found).__name__} in this world")
        return found

    def directory_changed(self, kind: str, subject: str) -> None:
        """Called within a directory verb.

        Args:
            kind: the verb's name, such as ``remove_member``.
            subject: the id of the person or group that it changed.
        """


def verb(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Mark a method of a `State` as a verb: logged, timed and seeded when called from outside.

    A verb that calls another is one entry in the log. Arguments must be JSON values.
    """
    signature = inspect.signature(method)
    name = method.__name__

    @wraps(method)
    def recorded(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(self, *args, **kwargs).arguments
        given: dict[str, Any] = {k: v for k, v in bound.items() if k != "self"}
        given |= given.pop("kwargs", {})
        return self.world.record(
            f"{self.name}.{name}", given, lambda: method(self, *args, **kwargs)
        )

    recorded.is_verb = True  # type: ignore[attr-defined]
    return cast(Callable[Concatenate[S, P], R], recorded)
