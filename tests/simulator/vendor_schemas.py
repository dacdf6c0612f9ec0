"""The vendors' published descriptions of their APIs, where they are to be had."""

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PLACES = (
    *([Path(os.environ["VENDOR_SCHEMAS"])] if "VENDOR_SCHEMAS" in os.environ else []),
    _ROOT / "vendor-schemas",
    _ROOT.parent / "shared" / "vendor-schemas",
)
ABSENT = "the vendors' schemas are not here; VENDOR_SCHEMAS names their folder"


def published(name):
    """The file of this name; None where it is not to be had."""
    return next((place / name for place in _PLACES if (place / name).exists()), None)
