"""YAML that remembers its lines and refuses repeated keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from connectors.directory.errors import DirectoryInvalid
from connectors.directory.words import same

_REMEDY = "look here and on the line above for a bracket, a quote or an indentation gone wrong"

_TOO_DEEP = (
    "nested too deeply: look for brackets that are never closed, and for an anchor (&name) that"
    " holds itself (*name)"
)


class Lines:
    """A parsed YAML file, and on which line each of its entries begins."""

    def __init__(self, path: Path, text: str):
        """Parse `text`.

        Raises:
            DirectoryInvalid: it is not YAML, is empty, or a key stands twice in one mapping.
        """
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.data: object = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise DirectoryInvalid(
                path, [(line, f"not YAML: {error.problem}; {_REMEDY}")]
            ) from None
        except (yaml.YAMLError, ValueError):
            raise DirectoryInvalid(path, [(1, f"not YAML; {_REMEDY}")]) from None
        except RecursionError:
            raise DirectoryInvalid(path, [(1, _TOO_DEEP)]) from None
        if self._root is None:
            raise DirectoryInvalid(
                path, [(1, "the file is empty; to let nobody in, let it say `people: []`")]
            )
        try:
            repeated = list(_repeated(self._root))
        except RecursionError:
            raise DirectoryInvalid(path, [(1, _TOO_DEEP)]) from None
        if repeated:
            raise DirectoryInvalid(path, repeated)

    def line(self, location: Sequence[int | str]) -> int:
        """The line (from 1) of the entry at `location`, or of the nearest that exists."""
        node = self._root
        for step in location:
            below = _child(node, step)
            if below is None:
                break
            node = below
        return int(node.start_mark.line) + 1 if node is not None else 1


def _child(node: yaml.Node | None, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if same(step, _key(key))), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _key(node: yaml.Node) -> object:
    """What a key is taken for: `yes` for true, `0x7` for a number."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()


def _repeated(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield key.start_mark.line + 1, f"{key.value!r}: the key stands twice; make them one"
            seen.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)
