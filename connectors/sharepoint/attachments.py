"""An item and the files attached to it as one body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from hashlib import sha256

from corpus import Content


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a body."""

    name: str
    """The file's name; empty for the item itself."""
    media_type: str
    data: bytes


def bundled(item: Attachment, attached: Sequence[Attachment]) -> Content:
    """The item alone, or it and its files as ``multipart/mixed`` (RFC 2046 §5.1.3).

    Who may read an item may read what is attached to it, and nobody else may: they are one
    document. Equal files make equal bytes, so that nothing unchanged is chunked again.
    """
    if not attached:
        return Content(item.data, item.media_type)
    digest = sha256()
    whole = EmailMessage(policy=policy.SMTP)
    whole["Content-Type"] = "multipart/mixed"
    for each in (item, *attached):
        digest.update(f"{each.name}\0{len(each.data)}\0".encode() + each.data)
        main, _, sub = each.media_type.partition("/")
        part = EmailMessage(policy=policy.SMTP)
        part.set_content(each.data, main, sub, disposition="attachment", filename=each.name or None)
        whole.attach(part)
    whole.set_boundary(digest.hexdigest()[:40])
    return Content(whole.as_bytes(), "multipart/mixed")
