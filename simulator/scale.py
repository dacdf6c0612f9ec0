"""A million documents under a seed: shapes and text computed on demand, nothing kept."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from simulator.vendor import vendors

if TYPE_CHECKING:
    from simulator.world import World

_TEXT = (
    "the sensor buoy reads salinity and turbidity every ten minutes then sends one frame over "
    "radio to a gateway which signs it before storage so that a customer can trust each value "
    "calibration drifts with fouling therefore crews wipe optics monthly and log offsets in a "
    "shared register where quality staff compare units by batch firmware version and site "
    "budget owners review spend each quarter and approve travel for field work ahead of tides"
)
_WORDS = tuple(_TEXT.split())


def draw(seed: int, *key: object) -> int:
    """A 64-bit number that is always the same for the same seed and key."""
    text = "/".join(map(str, (seed, *key))).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


def chosen(options: Sequence[str], seed: int, *key: object) -> str:
    """One of `options`, always the same one for the same seed and key."""
    return options[draw(seed, *key) % len(options)]


def prose(seed: int, key: str, words: int) -> str:
    """About `words` words in sentences; the same for the same seed and key."""
    state, said, sentence = draw(seed, key), [], []
    for _ in range(words):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        sentence.append(_WORDS[(state >> 33) % len(_WORDS)])
        if len(sentence) > 5 and (state >> 20) % 9 == 0:
            said.append(" ".join(sentence).capitalize() + ".")
            sentence = []
    if sentence:
        said.append(" ".join(sentence).capitalize() + ".")
    return " ".join(said)


def power_law(seed: int, key: object, most: int) -> int:
    """A size between 1 and `most`: many small, few large."""
    unit = (draw(seed, key, "size") % 10**6 + 1) / 10**6
    return max(1, min(most, round(float(unit**-0.8))))


def grow(world: World, documents: int) -> None:
    """Share out `documents` generated documents among the vendors that can grow."""
    able = [vendor for vendor in vendors() if vendor.grow is not None]
    whole = sum(vendor.share for vendor in able)
    left = documents
    for vendor in able:
        part = left if vendor is able[-1] else documents * vendor.share // whole
        left -= part
        if vendor.grow is not None and part > 0:
            vendor.grow(world, part)
