"""A body that is several: something and the files attached to it, as ``multipart/mixed``."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email import policy

from chunking.errors import TooLarge

LABEL = "multipart/mixed"
MAX_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """One of the bodies."""

    name: str
    """The file's name; empty for what the others are attached to."""
    media_type: str
    data: bytes


def bundled(media_type: str) -> bool:
    """Whether a label says that a body is several. Here the label decides: it is our own."""
    return media_type.partition(";")[0].strip().lower() == LABEL


def parts(data: bytes) -> list[Part]:
    """The bodies in a body, in their order.

    Raises:
        TooLarge: There are more than `MAX_PARTS`.
        ValueError: It is no such body.
    """
    whole = email.message_from_bytes(data, policy=policy.default)
    if not whole.is_multipart():
        raise ValueError("not a multipart body")
    found: list[Part] = []
    for each in whole.iter_parts():
        if len(found) >= MAX_PARTS:
            raise TooLarge("the body has too many parts", "split it")
        held = each.get_payload(decode=True)
        kind = "application/octet-stream" if each.is_multipart() else each.get_content_type()
        content = held if isinstance(held, bytes) else b""
        found.append(Part(each.get_filename() or "", kind, content))
    return found
