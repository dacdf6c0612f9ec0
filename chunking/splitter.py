"""Blocks to chunks within an exact token budget.

Blocks become units that are not cut: a sentence or line, a list item's sentence, a table row, a
line of code. Units are packed in order. Where a chunk is full, it is not cut at the last unit
that fits but at the one of its second half whose text has the smallest hash, paragraphs before
sentences: the same sentence is then chosen again after an edit further up, so an edit changes
the chunk that it is in, sometimes the next, and not the rest of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from chunking.blocks import Block, BlockKind
from chunking.tokens import count, pieces, tail
from corpus import Chunk

_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]]*[^\S\n]+(?=\S)|(?<=[。！？])(?=\S)")
_WITHIN, _SENTENCES, _BLOCKS, _SECTIONS = range(4)
_PATH_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut."""

    text: str
    glue: str
    """What stands between it and the unit before it, in one chunk."""
    break_before: int
    """How good a place it is to cut before this unit."""
    tokens: int
    """Of glue and text."""
    path: tuple[str, ...]
    page: int | None
    prose: bool
    """Whether the next chunk may repeat its end."""
    lead: str = ""
    """The table's first row, to repeat when a chunk begins with this row."""


@dataclass(frozen=True, slots=True)
class Splitter:
    """Cuts blocks into chunks."""

    budget: int
    """Most tokens of a chunk."""
    overlap: int
    """Most tokens of prose that a chunk repeats from the one before it."""

    def __post_init__(self) -> None:
        """Refuse settings that leave no room for text.

        Raises:
            ValueError: The budget is below 16 tokens or the overlap above a quarter of it.
        """
        if self.budget < 16 or not 0 <= self.overlap <= self.budget // 4:
            raise ValueError(
                "the budget is at least 16 tokens, the overlap at most a quarter of it"
            )

    def split(self, blocks: Iterable[Block]) -> tuple[Chunk, ...]:
        """The chunks, numbered from 0; every word of the blocks is in one of them."""
        units = list(self._units(blocks))
        chunks: list[Chunk] = []
        start, carried = 0, ""
        while start < len(units):
            head = carried or units[start].lead
            end = self._end(units, start, count(head) + 2 if head else 0)
            text, tokens, end = self._fit(units, start, end, head)
            group = units[start:end]
            path = _common([unit.path for unit in group])
            chunks.append(Chunk(len(chunks), text, tokens, path, group[0].page))
            carried = self._carry(units, end)
            start = end
        return tuple(chunks)

    def _end(self, units: Sequence[_Unit], start: int, used: int) -> int:
        """Where to cut: the index of the first unit of the next chunk."""
        total, end = used + units[start].tokens, start + 1
        floors = [total]
        while end < len(units):
            unit = units[end]
            if unit.break_before == _SECTIONS and total * 3 >= self.budget:
                return end
            if total + unit.tokens > self.budget:
                break
            total += unit.tokens
            floors.append(total)
            end += 1
        if end == len(units):
            return end
        half = [
            cut for cut in range(start + 1, end + 1) if floors[cut - start - 1] * 2 >= self.budget
        ]
        best = min(half or [end], key=lambda cut: (-units[cut].break_before, _rank(units[cut])))
        while best - 1 > start and units[best - 1].break_before == _SECTIONS:
            best -= 1  # a heading goes with what it heads
        return best

    def _fit(self, units: Sequence[_Unit], start: int, end: int, head: str) -> tuple[str, int, int]:
        """The text from `start` on that is within the budget, its tokens, and where it ends.

        A text's tokens are not exactly the sum of its parts', so this has the last word.
        """
        while True:
            text = _join(units[start:end], head)
            tokens = count(text)
            if tokens <= self.budget or (end - start == 1 and not head):
                return text, tokens, end
            if end - start > 1:
                end -= 1
            else:
                head = ""

    def _carry(self, units: Sequence[_Unit], end: int) -> str:
        """What the next chunk repeats: the last words of the prose before it."""
        if self.overlap == 0 or end >= len(units) or not units[end - 1].prose:
            return ""
        if units[end].break_before == _SECTIONS or not units[end].prose:
            return ""
        return tail(units[end - 1].text, self.overlap)

    def _units(self, blocks: Iterable[Block]) -> Iterator[_Unit]:
        stack: list[tuple[int, str]] = []
        path: tuple[str, ...] = ()
        before: BlockKind | None = None
        for block in blocks:
            if block.kind is BlockKind.HEADING:
                while stack and stack[-1][0] >= block.level:
                    stack.pop()
                stack.append((block.level, block.text[:_PATH_CHARACTERS]))
                path = tuple(text for _, text in stack)
            yield from self._block_units(block, path, before is block.kind is BlockKind.ITEM)
            before = block.kind

    def _block_units(self, block: Block, path: tuple[str, ...], listed: bool) -> Iterator[_Unit]:
        prose = block.kind in (BlockKind.TEXT, BlockKind.ITEM)
        within = _SENTENCES if prose else _WITHIN
        limit = self.budget - self.overlap - 4
        glue = "\n" if listed else "\n\n"
        place = _SECTIONS if block.kind is BlockKind.HEADING else _BLOCKS
        lead = ""
        for line in block.text.split("\n"):
            line = line.rstrip()
            if not line:
                continue
            for text in _sentences(line) if prose else (line,):
                tokens = count(glue + text)
                if tokens <= limit:
                    yield _Unit(text, glue, place, tokens, path, block.page, prose, lead)
                    glue, place = " ", within
                    continue
                for piece in pieces(text, limit - 2):
                    tokens = count(glue + piece)
                    yield _Unit(piece, glue, place, tokens, path, block.page, prose, lead)
                    glue, place = " ", _WITHIN
            if block.kind is BlockKind.TABLE and not lead and count(line) * 4 <= self.budget:
                lead = line
            glue, place = "\n", _SENTENCES


def _sentences(line: str) -> list[str]:
    parts, start = [], 0
    for match in _SENTENCE.finditer(line):
        parts.append(line[start : match.end()].strip())
        start = match.end()
    parts.append(line[start:].strip())
    return [part for part in parts if part]


def _join(units: Sequence[_Unit], head: str) -> str:
    first = units[0]
    parts = [head, " " if first.break_before < _BLOCKS and first.prose else "\n"] if head else []
    parts.append(first.text)
    for unit in units[1:]:
        parts += (unit.glue, unit.text)
    return "".join(parts)


def _common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings that all of a chunk stands under."""
    low, high = min(paths), max(paths)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), None)
    return low[: len(low) if same is None else same]


def _rank(unit: _Unit) -> bytes:
    return blake2b(unit.text.encode(), digest_size=8).digest()
