"""Request bodies, read without trusting their shape."""

from __future__ import annotations

from typing import Any

from simulator.wire import Call


class Body:
    """A JSON object; empty where the request holds anything else."""

    __slots__ = ("given",)

    def __init__(self, given: Any):
        """Take what was sent."""
        self.given: dict[str, Any] = given if isinstance(given, dict) else {}

    @classmethod
    def of(cls, call: Call) -> Body:
        """The body of a request."""
        return cls(call.json())

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def part(self, *path: str) -> Body:
        """The object at the end of a path."""
        at = self
        for name in path:
            at = Body(at.given.get(name))
        return at

    def text(self, name: str, default: str = "") -> str:
        """A text; numbers are told as text, all else is `default`."""
        found = self.given.get(name)
        if isinstance(found, str):
            return found
        number = isinstance(found, int) and not isinstance(found, bool)
        return str(found) if number else default

    def whole(self, name: str) -> int | None:
        """A whole number."""
        found = self.given.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def items(self, name: str) -> list[Any]:
        """A list; empty where it is none."""
        found = self.given.get(name)
        return found if isinstance(found, list) else []

    def parts(self, name: str) -> list[Body]:
        """The objects of a list."""
        return [Body(one) for one in self.items(name) if isinstance(one, dict)]

    def texts(self, name: str) -> list[str]:
        """The texts and numbers of a list, as text."""
        return [
            str(one)
            for one in self.items(name)
            if isinstance(one, str | int) and not isinstance(one, bool)
        ]
