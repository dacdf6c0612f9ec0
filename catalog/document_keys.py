"""What a document's stages depend on, as keys that change when it does."""

from __future__ import annotations

import hashlib
import json

from corpus import Document


def body_key(each: Document, digest: str | None) -> str:
    """Changes when the chunks may: with the body, its type, or the title they carry."""
    return _hash(digest, each.content.media_type, each.content.skipped, each.title)


def index_key(each: Document, digest: str | None, canonical: bool) -> str:
    """Changes when anything that the index holds may, the scope apart."""
    return _hash(
        body_key(each, digest),
        each.url,
        each.kind,
        each.owners,
        each.created_at and each.created_at.isoformat(),
        each.modified_at and each.modified_at.isoformat(),
        canonical,
    )


def another(key: str) -> str:
    """A key that differs from `key`: nothing has changed, and the work is to be done anew."""
    return _hash(key, "anew")


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
