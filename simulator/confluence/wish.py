"""What a request asks to be told at once, with ``expand``."""

from __future__ import annotations


class Wish:
    """What ``expand`` asks for: a tree."""

    def __init__(self, text: str = ""):
        """Read ``a.b,c``."""
        self.parts: dict[str, Wish] = {}
        for path in filter(None, text.split(",")):
            at = self
            for part in path.strip().split("."):
                at = at.parts.setdefault(part, Wish())

    def __contains__(self, part: str) -> bool:
        return part in self.parts

    def into(self, part: str) -> Wish:
        """What is asked for below `part`."""
        return self.parts.get(part) or Wish()

    def plus(self, text: str) -> Wish:
        """With defaults added."""
        for name, wish in Wish(text).parts.items():
            self.parts.setdefault(name, wish)
        return self
