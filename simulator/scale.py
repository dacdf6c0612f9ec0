"""A million documents under a seed: shapes and text computed on demand, nothing kept."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from simulator.vendor import vendors

if TYPE_CHECKING:
    from simulator.world import World


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_WHO = _split(
    "The crew|Our customer|The gateway|The buoy|Quality|The harbour master|Finance|The probe|"
    "Support|The supplier|The farmer|Firmware|The auditor|The skipper|A technician|The team|"
    "The night shift|The pilot site|Procurement|The workshop|The port|Operations|The lab|Sales|"
    "The board|A contractor|The mooring|The register|The city|The university|The inspector|"
    "The insurer"
)
_DID = _split(
    "measured|replaced|asked for|recorded|lost|approved|cleaned|tested|postponed|delivered|"
    "rejected|reviewed|found|reported|calibrated|ordered|returned|compared|moved|signed|counted|"
    "repaired|sampled|paid for|promised|questioned|inspected|documented|archived|estimated|"
    "confirmed|cancelled"
)
_WHAT = _split(
    "the turbidity offset|two anodes|the spring budget|a spare antenna|the salinity curve|"
    "eleven frames|the service contract|a bent wiper|the tide window|the certificate|"
    "a second quote|the mooring chain|the firmware image|the oxygen probe|last year's invoice|"
    "the delivery note|the wave limit|a battery pack|the training plan|the alarm threshold|"
    "the site survey|four shackles|the data gap|the insurance form|the top light|the new resin|"
    "a travel claim|the drop weight|the radio mast|the key ceremony|the sampling plan|"
    "the error report"
)
_WHEN = _split(
    "before the tide turned|in the first week|during the storm|after the audit|at the quay|"
    "without a written order|for the third time|on behalf of the owner|as agreed|"
    "within the warranty|at the customer's cost|under the old policy|in heavy swell|"
    "together with the lab|once the register was closed|ahead of the inspection"
)


def draw(seed: int, *key: object) -> int:
    """A 64-bit number that is always the same for the same seed and key."""
    text = "/".join(map(str, (seed, *key))).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


def chosen(options: Sequence[str], seed: int, *key: object) -> str:
    """One of `options`, always the same one for the same seed and key."""
    return options[draw(seed, *key) % len(options)]


def prose(seed: int, key: str, words: int) -> str:
    """About `words` words in sentences and paragraphs; the same for the same seed and key."""
    state, said = draw(seed, key), []
    for sentence in range(max(words // 9, 1)):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        pick = state >> 24
        said.append(
            f"{_WHO[pick & 31]} {_DID[pick >> 5 & 31]} {_WHAT[pick >> 10 & 31]} "
            f"{_WHEN[pick >> 15 & 15]}{_END[sentence % 5 == 4]}"
        )
    return "".join(said).rstrip()


_END = (". ", ".\n\n")


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
