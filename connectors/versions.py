"""Versions of documents whose source gives none that changes with all that is shown of them."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256


def version_of(*shown: object) -> str:
    """A version that changes with the body and with everything else that a stored document shows.

    A rename must reach the reader, and an unchanged version is not sent again.

    Args:
        shown: numbers, texts, instants, None, and sequences of numbers and texts.
    """
    plain = [
        each.isoformat() if isinstance(each, datetime) else "" if each is None else each
        for each in shown
    ]
    return sha256(json.dumps(plain).encode()).hexdigest()[:32]
